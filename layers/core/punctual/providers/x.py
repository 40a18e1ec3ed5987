"""X (formerly Twitter), API v2. https://docs.x.com/x-api/introduction

What only others than X say of it, and so may differ: that a refresh token which is used twice ends the grant, that
replies to posts of one's own (threads, first comments) need no summons, that subscribers may write 25,000 characters.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx

from punctual.providers.base import (
    Account,
    App,
    Cap,
    ClientIdAndSecret,
    Cost,
    Grant,
    Keep,
    Option,
    Outgoing,
    Published,
    Spec,
    Violation,
    answer,
)
from punctual.providers.feeding import forgetting, upload
from punctual.providers.loopback import on_loopback
from punctual.providers.media import MediaRules
from punctual.providers.oauth2 import OAuth2Provider
from punctual.providers.outcomes import (
    OutcomeUnknown,
    ProviderError,
    Reconnect,
    Rejected,
    RetryLater,
    Unauthorized,
    Unprepared,
)
from punctual.providers.posting import PartKind, Shown
from punctual.providers.terms import Remedy
from punctual.x_api import counting, limits, lookups, media, posts, prices, problems, showing, timelines
from punctual.x_api.links import INVALID, cashtags
from punctual.x_api.settings import Settings

API = "https://api.x.com/2"
_LONG = 25_000
# The contract (User.subscription_type): "e.g.: Basic, Premium, PremiumPlus or None".
_SUBSCRIPTIONS = frozenset({"Basic", "Premium", "PremiumPlus"})
# Access tokens live two hours, and each refresh spends a token that is good once: no earlier than it must be.
_REFRESHED_BEFORE = timedelta(minutes=15)


class X(OAuth2Provider):
    spec = Spec(
        id="x",
        name="X",
        docs_url="https://docs.x.com/x-api/introduction",
        connect=("oauth",),
        settings=Settings,
        max_text=280,
        counted_in="characters, as X weighs them",
        counting=(
            "Letters of most alphabets count 1, those of Chinese, Japanese and Korean and other signs 2, any emoji 2 "
            "and any link 23."
        ),
        url_length=counting.URL_LENGTH,
        authorize_url="https://x.com/i/oauth2/authorize",
        token_url=f"{API}/oauth2/token",
        revoke_url=f"{API}/oauth2/revoke",
        scopes=("tweet.read", "tweet.write", "users.read", "media.write", "offline.access"),
        token_auth="client_secret_basic",  # noqa: S106 - the name of a method
        app_fields=ClientIdAndSecret,
        # https://github.com/gptme/gptme-contrib/pull/285, https://github.com/trypostit/trypost/issues/126
        reuse_ends_grant=True,
        setup="Create an app at https://console.x.com, of the type Web App, Automated App or Bot, with OAuth 2.0.",
        media=media.MEDIA,
        post_types=("text", "link", "image", "images", "animation", "video", "poll"),
        max_parts=25,  # ours: X names no limit
        comments=True,
        caps=(Cap(posts=100, seconds=15 * 60),),  # https://docs.x.com/x-api/fundamentals/rate-limits
        max_polls=180,
        retry_safety="search",
        duplicate_protection=(
            "X refuses a text that the account posted just before. What may have gone out is looked for by its text, "
            "its time and what it answers, and never sent again."
        ),
        remedies={
            "app_not_enrolled": Remedy(remediation="Whoever runs the stack looks at the app's plan and access at X."),
            "credits_used_up": Remedy(
                remediation="Whoever runs the stack buys credits, or raises the limit, at X; then retry the delivery."
            ),
            "account_suspended": Remedy(remediation="Sign in at X: it says why, and how to appeal."),
            "account_locked": Remedy(remediation="Sign in at X and do what it asks; then retry the delivery."),
            "parent_gone": Remedy(remediation="Post the rest anew: the post that it answers or quotes is gone."),
            "reply_refused": Remedy(
                remediation="Reply by hand: X takes replies by API where the author mentioned or quoted the account."
            ),
            "not_deleted": Remedy(remediation="Delete the post on X."),
        },
        rules={
            "text.characters": "The text must not hold the characters U+FFFE, U+FEFF or U+FFFF.",
            "text.max_cashtags": "X's self-serve plans take one cashtag ($ACME) in a post.",
            "poll.alone": "A post with a poll quotes no other.",
            "share_with_followers.needs_community": "Only posts to a community can be shared with followers as well.",
            "exclude_reply_user_ids.needs_reply": "Only a reply mentions others by itself.",
            "long_post.needs_subscription": "Long posts are for accounts with X Premium; connect again if it is new.",
        },
        can_delete=True,
        options={
            "communities": "Communities, by what they are called: for the setting community_id.",
            "users": "An account, by its name: for the setting tagged_user_ids.",
        },
    )

    # Connecting

    def own_url(self, own_url: str) -> str:
        return on_loopback(own_url)  # https://docs.x.com/fundamentals/developer-apps

    def accounts(self, grant: Grant) -> tuple[Account, ...]:
        asked = {"user.fields": "id,name,username,subscription_type"}
        me = answer(self.call("GET", f"{API}/users/me", grant=grant, params=asked)).get("data")
        if not isinstance(me, dict) or not posts.ID.fullmatch(str(me.get("id"))) or not me.get("username"):
            raise RetryLater("X's answer could not be read.", code="unreadable_answer")
        account = Account(
            id=str(me["id"]),
            handle=f"@{me['username']}",
            name=str(me.get("name") or "")[:200],
            url=f"https://x.com/{me['username']}",
            limits={"is_subscribed": int(str(me.get("subscription_type")) in _SUBSCRIPTIONS)},
        )
        return (account,)

    def refresh_at(self, grant: Grant, obtained_at: datetime) -> datetime | None:
        return max(obtained_at, grant.expires_at - _REFRESHED_BEFORE) if grant.expires_at else None

    def revoke(self, grant: Grant, app: App | None) -> None:
        """X names both tokens and does not say that one ends the other:
        https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token"""
        super().revoke(grant, app)
        if grant.refresh_token:
            with contextlib.suppress(Rejected, Unauthorized):
                super().revoke(replace(grant, refresh_token=None), app)

    # Publishing

    def check(self, text: str, settings: Settings, account: Account, kind: PartKind = "post") -> list[Violation]:
        long = replace(account, limits={**account.limits, "max_text": _LONG}) if settings.long_post else account
        found = super().check(text, settings, long, kind)
        rules = self.spec.rules
        if any(each in text for each in INVALID):
            found.append(Violation(field="text", rule="x.text.characters", message=rules["text.characters"]))
        if len(cashtags(text)) > 1:  # https://docs.x.com/x-api/posts/manage-tweets/integrate
            found.append(Violation(field="text", rule="x.text.max_cashtags", message=rules["text.max_cashtags"]))
        if kind == "post":
            found += self._contradictions(settings, account)
        return found

    def _contradictions(self, settings: Settings, account: Account) -> Iterator[Violation]:
        if settings.poll and settings.quote_post_id:
            yield self._of_setting(rule="x.poll.alone")
        if settings.share_with_followers and not settings.community_id:
            yield self._of_setting(rule="x.share_with_followers.needs_community")
        if settings.exclude_reply_user_ids and not settings.reply_to:
            yield self._of_setting(rule="x.exclude_reply_user_ids.needs_reply")
        if settings.long_post and not account.limits.get("is_subscribed"):
            yield self._of_setting(rule="x.long_post.needs_subscription")

    def _of_setting(self, rule: str) -> Violation:
        name = rule.removeprefix("x.")
        return Violation(field=f"settings/{name.partition('.')[0]}", rule=rule, message=self.spec.rules[name])

    def length(self, text: str, settings: Settings, account: Account) -> int:
        return counting.length(text)

    def media_rules(self, settings: Settings, account: Account, kind: PartKind = "post") -> MediaRules:
        is_subscribed = bool(account.limits.get("is_subscribed"))
        return media.rules(settings, is_first=kind == "post", is_subscribed=is_subscribed)

    def cost(self, text: str, settings: Settings, account: Account, kind: PartKind = "post") -> Cost | None:
        return prices.of_post(text, is_summoned=kind == "post" and settings.reply_to is not None)

    def preview(self, text: str, settings: Settings, account: Account) -> Shown:
        return showing.shown_on_site(text)

    def prepare(self, post: Outgoing, grant: Grant, keep: Keep) -> None:
        upload(post, keep, partial(media.dialect, provider=self, grant=grant))

    def publish(self, post: Outgoing, grant: Grant) -> Published:
        try:
            response = self.call("POST", f"{API}/tweets", grant=grant, irreversible=True, json=posts.fields(post))
        except Rejected as error:
            raise self._of_post(error, post) from error
        made = answer(response, irreversible=True).get("data")
        if not isinstance(made, dict) or not posts.ID.fullmatch(str(made.get("id"))):
            raise OutcomeUnknown("X's answer names no post.", code="unreadable_answer", status=response.status_code)
        return self._live(str(made["id"]), post)

    def _of_post(self, error: Rejected, post: Outgoing) -> ProviderError:
        """X lets go of files that no post has for a day; a second upload that is refused too is not one of these."""
        about: dict[str, Any] = {"status": error.status, "platform_code": error.platform_code}
        if error.code == "media_refused" and post.media and "again" not in post.prepared:
            kept = {**forgetting(post), "again": True}
            return Unprepared("X no longer has the post's files.", code="media_expired", kept=kept, **about)
        if error.status == 403 and error.code == "refused" and posts.answered(post):
            sentence = (
                "X did not take this reply: is the post still there, and did its author mention or quote the account?"
            )
            return Rejected(sentence, code="reply_refused", **about)
        return error

    def _live(self, post_id: str, post: Outgoing) -> Published:
        return Published(platform_id=post_id, url=posts.url(post.account, post_id))

    def find(self, post: Outgoing, grant: Grant) -> Published | None:
        """The one post of the account since our first call that says this; two are no evidence."""
        if post.first_sent_at is None:
            return None
        ask = partial(self.call, "GET", f"{API}/users/{post.account.id}/tweets", grant=grant)
        found = set(posts.candidates(timelines.recent(post, ask), post))
        return self._live(found.pop(), post) if len(found) == 1 else None

    def delete(self, published: Published, grant: Grant, account: Account) -> None:
        try:
            gone = answer(self.call("DELETE", f"{API}/tweets/{published.platform_id}", grant=grant)).get("data")
        except Rejected as error:
            if error.status == 404:
                return
            raise
        if not isinstance(gone, dict) or gone.get("deleted") is not True:
            raise Rejected("X did not delete the post.", code="not_deleted")

    def options(self, name: str, query: str, grant: Grant, account: Account) -> tuple[Option, ...]:
        ask = partial(self.call, "GET", grant=grant)
        return lookups.users(query, ask) if name == "users" else lookups.communities(query, ask)

    # Talking

    def error(self, response: httpx.Response, irreversible: bool) -> ProviderError:
        status, problem = response.status_code, problems.read(response)
        about: dict[str, Any] = {"status": status, "platform_code": self.platform_code(response)}
        if not response.is_client_error:
            return super().error(response, irreversible)
        if problem.is_duplicate and irreversible:
            return OutcomeUnknown("X says that the account has posted this already.", code="duplicate", **about)
        if problem.is_spent or problem.kind == "unsupported-authentication":
            return Reconnect("X ended this connection.", code="grant_dead", **about)
        if problem.names_media:
            return Rejected("X does not take the files of this post.", code="media_refused", **about)
        if known := problems.refusal(problem, status):
            return Rejected(known.sentence, code=known.code, **about)
        return super().error(response, irreversible)

    def platform_code(self, response: httpx.Response) -> str | None:
        problem = problems.read(response)
        return problem.kind or next((str(code) for code in problem.codes), None) or super().platform_code(response)

    def retry_after(self, response: httpx.Response) -> float | None:
        """X has no Retry-After, but tells when each of its windows ends."""
        found = super().retry_after(response)
        if found is None:
            found = limits.wait(response.headers, self.now())
        return limits.window(response.headers, self.now()) if found is None else found

    def limited_until(self, response: httpx.Response) -> datetime | None:
        """Each call has limits of its own: those of posting are the account's."""
        if problems.read(response).kind == "usage-capped" or not limits.is_of_posting(response):
            return None
        seconds = limits.wait(response.headers, self.now())
        return self.now() + timedelta(seconds=seconds) if seconds else super().limited_until(response)


PROVIDER = X
