"""The sandbox that deploys with the stack: https://…/sandbox, described in functions/sandbox/app.py."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Literal

import httpx
from pydantic import Field

from punctual.clock import to_text
from punctual.meta.signed_requests import SignedRequests
from punctual.providers import feeding
from punctual.providers.base import Account, App, Cap, Fields, Grant, Keep, Outgoing, Published, Spec, Violation, answer
from punctual.providers.finding import CLOCK_SKEW
from punctual.providers.media import Attachment
from punctual.providers.oauth2 import OAuth2Provider
from punctual.providers.outcomes import OutcomeUnknown, Processing, ProviderError, Reconnect, Rejected, RetryLater
from punctual.providers.posting import PartKind, Shown
from punctual.providers.terms import ClientIdAndSecret, Option
from punctual.providers.text import graphemes
from punctual.sandbox_api import posts
from punctual.sandbox_api.rules import MEDIA, REFUSED
from punctual.sandbox_api.uploads import SandboxUpload

_DAY_SECONDS = 86_400
_NONE: Mapping[str, str] = {}
_SPARE_SECONDS = 60
_SEARCHED = frozenset({"duplicate_rejection", "search"})
_OPEN = frozenset({"duplicate", "already_published"})


class Settings(Fields):
    protection: Literal["key", "chosen_id", "handle", "duplicate_rejection", "search", "none"] = Field(
        default="key",
        description="What keeps this post from going out twice: each value plays a class of real platforms.",
    )
    reply_to: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Id of any post of the sandbox; this post becomes a reply to it.",
    )
    media_by: Literal["upload", "url"] = Field(
        default="upload",
        description="How the sandbox gets files: from Punctual, or by itself, from their address.",
    )
    processing_seconds: int = Field(
        default=0,
        ge=0,
        le=3600,
        description="With protection handle: how long the sandbox works on the container, as on a video.",
    )


class Sandbox(SignedRequests, OAuth2Provider):
    spec = Spec(
        id="sandbox",
        name="Sandbox",
        docs_url="docs/providers/sandbox.md",
        connect=("oauth",),
        max_text=500,
        counted_in="characters",
        settings=Settings,
        authorize_url="{server}/oauth/authorize",
        token_url="{server}/oauth/token",  # noqa: S106 - an address
        revoke_url="{server}/oauth/revoke",
        scopes=("read", "write"),
        token_auth="client_secret_post",  # noqa: S106 - the name of a method
        app_fields=ClientIdAndSecret,
        reuse_ends_grant=True,
        counting="Every grapheme cluster of Unicode counts 1.",
        media=MEDIA,
        key_window_seconds=posts.KEY_WINDOW_SECONDS,
        retry_safety="key",  # as posts are that choose none
        duplicate_protection="Any class of protection that real platforms have; each post chooses one.",
        post_types=("text", "image", "images", "animation", "video", "document"),
        max_parts=25,
        can_delete=True,
        options={"teams": "The teams of the login: to try out what asks a platform."},
        comments=True,
        max_poll_seconds=7200,
        only_for_tests=True,
        rules={
            "text.required": "The sandbox needs a text.",
            "processing_seconds.needs_handle": "Only containers are processed.",
        },
    )

    def server(self, fields: Any, own_url: str) -> str:
        return f"{own_url}/sandbox"

    def issuer(self, server: str) -> str | None:
        return server

    def register_app(self, server: str, redirect_uri: str) -> App | None:
        """One open, public client: nothing has to be registered. Apps of one's own are made at `/sandbox/api/apps`."""
        return App(client_id="punctual")

    def accounts(self, grant: Grant) -> tuple[Account, ...]:
        me = answer(self.call("GET", f"{grant.server}/api/me", grant=grant))
        try:
            limits = {name: int(me[name]) for name in ("max_text", "daily_posts") if me.get(name) is not None}
            about: dict[str, Any] = {"server": grant.server, "limits": limits}
            every = (me, *me.get("teams", ()))
            return tuple(Account(id=each["id"], handle=each["handle"], url=each["url"], **about) for each in every)
        except (KeyError, TypeError, ValueError) as error:
            raise RetryLater("The sandbox's answer could not be read.", code="unreadable_answer") from error

    def length(self, text: str, settings: Any, account: Account) -> int:
        return graphemes(text)

    def preview(self, text: str, settings: Any, account: Account) -> Shown:
        """Its timeline shows texts as they are, links too."""
        return Shown(text=text)

    def check(self, text: str, settings: Any, account: Account, kind: PartKind = "post") -> list[Violation]:
        found = super().check(text, settings, account, kind)
        if not text.strip():
            found.append(Violation(field="text", rule="sandbox.text.required", message="Sandbox needs text."))
        if settings.processing_seconds and settings.protection != "handle":
            message = "Only containers are processed: choose the protection handle."
            rule = "sandbox.processing_seconds.needs_handle"
            found.append(Violation(field="settings/processing_seconds", rule=rule, message=message))
        return found

    def caps(self, account: Account) -> tuple[Cap, ...]:
        daily = account.limits.get("daily_posts")
        return (Cap(posts=daily, seconds=_DAY_SECONDS),) if daily else self.spec.caps

    def lead_seconds(self, text: str, settings: Any) -> int:
        is_processed = settings.protection == "handle" and settings.processing_seconds
        return settings.processing_seconds + _SPARE_SECONDS if is_processed else self.spec.lead_seconds

    def key_window_seconds(self, post: Outgoing) -> int:
        return posts.key_window_seconds(post)

    def absence_is_proof(self, post: Outgoing) -> bool:
        return post.settings.protection in ("chosen_id", "handle")

    def prepare(self, post: Outgoing, grant: Grant, keep: Keep) -> None:
        ids = self._files(post, grant, keep)
        if post.settings.protection != "handle":
            return
        wait = post.settings.processing_seconds
        if "container" not in post.prepared:
            body = {**posts.content(post, ids), **({"processing_seconds": wait} if wait else {})}
            asked = self._tell("POST", "containers", post, grant, json=body)
            container = answer(asked).get("id")
            if not isinstance(container, str) or not container:
                raise RetryLater("The sandbox named no container.", code="unreadable_answer")
            keep(container=container)
        elif wait:
            asked = self._ask(f"containers/{post.prepared['container']}", post, grant)
        else:
            return
        if answer(asked).get("status") == "processing":
            raise Processing(retry_after=self.retry_after(asked))

    def _files(self, post: Outgoing, grant: Grant, keep: Keep) -> list[str]:
        """Uploaded; or, where the sandbox fetches them, what a search will know them by."""
        if post.settings.media_by == "upload":
            return feeding.upload(post, keep, partial(self._upload, post, grant))
        if post.media and "sums" not in post.prepared:
            keep(sums=[each.sha256 for each in post.media])
        return []

    def _upload(self, post: Outgoing, grant: Grant, file: Attachment) -> SandboxUpload:
        return SandboxUpload(file, partial(self._tell, post=post, grant=grant), post.text)

    def publish(self, post: Outgoing, grant: Grant) -> Published:
        api, protection = f"{grant.server}/api", post.settings.protection
        method, url = "POST", f"{api}/posts"
        headers = posts.play(post)
        if protection == "key":
            headers["Idempotency-Key"] = post.key
        if protection == "chosen_id":
            method, url = "PUT", f"{api}/posts/{posts.chosen_id(post)}"
        if protection == "handle":
            if "container" not in post.prepared:
                raise RetryLater("This post was not prepared.", code="not_prepared")
            url = f"{api}/containers/{post.prepared['container']}/publish"
        content: dict[str, Any] = {}
        if protection != "handle":
            ids = feeding.uploaded(post) if post.settings.media_by == "upload" else []
            content["json"] = posts.content(post, ids)
        response = self.call(method, url, grant=grant, irreversible=True, headers=headers, **content)
        return self._live(response, irreversible=True)

    def find(self, post: Outgoing, grant: Grant) -> Published | None:
        if "job" in post.prepared:
            return self._by_job(post, grant)
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
            response = self._ask(f"posts/{posts.chosen_id(post)}", post, grant)
        except Rejected as error:
            if error.platform_code == "no_such_post":
                return None
            raise
        return self._live(response)

    def _by_job(self, post: Outgoing, grant: Grant) -> Published:
        """A job that is gone proves nothing."""
        try:
            return self._progress(self._ask(f"jobs/{post.prepared['job']}", post, grant))
        except Rejected as error:
            raise OutcomeUnknown("The sandbox cannot say.", code="no_answer", status=error.status) from error

    def _by_handle(self, post: Outgoing, grant: Grant) -> Published | None:
        """A container that is gone proves nothing, unlike one that says it was not published."""
        if "container" not in post.prepared:
            raise OutcomeUnknown("This post's container is not known.", code="no_container")
        try:
            asked = self._ask(f"containers/{post.prepared['container']}", post, grant)
        except Rejected as error:
            raise OutcomeUnknown("The sandbox cannot say.", code="no_answer", status=error.status) from error
        return None if answer(asked).get("status") in ("ready", "processing") else self._progress(asked)

    def _by_search(self, post: Outgoing, grant: Grant) -> Published | None:
        """The first such post since the first sending that no other delivery has: an earlier one is another's."""
        if post.first_sent_at is None:
            return None
        since = to_text(post.first_sent_at - CLOCK_SKEW)
        asked = {"text": post.text, "in_reply_to": posts.parent(post), "since": since}
        found = answer(self._tell("POST", "search", post, grant, json=asked))
        shown = found.get("posts")
        if not isinstance(shown, list):
            raise RetryLater("The sandbox's answer could not be read.", code="unreadable_answer")
        ours = (posts.published(one) for one in reversed(shown) if posts.carries(one, post))
        return next((one for one in ours if one.platform_id not in post.taken), None)

    def delete(self, published: Published, grant: Grant, account: Account) -> None:
        posts.delete(self, published, grant)

    def options(self, name: str, query: str, grant: Grant, account: Account) -> tuple[Option, ...]:
        return posts.teams(self, query, grant)

    def _ask(self, path: str, post: Outgoing, grant: Grant) -> httpx.Response:
        return self._tell("GET", path, post, grant)

    def _tell(
        self, method: str, path: str, post: Outgoing, grant: Grant, headers: Mapping[str, str] = _NONE, **sent: Any
    ) -> httpx.Response:
        headers = {**posts.play(post), **headers}
        return self.call(method, f"{grant.server}/api/{path}", grant=grant, headers=headers, **sent)

    def _live(self, response: httpx.Response, irreversible: bool = False) -> Published:
        """The post of an answer that shows it, or the job of one that says it will come."""
        found = answer(response, irreversible=irreversible)
        if response.status_code != 202:
            return posts.published(found)
        if not isinstance(found.get("job"), str):
            raise OutcomeUnknown("The sandbox's answer names no job.", code="unreadable_answer")
        raise Processing(retry_after=self.retry_after(response), kept={"job": found["job"]})

    def _progress(self, response: httpx.Response) -> Published:
        """What a job or a container that was published says of its post."""
        found = answer(response)
        if found.get("status") == "publishing":
            raise Processing(retry_after=self.retry_after(response))
        return posts.published(found.get("post"))

    def failed(self, response: httpx.Response) -> bool:
        """The sandbox can say an error in a success, as `[sandbox:error_200]` asks."""
        return super().failed(response) or self.platform_code(response) is not None

    def retry_after(self, response: httpx.Response) -> float | None:
        """Where nothing was refused, the end of a limit stands in RateLimit-Reset, in seconds."""
        given = response.headers.get("RateLimit-Reset", "")
        found = super().retry_after(response)
        return float(given) if found is None and given.isascii() and given.isdigit() else found

    def error(self, response: httpx.Response, irreversible: bool) -> ProviderError:
        code, status = self.platform_code(response), response.status_code
        given: dict[str, Any] = {"status": status, "platform_code": code}
        if code in _OPEN:
            return OutcomeUnknown("The sandbox says it has this post already.", code="duplicate", **given)
        if code == "grant_revoked":
            return Reconnect("The sandbox ended this connection.", code="grant_dead", **given)
        if code == "not_ready":
            return RetryLater(
                "The sandbox is not ready for it.", code="not_ready", retry_after=self.retry_after(response), **given
            )
        if code in REFUSED:
            return Rejected(REFUSED[code], code="refused", **given)
        return super().error(response, irreversible)


PROVIDER = Sandbox
