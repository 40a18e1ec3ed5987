"""Every request of the provider, and every record in one, against Bluesky's published lexicons."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies

from punctual.providers.bluesky import Settings
from punctual.providers.outcomes import Processing, RetryLater
from tests.attachments import attachment
from tests.contract import contracts
from tests.contract.bluesky.blobs import failed
from tests.contract.bluesky.far_side import DID
from tests.contract.bluesky.lexicons import Lexicons
from tests.contract.bluesky.session import Session, next_part, outgoing, thread
from tests.kept import Kept

TEXT = "Hi @alice.example 👩‍👩‍👧 (https://example.com/ü?a=b). #Zürich ＃東京 and @nobody.example"


@pytest.fixture(scope="module")
def lexicons() -> Lexicons:
    return Lexicons(lambda nsid: contracts.load("bluesky", f"bluesky/lexicons/{nsid.replace('.', '/')}.json"))


@pytest.fixture
def session() -> Session:
    return Session()


def test_every_request_keeps_to_its_lexicon(lexicons: Lexicons, session: Session):
    login = session.login()
    chosen = Settings(langs=("en", "zh-Hant-TW", "pt-BR"), labels=("nudity", "nudity", "graphic-media"))
    post = session.prepared(TEXT, login, settings=chosen)
    session.provider.find(post, login.grant)
    live = session.provider.publish(post, login.grant)
    session.provider.find(post, login.grant)
    session.provider.delete(live, login.grant, login.accounts[0])
    assert session.far_side.records == {}
    session.provider.delete(live, login.grant, login.accounts[0])
    grant = session.provider.refresh(login.grant, None)
    session.provider.revoke(grant, None)

    seen = session.far_side.seen
    assert {request.url.path.rpartition(".")[2] for request in seen} == {
        "createSession",
        "resolveHandle",
        "getRecord",
        "putRecord",
        "deleteRecord",
        "refreshSession",
        "deleteSession",
    }
    assert [lexicons.request(request) for request in seen] == [[]] * len(seen)


def test_every_part_of_a_thread_that_answers_a_post_keeps_to_its_lexicon(lexicons: Lexicons, session: Session):
    login = session.login()
    session.provider.publish(session.prepared("Hi", login, key="dlv_0-1"), login.grant)
    (answered,) = session.far_side.records
    for parts in (
        thread(session.provider, login),
        thread(session.provider, login, settings=Settings(reply_to=answered.replace(DID, "alice.example"))),
    ):
        _, one = parts[0]
        next_part(session.provider, login, 1, one, replace(one, extra={}))

    seen = session.far_side.seen
    written = [json.loads(request.content)["record"] for request in seen if request.url.path.endswith("putRecord")]
    assert ["reply" in record for record in written] == [False, False, True, True, True, True, True, True, True]
    assert [lexicons.request(request) for request in seen] == [[]] * len(seen)


def test_every_request_about_media_keeps_to_its_lexicon(lexicons: Lexicons, session: Session):
    login, kept = session.login(), Kept()
    pictures = tuple(attachment(b"%d" % number, alt_text="A dog") for number in range(5))
    for media in (pictures[:1], pictures):
        session.provider.publish(session.prepared("Hi", login, media=media, key=f"{len(media)}"), login.grant)
    video = attachment(b"x" * 25, kind="video", alt_text="A dog")
    session.far_side.videos.answers_next = [failed(503, "ServiceOverloaded")]
    post = outgoing("", login.accounts[0], media=(video,))
    session.far_side.videos.looks = 2
    with pytest.raises(RetryLater):
        session.provider.prepare(post, login.grant, kept)
    with pytest.raises(Processing):
        session.provider.prepare(replace(post, prepared=dict(kept.results)), login.grant, kept)
    assert session.far_side.videos.parts_sent == [1, 2, 3]
    session.provider.prepare(replace(post, prepared=dict(kept.results)), login.grant, kept)
    session.provider.publish(replace(post, prepared=dict(kept.results)), login.grant)

    seen = session.far_side.seen
    assert {request.url.path.rpartition(".")[2] for request in seen} == {
        "createSession",
        "uploadBlob",
        "getServiceAuth",
        "startUpload",
        "uploadPart",
        "finishUpload",
        "getJobStatus",
        "putRecord",
    }
    assert [lexicons.request(request) for request in seen] == [[]] * len(seen)
    written = [json.loads(request.content)["record"] for request in seen if request.url.path.endswith("putRecord")]
    assert [each["embed"]["$type"].rpartition(".")[2] for each in written] == ["images", "gallery", "video"]


def test_asking_how_much_of_a_video_is_there_keeps_to_its_lexicon(lexicons: Lexicons):
    asked = "https://video.bsky.app/xrpc/app.bsky.video.getUploadStatus"
    assert lexicons.request(httpx.Request("GET", asked, params={"jobId": "1"})) == []
    assert lexicons.request(httpx.Request("GET", asked, params={"job": "1"})) == [".jobId: missing", ".job: unknown"]


PIECES = strategies.sampled_from(
    [
        " ",
        "\n",
        "https://",
        "http://a",
        "(",
        ").",
        "@alice.example",
        "@",
        "#",
        "＃",
        "é",
        "ü",
        "👩‍👩‍👧",
        "\ufeff",
        "\u202a",
        "א",
        "/",
        "1",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=strategies.lists(PIECES | strategies.characters(codec="utf-8"), max_size=60).map("".join))
def test_whatever_text_passes_the_check_becomes_a_record_that_keeps_to_the_lexicon(
    lexicons: Lexicons, session: Session, text: str
):
    login = session.login()
    assume(not session.provider.check(text, Settings(), login.accounts[0]))

    session.provider.publish(session.prepared(text, login), login.grant)

    assert lexicons.request(session.far_side.seen[-1]) == []


def written(session: Session) -> dict[str, Any]:
    login = session.login()
    post = session.prepared(TEXT, login, settings=Settings(langs=("en",)))
    one = session.provider.publish(post, login.grant)
    session.provider.publish(
        next_part(session.provider, login, 1, one, one, text=TEXT, media=(attachment(),)), login.grant
    )
    return json.loads(session.far_side.seen[-1].content)


def put(body: dict[str, Any]) -> httpx.Request:
    return httpx.Request("POST", "https://pds.example/xrpc/com.atproto.repo.putRecord", json=body)


WRONG: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no text": (lambda body: body["record"].pop("text"), "record.text: missing"),
    "a long text": (lambda body: body["record"].update(text="x" * 301), "record.text: too many graphemes"),
    "a heavy text": (lambda body: body["record"].update(text="👩‍👩‍👧" * 200), "record.text: too many bytes"),
    "a naive time": (
        lambda body: body["record"].update(createdAt="2026-11-22T17:00:00"),
        "record.createdAt: no datetime",
    ),
    "a field of another name": (lambda body: body["record"].update(caption=""), "record.caption: unknown"),
    "four languages": (lambda body: body["record"].update(langs=["en"] * 4), "record.langs: too many"),
    "no language": (lambda body: body["record"].update(langs=["English"]), "record.langs[0]: no language"),
    "a place as text": (
        lambda body: body["record"]["facets"][0]["index"].update(byteStart="3"),
        "record.facets[0].index.byteStart: not a integer",
    ),
    "a place before the text": (
        lambda body: body["record"]["facets"][0]["index"].update(byteStart=-1),
        "record.facets[0].index.byteStart: out of range",
    ),
    "a feature of no kind": (
        lambda body: body["record"]["facets"][0]["features"][0].pop("$type"),
        "record.facets[0].features[0]: its $type is none of the union's",
    ),
    "a handle for a DID": (
        lambda body: body["record"]["facets"][0]["features"][0].update(did="alice.example"),
        "record.facets[0].features[0].did: no did",
    ),
    "a parent without a root": (lambda body: body["record"]["reply"].pop("root"), "record.reply.root: missing"),
    "a parent without a CID": (
        lambda body: body["record"]["reply"]["parent"].pop("cid"),
        "record.reply.parent.cid: missing",
    ),
    "a web address for a URI": (
        lambda body: body["record"]["reply"]["root"].update(uri="https://bsky.app/profile/alice.example/post/3"),
        "record.reply.root.uri: no at-uri",
    ),
    "another hash for a CID": (
        lambda body: body["record"]["reply"]["root"].update(cid="0123abc"),
        "record.reply.root.cid: no cid",
    ),
    "a picture without alt text": (
        lambda body: body["record"]["embed"]["images"][0].pop("alt"),
        "record.embed.images[0].alt: missing",
    ),
    "five pictures in the older embed": (
        lambda body: body["record"]["embed"].update(images=body["record"]["embed"]["images"] * 5),
        "record.embed.images: too many",
    ),
    "a picture of no kind": (
        lambda body: body["record"]["embed"]["images"][0]["image"].update(mimeType="video/mp4"),
        "record.embed.images[0].image: of another type",
    ),
    "a picture that is too large": (
        lambda body: body["record"]["embed"]["images"][0]["image"].update(size=2_000_001),
        "record.embed.images[0].image: too large",
    ),
    "a blob that is none": (
        lambda body: body["record"]["embed"]["images"][0]["image"].pop("ref"),
        "record.embed.images[0].image: no blob",
    ),
    "a shape of no size": (
        lambda body: body["record"]["embed"]["images"][0]["aspectRatio"].update(width=0),
        "record.embed.images[0].aspectRatio.width: out of range",
    ),
    "an embed of no kind": (
        lambda body: body["record"]["embed"].update({"$type": "app.bsky.embed.pictures"}),
        "record.embed: its $type is none of the union's",
    ),
    "a key that is no TID": (lambda body: body.update(rkey="dlv_1"), "rkey: no tid"),
    "no repository": (lambda body: body.pop("repo"), ".repo: missing"),
    "another type": (lambda body: body["record"].update({"$type": "a.b.c"}), "record.$type: not its collection"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_request_changed_into_a_wrong_one_is_seen(lexicons: Lexicons, session: Session, name: str):
    change, complaint = WRONG[name]
    body = written(session)
    assert lexicons.request(put(deepcopy(body))) == []

    change(body)

    assert lexicons.request(put(body)) == [complaint]


def test_a_body_where_none_belongs_is_seen(lexicons: Lexicons):
    request = httpx.Request("POST", "https://pds.example/xrpc/com.atproto.server.refreshSession", json={})

    assert lexicons.request(request) == ["it takes no body"]
