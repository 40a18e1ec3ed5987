"""The sandbox that deploys with the stack: https://…/sandbox, described in functions/sandbox/app.py."""

import hashlib
from datetime import timedelta
from typing import Any, Literal

import httpx
from pydantic import Field

from punctual.clock import to_text
from punctual.providers.base import Account, App, Fields, Grant, Keep, Outgoing, Published, Spec, Violation, answer
from punctual.providers.oauth2 import OAuth2Provider
from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Reconnect, Rejected, RetryLater
from punctual.providers.text import graphemes

_CLOCK_SKEW = timedelta(seconds=5)
_SEARCHED = frozenset({"duplicate_rejection", "search"})
_OPEN = frozenset({"duplicate", "already_published"})
_REFUSED = {
    "refused": "The sandbox refused this post, as its text asks.",
    "unknown_directive": "The text holds a [sandbox:…] directive that the sandbox does not know.",
    "no_such_container": "The sandbox no longer has this post's container.",
    "id_taken": "The sandbox has another post under this post's id.",
    "key_reused": "The sandbox saw this post's idempotency key with another text.",
}


class Settings(Fields):
    protection: Literal["key", "chosen_id", "handle", "duplicate_rejection", "search", "none"] = Field(
        default="key",
        description="What keeps this post from going out twice: each value plays a class of real platforms.",
    )


class Sandbox(OAuth2Provider):
    spec = Spec(
        id="sandbox",
        name="Sandbox",
        docs_url="docs/providers/sandbox.md",
        connect="oauth",
        max_text=500,
        counted_in="characters",
        settings=Settings,
        authorize_url="{server}/oauth/authorize",
        token_url="{server}/oauth/token",  # noqa: S106 - an address
        revoke_url="{server}/oauth/revoke",
        scopes=("read", "write"),
        token_auth="none",  # noqa: S106 - the name of a method
        duplicate_protection="Any class of protection that real platforms have; each post chooses one.",
        only_for_tests=True,
    )

    def server(self, fields: Any, own_url: str) -> str:
        return f"{own_url}/sandbox"

    def issuer(self, server: str) -> str | None:
        return server

    def register_app(self, server: str, redirect_uri: str) -> App | None:
        """One open, public client: there is nothing to register."""
        return App(client_id="punctual")

    def accounts(self, grant: Grant) -> tuple[Account, ...]:
        me = answer(self.call("GET", f"{grant.server}/api/me", grant=grant))
        try:
            limits = {"max_text": int(me["max_text"])}
            return (Account(id=me["id"], handle=me["handle"], url=me["url"], server=grant.server, limits=limits),)
        except (KeyError, TypeError, ValueError) as error:
            raise RetryLater("The sandbox's answer could not be read.", code="unreadable_answer") from error

    def length(self, text: str, settings: Any, account: Account) -> int:
        return graphemes(text)

    def check(self, text: str, settings: Any, account: Account) -> list[Violation]:
        found = super().check(text, settings, account)
        if not text.strip():
            found.append(Violation(field="text", rule="sandbox.text.required", message="Sandbox needs text."))
        return found

    def key_window_seconds(self, post: Outgoing) -> int:
        return 3600 if post.settings.protection == "key" else 0

    def absence_is_proof(self, post: Outgoing) -> bool:
        return post.settings.protection in ("chosen_id", "handle")

    def prepare(self, post: Outgoing, grant: Grant, keep: Keep) -> None:
        if post.settings.protection != "handle" or "container" in post.prepared:
            return
        body = {"text": post.text, "protection": "handle"}
        made = self.call("POST", f"{grant.server}/api/containers", grant=grant, headers=_play(post), json=body)
        container = answer(made).get("id")
        if not isinstance(container, str) or not container:
            raise RetryLater("The sandbox named no container.", code="unreadable_answer")
        keep(container=container)

    def publish(self, post: Outgoing, grant: Grant) -> Published:
        api, protection = f"{grant.server}/api", post.settings.protection
        method, url = "POST", f"{api}/posts"
        headers = _play(post)
        if protection == "key":
            headers["Idempotency-Key"] = post.key
        if protection == "chosen_id":
            method, url = "PUT", f"{api}/posts/{_chosen_id(post)}"
        if protection == "handle":
            if "container" not in post.prepared:
                raise RetryLater("This post was not prepared.", code="not_prepared")
            url = f"{api}/containers/{post.prepared['container']}/publish"
        content = {} if protection == "handle" else {"json": {"text": post.text, "protection": protection}}
        response = self.call(method, url, grant=grant, irreversible=True, headers=headers, **content)
        return _published(answer(response, irreversible=True))

    def find(self, post: Outgoing, grant: Grant) -> Published | None:
        match post.settings.protection:
            case "chosen_id":
                return self._by_chosen_id(post, grant)
            case "handle":
                return self._by_handle(post, grant)
            case protection if protection in _SEARCHED:
                return self._by_search(post, grant)
        return None

    def _by_chosen_id(self, post: Outgoing, grant: Grant) -> Published | None:
        try:
            response = self.call(
                "GET", f"{grant.server}/api/posts/{_chosen_id(post)}", grant=grant, headers=_play(post)
            )
        except Rejected as error:
            if error.platform_code == "no_such_post":
                return None
            raise
        return _published(answer(response))

    def _by_handle(self, post: Outgoing, grant: Grant) -> Published | None:
        """A container that is gone proves nothing, unlike one that says it was not published."""
        if "container" not in post.prepared:
            raise OutcomeUnknown("This post's container is not known.", code="no_container")
        url = f"{grant.server}/api/containers/{post.prepared['container']}"
        try:
            asked = answer(self.call("GET", url, grant=grant, headers=_play(post)))
        except Rejected as error:
            raise OutcomeUnknown("The sandbox cannot say.", code="no_answer", status=error.status) from error
        if asked.get("status") == "ready":
            return None
        shown = asked.get("post")
        return _published(shown if isinstance(shown, dict) else {})

    def _by_search(self, post: Outgoing, grant: Grant) -> Published | None:
        """The first post with this text since the first sending: an earlier one is another delivery's."""
        if post.first_sent_at is None:
            return None
        asked = {"text": post.text, "since": to_text(post.first_sent_at - _CLOCK_SKEW)}
        found = answer(self.call("POST", f"{grant.server}/api/search", grant=grant, headers=_play(post), json=asked))
        shown = found.get("posts")
        if not isinstance(shown, list):
            raise RetryLater("The sandbox's answer could not be read.", code="unreadable_answer")
        return _published(shown[-1]) if shown else None

    def error(self, response: httpx.Response, irreversible: bool) -> ProviderError:
        code, status = self.platform_code(response), response.status_code
        given: dict[str, Any] = {"status": status, "platform_code": code}
        if code in _OPEN:
            return OutcomeUnknown("The sandbox says it has this post already.", code="duplicate", **given)
        if code == "grant_revoked":
            return Reconnect("The sandbox ended this connection.", code="grant_dead", **given)
        if code in _REFUSED:
            return Rejected(_REFUSED[code], code="refused", **given)
        return super().error(response, irreversible)


def _play(post: Outgoing) -> dict[str, str]:
    """For the failures that the text scripts; the sandbox recognises no post by it."""
    return {"Sandbox-Play": post.key}


def _chosen_id(post: Outgoing) -> str:
    return f"own-{hashlib.sha256(post.key.encode()).hexdigest()[:40]}"


def _published(shown: dict[str, Any]) -> Published:
    platform_id, url = shown.get("id"), shown.get("url")
    if isinstance(platform_id, str) and platform_id and isinstance(url, str):
        return Published(platform_id=platform_id, url=url)
    raise OutcomeUnknown("The sandbox's answer names no post.", code="unreadable_answer")


PROVIDER = Sandbox
