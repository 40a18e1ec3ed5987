"""Pictures at the real Bluesky server: what a reader downloads is what was given, to the byte."""

import json
from base64 import urlsafe_b64decode
from dataclasses import replace
from typing import Any

import httpx
import pytest

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Login, Outgoing
from punctual.providers.bluesky import Bluesky
from punctual.providers.outcomes import Rejected, RetryLater, Unprepared
from tests.attachments import attachment, picture
from tests.e2e.pds.accounts import NEW_HANDLES, connect, make_provider, prepared
from tests.e2e.pds.server import Pds
from tests.kept import Kept


@pytest.fixture(scope="module")
def provider() -> Bluesky:
    return make_provider()


@pytest.fixture
def login(pds: Pds, provider: Bluesky) -> Login:
    return connect(pds, provider, next(NEW_HANDLES))


def test_two_pictures_arrive_with_their_alt_texts_and_shapes(pds: Pds, provider: Bluesky, login: Login):
    media = (picture(alt_text="A red wall"), picture("JPEG", size=(30, 40), colour="blue", alt_text="Le ciel 🌤"))
    published = provider.publish(prepared(provider, login, "Colours", media=media), login.grant)

    did = login.accounts[0].id
    (found,) = pds.records(did)
    assert found["uri"] == published.platform_id
    embed = found["value"]["embed"]
    assert embed["$type"] == "app.bsky.embed.images"
    assert [each["alt"] for each in embed["images"]] == ["A red wall", "Le ciel 🌤"]
    assert [each["aspectRatio"] for each in embed["images"]] == [
        {"width": 40, "height": 30},
        {"width": 30, "height": 40},
    ]
    assert [pds.blob(did, each["image"]) for each in embed["images"]] == [
        each.content.read(0, each.bytes) for each in media
    ]


def test_six_pictures_are_a_gallery_that_the_server_takes(pds: Pds, provider: Bluesky, login: Login):
    media = tuple(picture("WEBP", colour=f"#{number}00000", alt_text=f"{number}") for number in range(6))
    provider.publish(prepared(provider, login, "", media=media), login.grant)

    (found,) = pds.records(login.accounts[0].id)
    assert found["value"]["embed"]["$type"] == "app.bsky.embed.gallery"
    assert [each["alt"] for each in found["value"]["embed"]["items"]] == list("012345")


def test_published_twice_with_a_picture_it_is_one_post(pds: Pds, provider: Bluesky, login: Login):
    post = prepared(provider, login, "Once", media=(picture(),))
    assert (
        provider.publish(post, login.grant) == provider.publish(post, login.grant) == provider.find(post, login.grant)
    )
    assert len(pds.records(login.accounts[0].id)) == 1


def test_a_blob_that_the_server_does_not_have_is_uploaded_anew(pds: Pds, provider: Bluesky, login: Login):
    """What it says of one that it let go is what it says of one that it never had."""
    post = prepared(provider, login, "Anew", media=(picture(),))
    never = connect(pds, provider, next(NEW_HANDLES))
    elsewhere = replace(post, account=never.accounts[0])
    with pytest.raises(Unprepared) as told:
        provider.publish(elsewhere, never.grant)
    assert pds.records(never.accounts[0].id) == []

    left = {name: value for name, value in {**post.prepared, **told.value.kept}.items() if value is not None}
    kept = Kept(left)
    provider.prepare(replace(elsewhere, prepared=left), never.grant, kept)
    assert kept.results["rkey"] == post.prepared["rkey"]
    provider.publish(replace(elsewhere, prepared=kept.results), never.grant)
    assert len(pds.records(never.accounts[0].id)) == 1


def test_a_picture_over_the_limit_of_the_lexicon_is_refused_by_the_record(pds: Pds, provider: Bluesky, login: Login):
    """The upload itself is not: https://atproto.com/specs/blob"""
    heavy = attachment(picture().content.read(0, 10_000) + bytes(2_000_000), type="image/png")
    post = prepared(provider, login, "Heavy", media=(heavy,))
    with pytest.raises(Rejected):
        provider.publish(post, login.grant)
    assert pds.records(login.accounts[0].id) == []


def test_the_server_vouches_for_a_video_by_a_token_that_names_it(pds: Pds, provider: Bluesky, login: Login):
    """The video service is Bluesky's own and runs nowhere else: what it gets is read here, and the rest refused."""
    network = Noting()
    elsewhere = Elsewhere(GuardedHttp(allow_private=True, transport=network), provider.now)
    with pytest.raises(RetryLater):
        prepared(elsewhere, login, "Moving", media=(attachment(b"x" * 100, kind="video"),))

    (asked,) = network.seen
    assert json.loads(asked.content)["sizeBytes"] == 100
    claims = claims_of(asked.headers["Authorization"].removeprefix("Bearer "))
    assert claims["iss"] == login.accounts[0].id
    assert claims["lxm"] == "com.atproto.repo.uploadBlob"
    assert claims["aud"] == f"did:web:{pds.url.removeprefix('http://').replace(':', '%3A')}"


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


class Elsewhere(Bluesky):
    video_service = "http://localhost:1"


class Noting(httpx.AsyncBaseTransport):
    """The network, but for a video service that notes what it is asked, and is out of order."""

    def __init__(self) -> None:
        self.seen: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.port != 1:
            async with httpx.AsyncHTTPTransport() as network:
                answered = await network.handle_async_request(request)
                return httpx.Response(answered.status_code, content=await answered.aread())
        await request.aread()
        self.seen.append(request)
        return httpx.Response(503)


def test_a_post_with_pictures_is_prepared_by_whoever_goes_on(pds: Pds, provider: Bluesky, login: Login):
    """A worker that died between two pictures: the second one uploads the second picture only."""
    media = (picture(), picture(colour="green"))
    post = prepared(provider, login, "Halves", media=media)
    first = {"media_0": post.prepared["media_0"]}
    again: Outgoing = replace(post, prepared=first)
    kept = Kept(dict(first))
    provider.prepare(again, login.grant, kept)
    assert {name for step in kept.steps for name in step} == {"media_1", "rkey", "record"}
    provider.publish(replace(post, prepared=kept.results), login.grant)
    (found,) = pds.records(login.accounts[0].id)
    assert len(found["value"]["embed"]["images"]) == 2
