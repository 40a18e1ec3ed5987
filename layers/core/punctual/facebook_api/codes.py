"""What Facebook's own codes mean.

https://developers.facebook.com/docs/graph-api/guides/error-handling has 506; the others are as they were met, some as
code and some as subcode.
"""

from collections.abc import Mapping

from punctual.meta.meanings import BLOCKED, LIMITED, MEANINGS, PASSING, Meaning, either

_LINK = Meaning(verdict="rejected", code="link_refused", sentence="{name} does not take the link of this post.")
_FILE = Meaning(verdict="rejected", code="media_refused", sentence="{name} does not take a file of this post.")
_SAME = Meaning(verdict="open", code="duplicate", sentence="{name} says that it has this post already.")
_CONFIRM = Meaning(
    verdict="rejected",
    code="confirmation_needed",
    sentence="{name} wants the page's people to confirm who they are before it takes more posts.",
)


OF_FACEBOOK: Mapping[str, Meaning] = {
    **MEANINGS,
    **either(_SAME, 506, 1366051),
    **either(PASSING, 1363047, 1609010),
    **either(LIMITED, 1390008),
    **either(BLOCKED, 1346003, 1404006, 1404102, 1404112),
    **either(_CONFIRM, 1404078, 4854002),
    **either(_LINK, 1609005, 1609008, 2061006),
    **either(_FILE, 324, 352, 1366046, 2069019),
}
