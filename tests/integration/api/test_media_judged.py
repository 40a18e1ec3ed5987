"""What is said of a post's media before it is due: every rule, where the client wrote what breaks it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.integration.api.deployed import Deployed, forget
from tests.integration.api.media_rows import channel, files, renditions, rules
from tests.integration.api.tenant import Tenant
from tests.media.rows import GIF, HEIC, JPEG, MP4, PDF, Rows

__all__ = ["channel", "files"]

HEVC = replace(MP4, video_codec="hevc")


def tried(tenant: Tenant, what: str, *channels: str, **given: Any) -> dict[str, Any]:
    targets = [{"channel_id": each} for each in channels]
    answer = tenant.api.post(f"/v1/posts/{what}", json={"targets": targets, **given})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_fault_is_named_where_the_list_was_written(tenant: Tenant, channel: str, files: Rows) -> None:
    other = tenant.connect("bob")
    video, picture = {"id": files.ready(HEVC)}, {"id": files.ready()}
    told = "sandbox.video.codec"
    for given, expected in (
        ({"media": [video]}, ["/media/0"]),
        ({"overrides": {"sandbox": {"media": [video]}}}, ["/overrides/sandbox/media/0"]),
        ({"targets": [{"channel_id": channel}, {"channel_id": other, "media": [video]}]}, ["/targets/1/media/0"]),
        ({"thread": [{"text": "x"}, {"media": [video]}]}, ["/thread/1/media/0"]),
        ({"first_comment": {"text": "x", "media": [video]}}, ["/first_comment/media/0"]),
        ({"overrides": {"sandbox": {"thread": [{"media": [video]}]}}}, ["/overrides/sandbox/thread/0/media/0"]),
    ):
        answer = tenant.post("Hello", channel, **given)
        assert rules(answer) == [(param, told) for param in expected]
    assert tenant.post("Hello", channel, media=[picture]).status_code == 201


def test_a_sentence_has_the_platform_what_it_takes_and_what_this_is(tenant: Tenant, channel: str, files: Rows) -> None:
    answer = tenant.post("Hello", channel, media=[{"id": files.ready(HEVC)}])
    message = answer.json()["errors"][0]["message"]
    assert message.startswith("Sandbox takes H.264 in videos; this one is HEVC.")
    assert "TranscodeVideo" in message


def test_a_list_is_judged_as_a_whole(tenant: Tenant, channel: str, files: Rows) -> None:
    five = [{"id": files.ready()} for _ in range(5)]
    assert rules(tenant.post("x", channel, media=five)) == [("/media", "sandbox.media.max_items")]
    mixed = [five[0], {"id": files.ready(MP4)}]
    assert rules(tenant.post("x", channel, media=mixed)) == [("/media", "sandbox.media.mixed")]
    for facts, name in ((MP4, "videos"), (PDF, "documents")):
        two = [{"id": files.ready(facts)}, {"id": files.ready(facts)}]
        assert rules(tenant.post("x", channel, media=two)) == [("/media", f"sandbox.media.max_{name}")]


def test_a_document_fits_as_it_is_or_is_refused_with_both_numbers(tenant: Tenant, channel: str, files: Rows) -> None:
    (target,) = tried(tenant, "validate", channel, text="x", media=[{"id": files.ready(PDF)}])["targets"]
    (fit,) = target["parts"][0]["media"]
    assert (fit["fits"], fit["kind"], fit["content_type"]) == ("as_is", "document", "application/pdf")
    answer = tenant.post("x", channel, media=[{"id": files.ready(replace(PDF, pages=301))}])
    assert rules(answer) == [("/media/0", "sandbox.document.max_pages")]
    message = "Sandbox takes documents of at most 300 pages; this one has 301. Make it shorter."
    assert answer.json()["errors"][0]["message"] == message


def test_a_description_is_measured_where_it_was_written(tenant: Tenant, channel: str, files: Rows) -> None:
    long, rule = "x" * 1001, "sandbox.alt_text.max_length"
    own, described = files.ready(alt_text=long), files.ready()
    assert rules(tenant.post("x", channel, media=[{"id": own}])) == [("/media/0", rule)]
    given = [{"id": own, "alt_text": "Short"}, {"id": described, "alt_text": long}]
    assert rules(tenant.post("x", channel, media=given)) == [("/media/1/alt_text", rule)]


def test_a_post_that_shall_go_out_needs_files_that_are_ready_and_a_draft_is_warned(
    tenant: Tenant, channel: str, files: Rows
) -> None:
    media = [{"id": files.put(status="probing").id}, {"id": files.refused()}]
    answer = tenant.post("x", channel, media=media)
    assert rules(answer) == [("/media/0", "media.ready"), ("/media/1", "media.ready")]
    assert "(probing)" in answer.json()["errors"][0]["message"]
    assert answer.json()["errors"][1]["message"] == (
        "This file was refused: It ends too early. Export it anew: the file is cut off or damaged."
    )
    draft = tenant.drafted("x", channel, media=media)
    assert [(each["param"], each["rule"]) for each in draft["warnings"]] == rules(answer)


@pytest.mark.parametrize("status", ["deleted", "expired", None])
def test_a_file_that_is_not_there_is_in_no_post_and_no_draft(
    deployed: Deployed, tenant: Tenant, channel: str, files: Rows, status: Any
) -> None:
    gone = files.put(status=status).id if status else "med_" + "0" * 26
    before = deployed.contents()
    overrides = {"mastodon": {"thread": [{"media": [{"id": files.ready(), "cover_id": gone}]}]}}
    before = deployed.contents()
    for more in ({"draft": True}, {"scheduled_at": tenant.later(60)}):
        given = {"text": "x", "media": [{"id": gone}], "overrides": overrides, "targets": [{"channel_id": channel}]}
        answer = tenant.api.post("/v1/posts", json={**given, **more})
        assert rules(answer) == [
            ("/media/0/id", "media.exists"),
            ("/overrides/mastodon/thread/0/media/0/cover_id", "media.exists"),
        ]
    assert deployed.contents() == before


def test_another_workspaces_file_is_not_there(deployed: Deployed, tenant: Tenant, channel: str, files: Rows) -> None:
    other = deployed.tenant()
    own = Rows(deployed.table("WorkTable"), other.workspace_id, deployed.clock.now).ready()
    assert rules(tenant.post("x", channel, media=[{"id": own}])) == [("/media/0/id", "media.exists")]


def test_a_cover_is_a_picture_or_a_frame_of_a_video(tenant: Tenant, channel: str, files: Rows) -> None:
    video, picture, moving = files.ready(MP4), files.ready(HEIC), files.ready(GIF)
    for given, expected in (
        ({"id": picture, "cover_ms": 5}, [("/media/0/cover_ms", "cover.of_video")]),
        ({"id": video, "cover_ms": 20_001}, [("/media/0/cover_ms", "cover.within_video")]),
        ({"id": video, "cover_id": moving}, [("/media/0/cover_id", "cover.is_picture")]),
        ({"id": video, "cover_id": files.refused()}, [("/media/0/cover_id", "media.ready")]),
        ({"id": video, "cover_id": picture, "cover_ms": 5}, [("/media/0", "cover.exactly_one")]),
    ):
        assert rules(tenant.post("x", channel, media=[given])) == expected
    post = tenant.post("x", channel, media=[{"id": video, "cover_id": picture}]).json()
    (carried,) = post["deliveries"][0]["media"]
    assert (carried["cover_id"], carried["rendition"]) == (picture, None)


def test_a_text_that_is_not_there_is_missed_only_where_there_are_no_media(
    tenant: Tenant, channel: str, files: Rows
) -> None:
    one = [{"id": files.ready()}]
    nothing = [{"channel_id": channel, "media": []}]
    assert rules(tenant.post(None, targets=nothing, media=one)) == [("/targets/0/text", "text.required")]
    blank = [{"channel_id": channel, "text": " "}]
    assert tenant.post("x", targets=blank, media=one).status_code == 201
    assert rules(tenant.post("x", targets=blank)) == [("/targets/0/text", "sandbox.text.required")]
    settings = {"protection": "key", "processing_seconds": 5}
    answer = tenant.post(None, targets=[{"channel_id": channel, "settings": settings}], media=one)
    assert rules(answer) == [("/targets/0/settings/processing_seconds", "sandbox.processing_seconds.needs_handle")], (
        "rules of settings hold without a text, too"
    )


@pytest.mark.parametrize(
    ("media", "param", "rule"),
    [
        ([{"id": "med_1"}], "/media/0/id", "pattern"),
        ([{}], "/media/0/id", "required"),
        ([{"id": "med_" + "0" * 26, "url": "x"}], "/media/0/url", "unknown"),
        ([{"id": "med_" + "0" * 26, "alt_text": "x" * 4001}], "/media/0/alt_text", "max_length"),
        ([{"id": "med_" + "0" * 26, "cover_ms": -1}], "/media/0/cover_ms", "minimum"),
        ([{"id": "med_" + "0" * 26}] * 36, "/media", "max_length"),
        ({"id": "med_" + "0" * 26}, "/media", "type"),
    ],
)
def test_a_list_of_another_form_is_refused(tenant: Tenant, channel: str, media: Any, param: str, rule: str) -> None:
    assert rules(tenant.post("x", channel, media=media)) == [(param, rule)]


def test_descriptions_that_media_bring_along_count_where_they_are_stored(
    tenant: Tenant, channel: str, files: Rows
) -> None:
    """In the post they are not there; in each delivery they are, part by part."""
    media = [{"id": files.ready(alt_text="\N{DOG}" * 1000)} for _ in range(4)]
    thread = [{"text": f"Part {place}", "media": media} for place in range(24)]
    for answer in (
        tenant.post("Hello", channel, media=media, thread=thread),
        tenant.api.post(
            "/v1/posts",
            json={"draft": True, "text": "x", "targets": [{"channel_id": channel}], "media": media, "thread": thread},
        ),
    ):
        assert answer.status_code == 422
        assert [(each["param"], each["rule"]) for each in answer.json()["errors"]] == [("/targets/0", "post.too_large")]
    assert tenant.post("Hello", channel, media=media, thread=thread[:20]).status_code == 201


def test_validate_says_what_would_be_made_of_each_file_and_makes_nothing(
    deployed: Deployed, tenant: Tenant, channel: str, files: Rows
) -> None:
    plain, turned = files.ready(), files.ready(replace(JPEG, type="image/heic", orientation=6, bytes=9_000_000))
    waiting, moving = files.put(status="importing", alt_text="Soon").id, files.ready(HEVC)
    before, sent = deployed.contents(), len(deployed.media_queue.sent)
    media = [{"id": plain}, {"id": turned, "alt_text": "A cat"}]
    thread = [{"media": [{"id": waiting}]}, {"media": [{"id": moving}]}]
    for what in ("validate", "preview"):
        (target,) = tried(tenant, what, channel, media=media, thread=thread)["targets"]
        assert [part["media"] for part in target["parts"]] == [
            [
                {
                    "id": plain,
                    "fits": "as_is",
                    "kind": "image",
                    "content_type": "image/jpeg",
                    "reasons": [],
                    "alt_text": "",
                },
                {
                    "id": turned,
                    "fits": "converted",
                    "kind": "image",
                    "content_type": "image/jpeg",
                    "reasons": ["sandbox.image.type", "sandbox.image.max_bytes", "sandbox.image.orientation"],
                    "alt_text": "A cat",
                },
            ],
            [{"id": waiting, "fits": "unknown", "kind": None, "content_type": None, "reasons": [], "alt_text": "Soon"}],
            [{"id": moving, "fits": "refused", "kind": None, "content_type": None, "reasons": [], "alt_text": ""}],
        ]
    assert deployed.contents() == before
    assert (renditions(deployed), len(deployed.media_queue.sent)) == ([], sent)


@pytest.fixture
def encoding() -> Iterator[Tenant]:
    """A stack that encodes videos anew."""
    with pytest.MonkeyPatch.context() as patch:
        yield Deployed(patch, TranscodeVideo="true").tenant()
    forget()


def test_with_transcoding_switched_on_a_video_of_another_codec_is_made_one_that_fits(encoding: Tenant) -> None:
    deployed, channel = encoding._deployed, encoding.connect("ada")
    video = Rows(deployed.table("WorkTable"), encoding.workspace_id, deployed.clock.now).ready(HEVC)
    assert encoding.post("x", channel, media=[{"id": video}]).status_code == 201
    assert [(each["recipe"]["video"], each["recipe"]["audio"]) for each in renditions(deployed)] == [("encode", "copy")]
