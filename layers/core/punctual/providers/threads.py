"""Threads. https://developers.facebook.com/documentation/threads

Every post, reply and comment is a container, made before its time and published by one call.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from punctual.clock import to_text
from punctual.meta import containers, quotas
from punctual.meta.graph import SelfRenewing, id_of
from punctual.meta.meanings import Meaning
from punctual.providers.base import (
    Account,
    ApiVersion,
    Cap,
    Grant,
    Keep,
    Option,
    Outgoing,
    Published,
    Spec,
    Violation,
    answer,
)
from punctual.providers.media import MediaRules
from punctual.providers.outcomes import Rejected, RetryLater, ScopesMissing
from punctual.providers.posting import PartKind, Shown
from punctual.providers.terms import ClientIdAndSecret, Remedy
from punctual.threads_api import counting, rules
from punctual.threads_api.codes import OF_THREADS, is_missing
from punctual.threads_api.posts import PostContainers
from punctual.threads_api.quotas import POSTS, asked
from punctual.threads_api.settings import Settings

_PLACE = "id,name,address,city,country"


class Threads(SelfRenewing):
    host = "https://graph.threads.net"
    token_prefix = "th"  # noqa: S105 - of grant types
    meanings: ClassVar[Mapping[str, Meaning]] = OF_THREADS
    sites = ("threads.com", "threads.net")
    spec = Spec(
        id="threads",
        name="Threads",
        docs_url="https://developers.facebook.com/documentation/threads",
        connect=("oauth",),
        settings=Settings,
        api_version=ApiVersion(name="v1.0"),  # the only one that there has been
        authorize_url="https://www.threads.com/oauth/authorize",
        token_url="https://graph.threads.net/oauth/access_token",  # noqa: S106 - an address
        scopes=("threads_basic", "threads_content_publish"),
        # For threads and first comments, to find one whose answer was lost, to take posts down, and for places.
        optional_scopes=(
            "threads_manage_replies",
            "threads_read_replies",
            "threads_delete",
            "threads_location_tagging",
        ),
        scope_separator=",",
        pkce=False,
        app_fields=ClientIdAndSecret,
        setup="Make an app for Threads at https://developers.facebook.com/apps: docs/providers/threads.md.",
        max_text=counting.MAX_TEXT,
        counted_in="characters",
        counting="Every character counts 1, an emoji as many as it has bytes in UTF-8: most have 4, a family 25.",
        media=rules.MEDIA,
        post_types=("text", "link", "image", "images", "video", "poll"),
        max_parts=rules.MAX_PARTS,
        comments=True,
        caps=(POSTS,),
        poll_seconds=30,
        can_delete=True,
        options={"locations": "Places, by what they are called: for the setting location_id."},
        retry_safety="handle",
        absence_is_proof=True,
        duplicate_protection=(
            "A container, made early and published once: it says itself whether it was published, and is asked before "
            "anything is sent again."
        ),
        remedies={
            "parent_not_shown": Remedy(remediation="Nothing: it is tried again in a moment.", retryable=True),
            "parent_gone": Remedy(remediation="Post the rest anew: what it answers was deleted on the server."),
        },
        rules={
            "text.links": "A post has at most 5 different links, the one in its settings with them.",
            "text.after_ghost": "A ghost post stands alone: nothing goes on with it, and it has no first comment.",
        },
    )

    # Connecting

    def accounts(self, grant: Grant) -> tuple[Account, ...]:
        me = self.read("me", grant, fields="id,username,name")
        username = me.get("username")
        if not isinstance(username, str) or not username:
            raise RetryLater("Threads' answer could not be read.", code="unreadable_answer")
        account_id = id_of(me)
        account = Account(
            id=account_id,
            handle=f"@{username}",
            name=str(me.get("name") or "")[:200],
            url=f"https://www.threads.com/@{username}",
            limits=quotas.limits(self._quota(account_id, grant)),
        )
        return (account,)

    def _quota(self, account_id: str, grant: Grant) -> quotas.Quota | None:
        """A token's answer does not say what the person allowed. This call "requires the threads_basic and
        threads_content_publish permissions": https://developers.facebook.com/documentation/threads/overview#posts"""
        try:
            return quotas.read(self, asked(account_id, replies=False), grant)
        except Rejected as error:
            if error.code == "permission_missing":
                raise ScopesMissing(self.spec.name, ("threads_content_publish",)) from error
            return None
        except RetryLater:
            return None

    # Publishing

    def check(self, text: str, settings: Settings, account: Account, kind: PartKind = "post") -> list[Violation]:
        return [*super().check(text, settings, account, kind), *rules.broken(text, settings, kind)]

    def length(self, text: str, settings: Settings, account: Account) -> int:
        return counting.length(text)

    def preview(self, text: str, settings: Settings, account: Account) -> Shown:
        return rules.shown_on_site(text, settings.topic_tag)

    def media_rules(self, settings: Settings, account: Account, kind: PartKind = "post") -> MediaRules:
        return rules.media(settings, kind)

    def caps(self, account: Account) -> tuple[Cap, ...]:
        return quotas.caps(account, (POSTS,))

    def prepare(self, post: Outgoing, grant: Grant, keep: Keep) -> None:
        dialect = PostContainers(self, post, grant)
        if post.part and dialect.answers is None:
            raise RetryLater("What this part answers is not live yet.", code="not_prepared")
        if not post.prepared:
            quotas.check_room(self, asked(post.account.id, replies=dialect.answers is not None), grant)
        containers.prepare(dialect, keep)

    def publish(self, post: Outgoing, grant: Grant) -> Published:
        """When it was made is kept for the part that answers it."""
        made = containers.publish(PostContainers(self, post, grant))
        return replace(made, extra={"made_at": to_text(self.now())})

    def find(self, post: Outgoing, grant: Grant) -> Published | None:
        return containers.find(PostContainers(self, post, grant))

    # Afterwards

    def permalink(self, published: Published, grant: Grant, account: Account) -> str:
        return self.shown_at(self.read(published.platform_id, grant, fields="permalink"))

    def delete(self, published: Published, grant: Grant, account: Account) -> None:
        """With a permission of its own, and a hundred times a day:
        https://developers.facebook.com/documentation/threads/posts/delete-posts"""
        try:
            said = answer(self.call("DELETE", self.at(published.platform_id), grant=grant))
        except Rejected as error:
            if not is_missing(error):
                raise
        else:
            if said.get("success") is False:
                raise Rejected("Threads did not take it down.", code="refused")

    def options(self, name: str, query: str, grant: Grant, account: Account) -> tuple[Option, ...]:
        """Until the app is approved for it, only "Menlo Park" finds something:
        https://developers.facebook.com/documentation/threads/create-posts/location-tagging"""
        if not query.strip():
            return ()
        found = answer(self._places(query, grant)).get("data")
        return tuple(_place(each) for each in found if isinstance(each, dict)) if isinstance(found, list) else ()

    def _places(self, query: str, grant: Grant) -> Any:
        return self.call("GET", self.at("location_search"), grant=grant, params={"q": query, "fields": _PLACE})


def _place(found: Mapping[str, Any]) -> Option:
    where = [str(found.get(part) or "") for part in ("address", "city", "country")]
    about = ", ".join(each for each in where if each)
    return Option(value=id_of(found), label=str(found.get("name") or ""), about=about)


PROVIDER = Threads
