"""The far side's uploads, held to the dossier."""

from hashlib import sha256

import pytest

from tests.contract.linkedin.raw_caller import MEMBER, OF_PAGES, PAGE, RawCaller
from tests.contract.linkedin.schema import violations

VIDEO = bytes(range(256)) * 20


@pytest.fixture
def member() -> RawCaller:
    return RawCaller().connect()


@pytest.fixture
def page() -> RawCaller:
    return RawCaller().connect(OF_PAGES)


def small_parts(caller: RawCaller) -> RawCaller:
    caller.side.files.part_bytes = 1000
    return caller


def hashes(*contents: bytes) -> tuple[str, ...]:
    return tuple(sha256(content).hexdigest() for content in contents)


def test_one_image_several_and_a_document_are_shown_with_their_bytes(member):
    one, two = member.upload("image", b"one"), member.upload("image", b"two")
    document = member.upload("document", b"%PDF-")
    member.urn_of("A", content={"media": {"id": one, "altText": "One"}})
    images = [{"id": one, "altText": "One"}, {"id": two}]
    urn = member.urn_of("B", content={"multiImage": {"images": images}})
    member.urn_of("C", content={"media": {"id": document, "title": "c.pdf"}})
    assert urn.startswith("urn:li:ugcPost:")
    assert [(shown.kind, shown.media, shown.alt_texts) for shown in member.side.posts] == [
        ("image", hashes(b"one"), ("One",)),
        ("images", hashes(b"one", b"two"), ("One",)),
        ("document", hashes(b"%PDF-"), ()),
    ]
    assert member.side.posts[2].about["title"] == "c.pdf"
    assert all(violations(request) == [] for request in member.side.seen)


def test_a_video_comes_in_the_parts_that_linkedin_asks_for(member):
    begun = small_parts(member).begin("video", fileSizeBytes=len(VIDEO))
    places = [(part["firstByte"], part["lastByte"]) for part in begun["uploadInstructions"]]
    assert places == [(0, 999), (1000, 1999), (2000, 2999), (3000, 3999), (4000, 4999), (5000, 5119)]
    etags = member.put_parts(begun, VIDEO)
    assert member.finish(begun, etags[:-1]).status_code == 400
    assert member.finish(begun, etags[::-1]).status_code == 400
    assert member.finish(begun | {"uploadToken": ""}, etags).status_code == 400
    assert member.finish(begun, etags).status_code == 200
    urn = member.urn_of("Watch", content={"media": {"id": begun["video"], "title": "V"}})
    (shown,) = member.side.posts
    assert (shown.kind, shown.media, urn[:14]) == ("video", hashes(VIDEO), "urn:li:ugcPost")
    assert all(violations(request) == [] for request in member.side.seen)


def test_a_video_of_one_part_has_an_empty_upload_token_that_is_sent_back(member):
    assert member.begin("video", fileSizeBytes=9)["uploadToken"] == ""
    assert member.upload_video(b"one video").startswith("urn:li:video:")


def test_a_part_of_another_size_is_refused_and_parts_may_come_again_in_any_order(member):
    begun = small_parts(member).begin("video", fileSizeBytes=len(VIDEO))
    url = begun["uploadInstructions"][0]["uploadUrl"]
    assert member.http.put(url, content=VIDEO[:999]).status_code == 400
    assert member.finish(begun, ["x"]).json()["code"] == "MEDIA_ASSET_WAITING_UPLOAD"
    backwards = begun | {"uploadInstructions": begun["uploadInstructions"][::-1]}
    first_time = member.put_parts(backwards, VIDEO)
    etags = member.put_parts(begun, VIDEO)
    assert set(first_time).isdisjoint(etags)
    assert member.finish(begun, etags).status_code == 200


def test_the_bytes_of_an_image_need_the_token_and_those_of_a_video_take_none(member):
    image = member.begin("image")
    assert member.http.put(image["uploadUrl"], content=b"one").status_code == 401
    part = member.begin("video", fileSizeBytes=3)["uploadInstructions"][0]
    assert member.call("PUT", part["uploadUrl"], content=b"one").status_code == 401
    assert member.http.put(part["uploadUrl"], content=b"one").headers["ETag"].startswith("/ambry-video/")


def test_an_upload_url_is_used_as_it_was_given_and_before_it_ends(member):
    url = member.begin("image")["uploadUrl"]
    assert member.call("PUT", url.partition("?")[0], content=b"one").status_code == 403
    begun = member.begin("video", fileSizeBytes=3)
    member.clock.advance(days=30)
    assert member.call("PUT", url, content=b"one").json()["code"] == "EXPIRED_UPLOAD_URL"
    assert member.http.put(begun["uploadInstructions"][0]["uploadUrl"], content=b"one").status_code == 400


def test_a_video_is_worked_on_before_it_can_be_posted(member):
    member.side.processing_seconds = 60
    urn = member.upload_video(VIDEO)
    content = {"media": {"id": urn}}
    assert member.status_of("video", urn).json()["status"] == "PROCESSING"
    assert member.post(content=content).json()["code"] == "MEDIA_ASSET_WAITING_UPLOAD"
    member.clock.advance(seconds=60)
    assert member.status_of("video", urn).json()["status"] == "AVAILABLE"
    assert member.post(content=content).status_code == 201


def test_what_was_never_uploaded_cannot_be_posted(member):
    begun = member.begin("video", fileSizeBytes=3)
    assert member.status_of("video", begun["video"]).json()["status"] == "WAITING_UPLOAD"
    assert member.post(content={"media": {"id": begun["video"]}}).status_code == 400
    assert member.post(content={"media": {"id": member.begin("image")["image"]}}).status_code == 400
    assert member.post(content={"media": {"id": "urn:li:image:unknown"}}).json()["code"] == "INVALID_URN_ID"


def test_a_video_that_cannot_be_processed_is_refused(member):
    member.side.files.spoils = True
    urn = member.upload_video(VIDEO)
    assert member.status_of("video", urn).json()["status"] == "PROCESSING_FAILED"
    assert member.post(content={"media": {"id": urn}}).json()["code"] == "MEDIA_ASSET_PROCESSING_FAILED"


def test_an_image_may_be_posted_while_it_is_worked_on_and_is_seen_unless_that_fails(member):
    member.side.processing_seconds, member.side.files.spoils = 60, True
    member.urn_of(content={"media": {"id": member.upload("image", b"spoilt")}})
    assert len(member.side.posts) == 1
    member.clock.advance(seconds=60)
    assert member.side.posts == []


def test_how_an_image_does_is_kept_from_members_who_may_only_write(member, page):
    urn = member.upload("image", b"one")
    assert member.status_of("image", urn).status_code == 403
    owned = page.upload("image", b"one", PAGE)
    assert page.status_of("image", owned).json()["status"] == "AVAILABLE"
    assert violations(page.side.seen[-1]) == []


def test_files_are_posted_by_their_owner(page):
    both = page.connect(f"{OF_PAGES} w_member_social")
    urn = both.upload("image", b"one", PAGE)
    assert both.post(content={"media": {"id": urn}}).json()["code"] == "INVALID_CONTENT_OWNERSHIP"
    assert both.post(author=PAGE, content={"media": {"id": urn}}).status_code == 201


def test_the_thumbnail_of_a_link_is_an_image(member):
    urn = member.upload("image", b"thumb")
    article = {"source": "https://example.com/a", "title": "A", "thumbnail": urn}
    member.urn_of("Read", content={"article": article})
    (shown,) = member.side.posts
    assert (shown.media, shown.about["article"]["thumbnail"]) == ((), hashes(b"thumb")[0])


@pytest.mark.parametrize(
    "content",
    [
        {"multiImage": {"images": [{"id": "urn:li:image:a"}]}},
        {"multiImage": {"images": [{"id": f"urn:li:image:{number}"} for number in range(21)]}},
        {"media": {"id": "urn:li:document:a"}},
        {"media": {"id": "urn:li:image:a"}, "article": {"source": "https://example.com", "title": "A"}},
        {"poll": {"question": "Q", "options": [{"text": "A"}], "settings": {"duration": "ONE_DAY"}}},
    ],
)
def test_content_of_another_shape_is_refused(member, content):
    assert member.post(content=content).status_code == 422


def test_a_video_that_is_too_large_is_not_begun(member):
    body = {"initializeUploadRequest": {"owner": MEMBER, "fileSizeBytes": 500_000_001}}
    answer = member.call("POST", "https://api.linkedin.com/rest/videos?action=initializeUpload", json=body)
    assert answer.status_code == 422


def test_an_upload_is_begun_for_oneself_only(member):
    body = {"initializeUploadRequest": {"owner": PAGE}}
    answer = member.call("POST", "https://api.linkedin.com/rest/images?action=initializeUpload", json=body)
    assert answer.status_code == 403
