"""Posts, and replies, have quotas of their own: what a token may not see of one makes an error of an answer with both.

https://developers.facebook.com/documentation/threads/overview#rate-limiting
"""

from punctual.meta.quotas import Asked
from punctual.providers.base import Cap

POSTS = Cap(posts=250, seconds=24 * 60 * 60)


def asked(account_id: str, *, replies: bool) -> Asked:
    path = f"{account_id}/threads_publishing_limit"
    return (
        Asked(path=path, usage="reply_quota_usage", config="reply_config", what="replies")
        if replies
        else Asked(path=path)
    )
