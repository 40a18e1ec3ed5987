"""A picture for the demo, drawn here, and its way into the stack as any client goes it."""

import io
import time
from typing import Any

import httpx
from PIL import Image, ImageDraw, ImageFont

from local.problems import LocalError

WAITS_FOR_SECONDS = 60
_SIZE = (1200, 630)


def drawn(line: str) -> bytes:
    """A PNG that says it."""
    made = Image.new("RGB", _SIZE, "#14342b")
    pen = ImageDraw.Draw(made)
    pen.ellipse((60, 115, 460, 515), outline="#6fcfae", width=14)
    pen.line((260, 315, 260, 185), fill="#6fcfae", width=14)
    pen.line((260, 315, 350, 365), fill="#6fcfae", width=14)
    pen.text((520, 250), line, fill="white", font=ImageFont.load_default(64))
    content = io.BytesIO()
    made.save(content, "PNG")
    return content.getvalue()


def uploaded(api: httpx.Client, content: bytes, alt_text: str) -> dict[str, Any]:
    """The media, once posts may carry it."""
    given = {"content_type": "image/png", "bytes": len(content), "alt_text": alt_text}
    media = _answer(api.post("/v1/media", json=given))
    form = media["upload"]
    httpx.post(form["url"], data=form["fields"], files={"file": content}).raise_for_status()
    _answer(api.post(f"/v1/media/{media['id']}/complete"))
    end = time.monotonic() + WAITS_FOR_SECONDS
    while (found := _answer(api.get(f"/v1/media/{media['id']}")))["status"] != "ready":
        if found["status"] == "refused" or time.monotonic() > end:
            raise LocalError(f"the picture is {found['status']}: {found['refusal']}")
        time.sleep(0.5)
    return dict(found)


def _answer(response: httpx.Response) -> Any:
    if response.is_error:
        call = f"{response.request.method} {response.request.url.path}"
        raise LocalError(f"{call} answered {response.status_code}: {response.text[:500]}")
    return response.json()
