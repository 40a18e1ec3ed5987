"""No file name, alt text, source URL or signed address in any log line, message, or row of a media that has come."""

import random
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
from PIL import Image

from tests.integration.api.deployed import Deployed
from tests.integration.api.listening import Lines
from tests.integration.api.tenant import Tenant
from tests.integration.api.uploading import declared, posted, uploaded
from tests.integration.api.wire import refused

NAME, ALT_TEXT, SAID = "my-holiday.png", "Kim at the harbour", "Kim once more"
HOST, TOKEN = "files.example", "an-address-with-a-secret"
WRITTEN = {NAME, ALT_TEXT, SAID, HOST, TOKEN}


def picture() -> bytes:
    drawn = BytesIO()
    Image.frombytes("RGB", (40, 30), random.Random(6).randbytes(3600)).save(drawn, "BMP")
    return drawn.getvalue()


def signed(answered: Any) -> Iterator[str]:
    """What opens the bucket, wherever an answer has it."""
    for name, value in answered.items() if isinstance(answered, dict) else ():
        if isinstance(value, dict):
            yield from signed(value)
        elif name.lower() in ("policy", "x-amz-signature", "x-amz-security-token"):
            yield value
        elif isinstance(value, str) and "X-Amz-Signature=" in value:
            yield value.partition("X-Amz-Signature=")[2].partition("&")[0]


def imported(deployed: Deployed, tenant: Tenant, answer: httpx.Response) -> dict[str, Any]:
    deployed.hosts[HOST] = lambda _: answer
    given = {"url": f"https://{HOST}/{NAME}?token={TOKEN}", "file_name": NAME, "alt_text": ALT_TEXT}
    made: dict[str, Any] = tenant.api.post("/v1/media", json=given).json()
    deployed.clock.run(minutes=2)
    return made


def walk(deployed: Deployed, tenant: Tenant) -> set[str]:
    """Everything that becomes of a file, done well and done badly; what was signed on the way."""
    about = {"file_name": NAME, "alt_text": ALT_TEXT}
    content, channel = picture(), tenant.connect("ada")
    answers = [declared(tenant, **about), declared(tenant, multipart=True, **about)]
    assert posted(deployed, answers[0]["upload"], content).status_code == 400, "of another size than was declared"
    tenant.api.post(f"/v1/media/{answers[0]['id']}/complete")
    answers += tenant.api.post(f"/v1/media/{answers[1]['id']}/parts", json={"numbers": [1]}).json()["data"]
    media_id = uploaded(deployed, tenant, content, type="image/bmp", **about)
    uploaded(deployed, tenant, content, type="image/png", **about)
    deployed.clock.run(minutes=2)
    for answer in (httpx.Response(200, content=content), httpx.Response(404), httpx.Response(200, content=b"<svg>")):
        answers.append(imported(deployed, tenant, answer))
    deployed.addresses[HOST] = ["10.0.0.1"]
    answers.append(imported(deployed, tenant, httpx.Response(200)))
    media = [{"id": media_id, "alt_text": SAID}]
    tenant.posted("Look", channel, in_minutes=5, media=media, first_comment={"text": "More", "media": media})
    tenant.post("Look", channel, media=[{"id": answers[0]["id"], "alt_text": SAID * 900, "cover_ms": 1}])
    deployed.clock.run(minutes=7)
    deployed.wire.before("update_item", lambda request: fail(request))
    assert tenant.api.patch(f"/v1/media/{media_id}", json={"alt_text": SAID}).status_code == 500
    answers.append(tenant.api.get(f"/v1/media/{media_id}").json())
    assert answers[-1]["status"] == "ready"
    deployed.clock.run(minutes=80)
    return {each for answer in answers for each in signed(answer)}


def fail(request: object) -> None:
    raise refused("Throttling", "UpdateItem", f"{ALT_TEXT} {request}")


def test_nothing_that_is_said_of_a_file_and_nothing_that_opens_one_is_logged_or_sent(
    deployed: Deployed, tenant: Tenant, lines: Lines
) -> None:
    deployed.clock.every(60, lambda: deployed.invoke("SweeperFunction", {}))
    secrets = walk(deployed, tenant)
    assert len(secrets) >= 5, "the scan must know what to look for"
    heard = "\n".join(lines.lines)
    for said in ("import refused", "fault", "workshop: "):
        assert said in heard, f"the walk must reach the line {said!r}"
    assert lines.leaks(secrets | WRITTEN) == []
    queues = (deployed.media_queue, deployed.import_queue, deployed.queue)
    assert {name for queue in queues for each in queue.sent for name in each} >= {"workspace_id", "media_id"}
    assert not {secret for secret in secrets | WRITTEN for queue in queues if secret in str(queue.sent)}
    rows = [row for row in deployed.items("WorkTable") if row["sk"].startswith("media#")]
    assert len(rows) > 5
    assert not {secret for secret in secrets | {TOKEN, HOST} if secret in str(rows)}
