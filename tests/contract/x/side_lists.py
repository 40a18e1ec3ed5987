"""How X shows posts to its API: GET /2/users/:id/tweets and GET /2/tweets/:id.

The contract and the documents name the fields differently: `post.fields` and `note_post` in specs/x/openapi.json 2.167,
`tweet.fields` and `note_tweet` everywhere else, the changelog of June 3, 2026 too. `Lists.speaks` holds what is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.contract.x.side_bodies import ID, Rule, listed, query_of
from tests.contract.x.side_counting import MAX, length_of
from tests.contract.x.side_posts import Post, wrapped

COMMON = (
    "article attachments card_uri community_id context_annotations conversation_id created_at display_text_range"
    " edit_controls entities geo id lang media_metadata non_public_metrics organic_metrics paid_partnership"
    " possibly_sensitive promoted_metrics public_metrics reply_settings scopes source text withheld"
)
POST_ONLY = (
    "article_title matched_media_notes note_post note_request_suggestions suggested_source_links"
    " suggested_source_links_with_counts"
)
POST_FIELDS = f"{COMMON} {POST_ONLY}".split()
TWEET_ONLY = "author_id edit_history_tweet_ids in_reply_to_user_id note_tweet referenced_tweets"
TWEET_FIELDS = f"{COMMON} {TWEET_ONLY}".split()
BOTH_EXPAND = (
    "article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet"
    " attachments.poll_ids author_id entities.mentions.username geo.place_id in_reply_to_user_id"
)
POST_EXPAND = ("edit_history_post_ids", "referenced_posts", "username")
TWEET_EXPAND = ("edit_history_tweet_ids", "referenced_tweets.id", "referenced_tweets.id.author_id")
USER_FIELDS = (
    "confirmed_email connection_status created_at description entities id is_identity_verified location name parody"
    " profile_banner_url profile_image_url protected public_metrics receives_your_dm subscribes_to_you subscription"
    " subscription_type url username verified verified_followers_count verified_type withheld"
)
MEDIA_FIELDS = (
    "alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url promoted_metrics"
    " public_metrics type url variants width"
)
MOMENT = Rule("string", pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
PAGE = "7140dibdnow9"


@dataclass
class Lists:
    """`lag_seconds`: how long a new post is in no list yet."""

    speaks: set[str] = field(default_factory=lambda: {"post.fields", "tweet.fields"})
    lag_seconds: float = 0

    def rules(self) -> dict[str, Rule]:
        known = {"post.fields": POST_FIELDS, "tweet.fields": TWEET_FIELDS}
        more = {"post.fields": POST_EXPAND, "tweet.fields": TWEET_EXPAND}
        spoken = sorted(self.speaks)
        return {
            **{name: listed(*known[name]) for name in spoken},
            "expansions": listed(*BOTH_EXPAND.split(), *(each for name in spoken for each in more[name])),
            "user.fields": listed(*USER_FIELDS.split()),
            "media.fields": listed(*MEDIA_FIELDS.split()),
            "poll.fields": listed("duration_minutes", "end_datetime", "id", "options", "voting_status"),
            "place.fields": listed(
                "contained_within", "country", "country_code", "full_name", "geo", "id", "name", "place_type"
            ),
        }

    def timeline(self, request: httpx.Request, posts: Iterable[Post]) -> httpx.Response:
        """`posts` come oldest first, and are answered newest first; an empty list has no `data`."""
        rules = {
            **self.rules(),
            "max_results": Rule("integer", least=5, most=100),
            "pagination_token": Rule("string", pattern=f"^{PAGE}[0-9]{{1,19}}$"),
            "start_time": MOMENT,
            "end_time": MOMENT,
            "since_id": Rule("string", pattern=ID),
            "until_id": Rule("string", pattern=ID),
            "exclude": listed("replies", "retweets"),
        }
        asked = query_of(request, rules)
        found = [post for post in reversed(list(posts)) if wanted(post, asked)]
        page = found[: asked.get("max_results", 10)]
        meta: dict[str, Any] = {"result_count": len(page)}
        if not page:
            return httpx.Response(200, json={"meta": meta})
        meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        if len(found) > len(page):
            meta["next_token"] = f"{PAGE}{page[-1].id}"
        return httpx.Response(
            200, json={"data": [row(post, asked) for post in page], **included(page, asked), "meta": meta}
        )

    def one(self, request: httpx.Request, post: Post) -> httpx.Response:
        asked = query_of(request, self.rules())
        return httpx.Response(200, json={"data": row(post, asked), **included([post], asked)})


def wanted(post: Post, asked: dict[str, Any]) -> bool:
    until = asked.get("until_id")
    if token := asked.get("pagination_token"):
        until = token.removeprefix(PAGE)
    checks = [
        "replies" not in asked.get("exclude", []) or post.answers is None,
        until is None or int(post.id) < int(until),
        int(post.id) > int(asked.get("since_id", 0)),
        "start_time" not in asked or post.made_at >= datetime.fromisoformat(asked["start_time"]),
        "end_time" not in asked or post.made_at < datetime.fromisoformat(asked["end_time"]),
    ]
    return all(checks)


def row(post: Post, asked: dict[str, Any]) -> dict[str, Any]:
    """Whole seconds alone are in `created_at`, whatever its form promises."""
    text, urls = wrapped(post)
    is_long = length_of(post.text) > MAX
    note = {"text": text, "entities": {"urls": urls}} if is_long else None
    answered = [{"type": "replied_to", "id": post.answers}] if post.answers else None
    values: dict[str, Any] = {
        "created_at": post.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "attachments": {"media_keys": [file.key for file in post.files]} if post.files else None,
        "entities": {"urls": urls} if urls else None,
        "conversation_id": post.answers or post.id,
        "reply_settings": post.about.get("reply_settings", "everyone"),
        "community_id": post.about.get("community_id"),
        "paid_partnership": post.about.get("paid_partnership"),
        "author_id": post.author.id,
        "in_reply_to_user_id": post.author.id if post.answers else None,
        "edit_history_post_ids": [post.id],
        "note_post": note,
        "note_tweet": note,
        "referenced_posts": answered,
        "referenced_tweets": answered,
    }
    names = {*asked.get("post.fields", []), *asked.get("tweet.fields", []), *asked.get("expansions", [])}
    given: dict[str, Any] = {"id": post.id, "text": f"{text[:276]}…" if is_long else text}
    if "post.fields" not in asked:
        given["edit_history_tweet_ids"] = [post.id]
    return given | {name: value for name, value in values.items() if name in names and value is not None}


def included(posts: list[Post], asked: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    expanded = asked.get("expansions", [])
    if "author_id" in expanded:
        people = {post.author.id: post.author for post in posts}
        found["users"] = [{"id": each.id, "name": each.name, "username": each.username} for each in people.values()]
    media = [
        {"media_key": file.key, "type": file.sort}
        | ({"alt_text": text} if "alt_text" in asked.get("media.fields", []) else {})
        for post in posts
        for file, text in zip(post.files, post.alt_texts, strict=True)
    ]
    if media and "attachments.media_keys" in expanded:
        found["media"] = media
    return {"includes": found} if found else {}
