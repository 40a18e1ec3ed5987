"""Whether a post fits: into an item, with its deliveries into one transaction, and into the answer about it.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html (400 KB an item, 4 MB a transaction)
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (6 MB an answer)
"""

import json
from collections.abc import Sequence
from typing import Any

from punctual.composing import Composed
from punctual.media.wanting import Wanted
from punctual.parts import FollowUp
from punctual.posts import Post, Variation
from punctual.problems import Fault

MAX_ITEM_BYTES = 360_000
MAX_WHOLE_BYTES = 3_400_000
_BYTES_OF_AN_ITEM = 3_000
"""Keys, times, states, an error, what `prepare` keeps."""
_BYTES_OF_NAMES = 100
"""Of a part's or a target's attributes."""
_BYTES_OF_A_PART = 700
"""What publishing adds for each: id, URL, time, the provider's own."""


_BYTES_OF_MEDIA = 200
"""Ids, keys and names of one file as a part carries it."""


def too_large(post: Post, parts: Sequence[Composed]) -> list[Fault]:
    """The faults of a post that could not be stored, or not be finished or answered once it is."""
    item = _BYTES_OF_AN_ITEM + bytes_answered([post.text, post.metadata, post.labels, post.external_id])
    item += _written((*post.thread, *([post.first_comment] if post.first_comment else ()))) + _named(post.media)
    item += sum(_variation(each) for each in (*post.targets, *post.overrides.values()))
    whole = item + sum(_BYTES_OF_AN_ITEM + _rest(part.follow_ups) + _texts(part) + _carried(part) for part in parts)
    if item > MAX_ITEM_BYTES:
        message = f"Its texts and settings come to {item} bytes as stored; a post may have {MAX_ITEM_BYTES}."
        return [Fault(param="", rule="post.too_large", message=message)]
    for part in parts:
        own = _delivery(part)
        if own > MAX_ITEM_BYTES:
            message = (
                f"With its media's descriptions this target comes to {own} bytes as stored; {MAX_ITEM_BYTES} fit. "
                "Give it shorter ones, or fewer parts."
            )
            return [Fault(param=f"/targets/{part.place}", rule="post.too_large", message=message)]
    if whole > MAX_WHOLE_BYTES:
        message = f"With a copy for each target it comes to {whole} bytes; {MAX_WHOLE_BYTES} fit. Take fewer targets."
        return [Fault(param="/targets", rule="targets.too_large", message=message)]
    return []


def _delivery(part: Composed) -> int:
    """Descriptions stand there in full, also those that a post leaves to its media."""
    texts = sum(bytes_answered(each.text) + _BYTES_OF_NAMES for each in part.follow_ups)
    return _BYTES_OF_AN_ITEM + bytes_answered([part.text, part.settings]) + texts + _carried(part) // 2


def _rest(follow_ups: Sequence[FollowUp]) -> int:
    return sum(bytes_answered(part.text) + _BYTES_OF_A_PART for part in follow_ups) + _BYTES_OF_A_PART


def _texts(part: Composed) -> int:
    return bytes_answered([part.text, part.text, part.settings])


def _carried(part: Composed) -> int:
    """Twice, as texts are: with the delivery and with its part."""
    every = [file.alt_text for files in part.carried for file in files]
    return 2 * sum(_BYTES_OF_MEDIA + bytes_answered(alt_text) for alt_text in every)


def _named(media: Sequence[Wanted]) -> int:
    return sum(_BYTES_OF_MEDIA + bytes_answered(each.alt_text) for each in media)


def _variation(given: Variation) -> int:
    follow_ups = (*(given.thread or ()), *([given.first_comment] if given.first_comment else ()))
    return (
        _BYTES_OF_NAMES
        + bytes_answered([given.text, given.settings])
        + _written(follow_ups)
        + _named(given.media or ())
    )


def _written(follow_ups: Sequence[FollowUp]) -> int:
    return sum(bytes_answered(part.text) + _BYTES_OF_NAMES + _named(part.media) for part in follow_ups)


def bytes_answered(what: Any) -> int:
    """As JSON inside JSON, which is how it is answered (a delivery's text twice); in the table it takes no more."""
    return len(json.dumps(json.dumps(what, ensure_ascii=False), ensure_ascii=False).encode(errors="backslashreplace"))
