"""Pictures by a connection that OAuth made: each upload has a proof of its own, and is sent again for a new nonce."""

import io
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from PIL import Image

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Account
from punctual.providers.bluesky import Bluesky
from tests.attachments import picture
from tests.bluesky_oauth.stage import Stage
from tests.contract.bluesky.session import outgoing
from tests.e2e.pds.accounts import NEW_HANDLES
from tests.integration.api.uploading import uploaded
from tests.kept import Kept


class Watched(httpx.AsyncBaseTransport):
    """The network, and what was asked and answered on it."""

    def __init__(self) -> None:
        self.said: list[tuple[str, int]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        async with httpx.AsyncHTTPTransport() as network:
            answered = await network.handle_async_request(request)
            content = await answered.aread()
        self.said.append((request.url.path.rpartition(".")[2], answered.status_code))
        headers = {name: value for name, value in answered.headers.items() if name != "content-encoding"}
        return httpx.Response(answered.status_code, headers=headers, content=content)


@pytest.mark.parametrize("client", ["online", "laptop"])
def test_two_pictures_are_uploaded_and_shown(client: str, request: pytest.FixtureRequest):
    stage: Stage = request.getfixturevalue(client)
    member = stage.account(next(NEW_HANDLES))
    stage.connect(member)
    grant, _ = stage.grant()
    network, kept = Watched(), Kept()
    provider = Bluesky(GuardedHttp(allow_private=True, transport=network), stage.deployed.clock.now)
    media = (picture(alt_text="A red wall"), picture("JPEG", colour="blue", alt_text="Le ciel 🌤"))
    account = Account(id=member.did, handle=member.handle, server=grant.server)
    due_at = stage.deployed.clock.now() + timedelta(minutes=5)
    post = outgoing("Colours", account, media=media, due_at=due_at)

    provider.prepare(post, grant, kept)
    provider.publish(replace(post, prepared=kept.results), grant)

    (found,) = stage.pds.records(member.did)
    shown = found["value"]["embed"]["images"]
    assert [each["alt"] for each in shown] == ["A red wall", "Le ciel 🌤"]
    assert [stage.pds.blob(member.did, each["image"]) for each in shown] == [
        each.content.read(0, each.bytes) for each in media
    ]
    assert network.said == [("uploadBlob", 401), ("uploadBlob", 200), ("uploadBlob", 200), ("putRecord", 200)]


def test_a_post_with_a_picture_goes_all_the_way_from_an_upload_to_the_servers_record(laptop: Stage):
    """Through our own API, its processor, and its publisher; a GIF that stands still becomes what Bluesky takes."""
    member = laptop.account(next(NEW_HANDLES))
    channel = laptop.connect(member)
    ids = []
    for kind, colour in (("PNG", "red"), ("GIF", "blue")):
        given = picture(kind, colour=colour)
        content = given.content.read(0, given.bytes)
        ids.append(uploaded(laptop.deployed, laptop.tenant, content, type=given.type))
    laptop.deployed.clock.run(minutes=2)

    media = [{"id": ids[0], "alt_text": "A red wall"}, {"id": ids[1]}]
    laptop.tenant.posted("Colours", channel, in_minutes=10, media=media)
    laptop.deployed.clock.run(minutes=12)

    (found,) = laptop.pds.records(member.did)
    shown = found["value"]["embed"]["images"]
    assert [each["alt"] for each in shown] == ["A red wall", ""]
    opened = [Image.open(io.BytesIO(laptop.pds.blob(member.did, each["image"]))) for each in shown]
    assert [(each.size, each.format in ("PNG", "JPEG", "WEBP")) for each in opened] == [((40, 30), True)] * 2
