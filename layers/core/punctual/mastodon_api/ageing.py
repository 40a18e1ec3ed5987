"""Files that no post has yet: a server deletes them after a day, and an older one then makes the post without them.

https://github.com/mastodon/mastodon/blob/v4.3.0/app/lib/vacuum/media_attachments_vacuum.rb
"""

from datetime import datetime, timedelta

from punctual.mastodon_api.media import asking_again
from punctual.providers.feeding import forgetting, uploaded
from punctual.providers.outcomes import Rejected, Unprepared
from punctual.providers.posting import Outgoing

_LAST = timedelta(hours=12)
_SENTENCE = "The server may have let go of the post's files."


def is_uploaded(post: Outgoing) -> bool:
    return "uploaded_at" in post.prepared


def too_old(post: Outgoing, now: datetime) -> Unprepared | None:
    """Before the call: afterwards nothing could be done about it."""
    if not is_uploaded(post) or now - datetime.fromisoformat(post.prepared["uploaded_at"]) < _LAST:
        return None
    return Unprepared(_SENTENCE, code="media_expired", kept={**forgetting(post), "uploaded_at": None})


def doubted(post: Outgoing, refusal: Rejected) -> Unprepared | None:
    """A post that was refused may have named a file that is not there: only a sentence in the server's language says
    so. Once, the server is asked about each; None: that was done, or is not what it is about."""
    if refusal.status != 422 or not is_uploaded(post) or "asked" in post.prepared:
        return None
    kept = {**asking_again(post, uploaded(post)), "uploaded_at": None, "asked": True}
    return Unprepared(_SENTENCE, code="media_expired", status=422, kept=kept)
