"""A small LinkedIn, for members and for pages, as learn.microsoft.com/en-us/linkedin describes it, kept in memory."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import ClassVar

import httpx

from tests.contract.failure import Failure
from tests.contract.linkedin.api import Api
from tests.contract.linkedin.failures import FAILURES as FAILURES
from tests.contract.linkedin.refusals import Refused, refused
from tests.contract.shown import Shown

_SITE, _API, _REST = r"www\.linkedin\.com", r"api\.linkedin\.com", r"api\.linkedin\.com/rest"
_THREAD = f"{_REST}/socialActions/([^/]+)/comments"
_KIND = "(image|video|document)s"
_ROUTES = (
    ("token", "POST", f"{_SITE}/oauth/v2/accessToken", "token"),
    ("revoke", "POST", f"{_SITE}/oauth/v2/revoke", "revoke"),
    ("me", "GET", f"{_API}/v2/userinfo", "userinfo"),
    ("me", "GET", f"{_API}/v2/me", "me"),
    ("organizations", "GET", f"{_API}/v2/organizationalEntityAcls", "old_acls"),
    ("organizations", "GET", f"{_REST}/organizationAcls", "acls"),
    ("organizations", "GET", f"{_REST}/organizations/([^/]+)", "organization"),
    ("upload_begin", "POST", rf"{_REST}/{_KIND}\?action=initializeUpload", "begin"),
    ("upload_part", "PUT", f"{_SITE}/dms-uploads/.+", "put"),
    ("upload_finish", "POST", rf"{_REST}/videos\?action=finalizeUpload", "finish"),
    ("media_status", "GET", f"{_REST}/{_KIND}/([^/]+)", "media_status"),
    ("publish", "POST", f"{_REST}/posts", "publish"),
    ("list", "GET", f"{_REST}/posts", "posts_of"),
    ("show", "GET", f"{_REST}/posts/([^/]+)", "show"),
    ("delete", "DELETE", f"{_REST}/posts/([^/]+)", "delete"),
    ("comment", "POST", _THREAD, "comment"),
    ("comments", "GET", _THREAD, "comments"),
    ("delete_comment", "DELETE", f"{_THREAD}/([^/]+)", "delete_comment"),
)


class LinkedInSide(Api):
    """`answer` is an `httpx.MockTransport` handler; `consent` is what the person does in a browser.

    `fail_next`: what the next call of that operation is answered, and nothing happens; `loses_answer_of`: it happens,
    and the connection breaks; `cuts`: the connection breaks before. More to set: `Api`, `Logins`, `Files`, `Feed`.
    """

    HOSTS = ("api.linkedin.com", "www.linkedin.com")
    OPERATIONS = tuple(dict.fromkeys(operation for operation, *_ in _ROUTES))
    PUBLISHING = frozenset({"publish", "comment"})
    FAILURES: ClassVar[Mapping[str, Failure]] = FAILURES

    def __init__(self, now: Callable[[], datetime], fetch: Callable[[str], bytes] | None = None):
        super().__init__(now)
        self.fetch = fetch  # LinkedIn pulls nothing
        self.seen: list[httpx.Request] = []
        self.fail_next: list[tuple[str, Failure]] = []
        self.loses_answer_of: set[str] = set()
        self.cuts: set[str] = set()

    @property
    def processing_seconds(self) -> int:
        return self.files.processing_seconds

    @processing_seconds.setter
    def processing_seconds(self, seconds: int) -> None:
        self.files.processing_seconds = seconds

    @property
    def posts(self) -> list[Shown]:
        return self.feed.shown()

    def consent(self, authorization_url: str, *, denies: bool = False) -> dict[str, str]:
        return self.ask(authorization_url, self.member.urn, denies=denies)

    def answer(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.seen.append(request)
        try:
            operation, call, keys = self._route(request)
            self._break(self.cuts, operation, request)
            for planned in self.fail_next:
                if planned[0] == operation:
                    self.fail_next.remove(planned)
                    return planned[1].response()
            response: httpx.Response = getattr(self, call)(request, *keys)
        except Refused as refusal:
            return refusal.response
        self._break(self.loses_answer_of, operation, request)
        return response

    def _break(self, planned: set[str], operation: str, request: httpx.Request) -> None:
        if operation in planned:
            planned.remove(operation)
            raise httpx.ReadError("The connection broke", request=request)

    def _route(self, request: httpx.Request) -> tuple[str, str, tuple[str, ...]]:
        path = request.url.raw_path.decode().partition("?")[0]
        action = request.url.params.get("action")
        target = f"{request.url.host}{path}" + (f"?action={action}" if action else "")
        for operation, method, pattern, call in _ROUTES:
            found = re.fullmatch(pattern, target)
            if found and method == request.method and request.url.scheme == "https":
                return operation, call, found.groups()
        raise refused(404, "RESOURCE_NOT_FOUND", "No virtual resource found")
