"""What both logins have alike: all but how a person is asked, and for what."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from punctual.instagram_api import comments, rules
from punctual.instagram_api.codes import OF_INSTAGRAM
from punctual.instagram_api.posts import PostContainers
from punctual.instagram_api.settings import Settings
from punctual.meta import containers, quotas
from punctual.meta.graph import GraphProvider
from punctual.meta.meanings import Meaning
from punctual.providers.base import Account, ApiVersion, Cap, Grant, Keep, Outgoing, Published, Violation
from punctual.providers.media import MediaRules
from punctual.providers.outcomes import ProviderError, Rejected
from punctual.providers.posting import PartKind, Shown

_QUOTAS_READ = 10
"""Of a login that holds more accounts, the others' are not asked for: a person waits for the answer."""


class PublishesToInstagram(GraphProvider):
    meanings: ClassVar[Mapping[str, Meaning]] = OF_INSTAGRAM
    sites = ("instagram.com",)

    # Connecting

    def with_quotas(self, accounts: tuple[Account, ...], grants: Mapping[str, Grant]) -> tuple[Account, ...]:
        """How many posts each may make: Meta's documents have said 25, 50 and 100."""
        read = [self._with_quota(each, grants[each.id]) for each in accounts[:_QUOTAS_READ]]
        return (*read, *accounts[_QUOTAS_READ:])

    def _with_quota(self, account: Account, grant: Grant) -> Account:
        try:
            quota = quotas.read(self, _asked(account), grant)
        except ProviderError:
            quota = None
        return replace(account, limits={**account.limits, **quotas.limits(quota)})

    # Publishing

    def check(self, text: str, settings: Settings, account: Account, kind: PartKind = "post") -> list[Violation]:
        found = super().check(text, settings, account, kind)
        return [*found, *rules.broken(text, settings, kind, self.spec.id)]

    def media_rules(self, settings: Settings, account: Account, kind: PartKind = "post") -> MediaRules:
        return rules.media(settings, kind)

    def preview(self, text: str, settings: Settings, account: Account) -> Shown:
        return rules.shown_on_site(text)

    def caps(self, account: Account) -> tuple[Cap, ...]:
        return quotas.caps(account)

    def prepare(self, post: Outgoing, grant: Grant, keep: Keep) -> None:
        if post.kind == "comment":
            return
        if not post.media:
            raise Rejected("Instagram has no posts without a picture or a video.", code="media_refused")
        if not post.prepared:
            quotas.check_room(self, _asked(post.account), grant)
        containers.prepare(PostContainers(self, post, grant), keep)

    def publish(self, post: Outgoing, grant: Grant) -> Published:
        if post.kind == "comment":
            return comments.publish(self, post, grant)
        return containers.publish(PostContainers(self, post, grant))

    def absence_is_proof(self, post: Outgoing) -> bool:
        return post.kind != "comment"

    def find(self, post: Outgoing, grant: Grant) -> Published | None:
        if post.kind == "comment":
            return comments.find(self, post, grant)
        return containers.find(PostContainers(self, post, grant))

    # Afterwards

    def permalink(self, published: Published, grant: Grant, account: Account) -> str:
        if published.extra == comments.IS_COMMENT:
            return ""
        return self.shown_at(self.read(published.platform_id, grant, fields="permalink"))


def _asked(account: Account) -> quotas.Asked:
    return quotas.Asked(path=f"{account.id}/content_publishing_limit")


SPEC: Mapping[str, Any] = {
    "connect": ("oauth",),
    "settings": Settings,
    "max_text": rules.MAX_TEXT,
    "counted_in": "characters",
    "counting": "Every character counts 1; at most 30 hashtags and 20 mentions.",
    # Its end is not told yet; versions last two years: https://developers.facebook.com/docs/graph-api/changelog
    "api_version": ApiVersion(name="v25.0"),
    "scope_separator": ",",
    "pkce": False,
    "media": rules.POST,
    "post_types": ("image", "images", "reel", "story"),
    "comments": True,
    "poll_seconds": 30,
    "retry_safety": "handle",
    "absence_is_proof": True,
    "duplicate_protection": (
        "A container, made early and published once: it says itself whether it was published, and is asked before "
        "anything is sent again. A first comment whose answer was lost is looked for, and never sent again."
    ),
    "rules": {
        "text.hashtags": "A text has at most 30 hashtags.",
        "text.mentions": "A text has at most 20 mentions.",
        "text.story": "A story shows no caption.",
        "text.comment_on_story": "A story has no first comment.",
    },
}
"""Of both logins."""
