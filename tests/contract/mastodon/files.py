"""The files of a small Mastodon: uploaded, worked on for a while, then attached to a status, or deleted after a day."""

from typing import Any

import httpx

from tests.contract.multipart import Part, parts_of


class Files:
    """`looks` is how often a file is asked about until it is ready, `held` the files that no status has.

    `drops_silently`: what is not there is left out of a status, as before 4.3.
    """

    def __init__(self, origin: str):
        self.origin = origin
        self.looks = 0
        self.names_urls = True
        self.renames = False
        self.drops_silently = False
        self.spoils = False
        self.held: dict[str, dict[str, Part]] = {}
        self.attached: dict[str, dict[str, Part]] = {}
        self.left: dict[str, int] = {}
        self.count = 0

    def upload(self, request: httpx.Request) -> httpx.Response:
        given = {part.name: part for part in parts_of(request)}
        assert int(request.headers["Content-Length"]) == len(request.content)
        if not given["file"].type or not given["file"].file_name:
            return failed(422, "Validation failed: File can't be blank")
        self.count += 1
        number = str(22348640 + self.count)
        self.held[number], self.left[number] = given, self.looks
        is_ready = self.looks == 0
        return httpx.Response(200 if is_ready or not self.names_urls else 202, json=self.shown(number))

    def show(self, request: httpx.Request) -> httpx.Response:
        number = request.url.path.rpartition("/")[2]
        if number not in self.held:
            return failed(404, "Record not found")
        if self.spoils:
            return failed(422, "Error processing thumbnail for uploaded media")
        self.left[number] = max(0, self.left[number] - 1)
        return httpx.Response(206 if self.left[number] and self.names_urls else 200, json=self.shown(number))

    def shown(self, number: str) -> dict[str, Any]:
        url = None if self.left[number] else f"{self.origin}/media/{number}"
        return {"id": number, "type": "image", "url": url, "preview_url": None, "description": None}

    def refusal(self, ids: list[str]) -> str | None:
        if any(self.left.get(each) for each in ids):
            return "Cannot attach files that have not finished processing. Try again in a moment!"
        if self.drops_silently:
            return None
        gone = [each for each in ids if each not in self.held]
        return f"Media {', '.join(gone)} not found or already attached to another post" if gone else None

    def attach(self, ids: list[str]) -> list[dict[str, Any]]:
        shown = [self.shown(each) for each in ids if each in self.held]
        self.attached |= {each: self.held.pop(each) for each in ids if each in self.held}
        return [{**each, "id": f"9{each['id']}"} for each in shown] if self.renames else shown

    def let_go(self) -> None:
        """A day has passed."""
        self.held.clear()


def failed(status: int, error: str, **more: str) -> httpx.Response:
    return httpx.Response(status, json={"error": error, **more})
