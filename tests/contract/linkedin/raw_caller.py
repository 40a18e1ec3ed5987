"""Calls the far side as its pages say, without any module of ours: for its own tests, and those of the schema."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from tests.contract.linkedin.api import Organization
from tests.contract.linkedin.far_side import LinkedInSide
from tests.contract.linkedin.logins import AUTHORIZE

MEMBER, PAGE = "urn:li:person:yrZCpj2Z12", Organization().urn
SELF_SERVE = "openid profile email w_member_social"
OF_PAGES = "r_basicprofile w_organization_social r_organization_social rw_organization_admin"
REST = "https://api.linkedin.com/rest"
OAUTH = "https://www.linkedin.com/oauth/v2"
HEADERS = {"LinkedIn-Version": "202609", "X-Restli-Protocol-Version": "2.0.0"}
DISTRIBUTION = {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []}


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **duration: float) -> None:
        self.moment += timedelta(**duration)


class RawCaller:
    def __init__(self) -> None:
        self.clock = Clock()
        self.side = LinkedInSide(self.clock)
        self.http = httpx.Client(transport=httpx.MockTransport(self.side.answer))
        self.headers = dict(HEADERS)
        self.tokens: dict[str, Any] = {}

    def url(self, scope: str, **changed: str) -> str:
        app = {"client_id": self.side.app["client_id"], "redirect_uri": self.side.redirect_uri}
        asked = {"response_type": "code", "state": "s-1", "scope": scope, **app, **changed}
        return f"{AUTHORIZE}?{urlencode(asked)}"

    def exchange(self, code: str, **changed: str) -> httpx.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.side.redirect_uri}
        return self.http.post(f"{OAUTH}/accessToken", data={**form, **self.side.app, **changed})

    def refresh(self, refresh_token: str) -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **self.side.app}
        return self.http.post(f"{OAUTH}/accessToken", data=form)

    def connect(self, scope: str = SELF_SERVE) -> "RawCaller":
        self.tokens = self.exchange(self.side.consent(self.url(scope))["code"]).json()
        return self

    def call(self, method: str, url: str, **content: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}", **self.headers}
        return self.http.request(method, url, headers=headers, **content)

    def post(self, commentary: str = "Hello", author: str = MEMBER, **changed: Any) -> httpx.Response:
        return self.call("POST", f"{REST}/posts", json=post_of(commentary, author, **changed))

    def urn_of(self, commentary: str = "Hello", author: str = MEMBER, **changed: Any) -> str:
        answer = self.post(commentary, author, **changed)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["x-restli-id"])

    def delete(self, urn: str) -> httpx.Response:
        return self.call("DELETE", f"{REST}/posts/{encoded(urn)}")

    def comment(self, text: str, urn: str, actor: str = MEMBER, **more: Any) -> httpx.Response:
        body = {"actor": actor, "object": urn, "message": {"text": text}, **more}
        return self.call("POST", f"{REST}/socialActions/{encoded(urn)}/comments", json=body)

    def begin(self, kind: str, owner: str = MEMBER, **more: Any) -> dict[str, Any]:
        body = {"initializeUploadRequest": {"owner": owner, **more}}
        answer = self.call("POST", f"{REST}/{kind}s?action=initializeUpload", json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["value"])

    def upload(self, kind: str, content: bytes, owner: str = MEMBER) -> str:
        """An image's or a document's URN."""
        begun = self.begin(kind, owner)
        credentials = {"Authorization": f"Bearer {self.tokens['access_token']}"}
        assert self.http.put(begun["uploadUrl"], content=content, headers=credentials).status_code == 201
        return str(begun[kind])

    def put_parts(self, begun: dict[str, Any], content: bytes) -> list[str]:
        etags = []
        for part in begun["uploadInstructions"]:
            piece = content[part["firstByte"] : part["lastByte"] + 1]
            etags.append(self.http.put(part["uploadUrl"], content=piece).headers["ETag"])
        return etags

    def finish(self, begun: dict[str, Any], etags: list[str]) -> httpx.Response:
        asked = {"video": begun["video"], "uploadToken": begun["uploadToken"], "uploadedPartIds": etags}
        body = {"finalizeUploadRequest": asked}
        return self.call("POST", f"{REST}/videos?action=finalizeUpload", json=body)

    def upload_video(self, content: bytes, owner: str = MEMBER) -> str:
        begun = self.begin("video", owner, fileSizeBytes=len(content), uploadCaptions=False, uploadThumbnail=False)
        assert self.finish(begun, self.put_parts(begun, content)).status_code == 200
        return str(begun["video"])

    def status_of(self, kind: str, urn: str) -> httpx.Response:
        return self.call("GET", f"{REST}/{kind}s/{encoded(urn)}")


def post_of(commentary: str, author: str = MEMBER, **changed: Any) -> dict[str, Any]:
    fixed = {"visibility": "PUBLIC", "distribution": DISTRIBUTION, "lifecycleState": "PUBLISHED"}
    return {"author": author, "commentary": commentary, **fixed, "isReshareDisabledByAuthor": False, **changed}


def encoded(urn: str) -> str:
    return quote(urn, safe="")
