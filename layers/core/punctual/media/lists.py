"""What a part carries, taken together: how many files, of which kinds, and what is said beside them."""

from collections.abc import Iterator, Sequence

from punctual.media.limits import KINDS, Broken
from punctual.providers.media import MediaKind, MediaRules


def judge_list(kinds: Sequence[MediaKind | None], rules: MediaRules, name: str) -> Iterator[Broken]:
    """`kinds` as the platform would get them; None where that is not known."""
    if kinds and not rules.max_items:
        message = f"Punctual sends no media to {name}. Give this target none: `media: []`."
        yield Broken(rule="media.unsupported", message=message)
        return
    if len(kinds) > rules.max_items:
        message = f"{name} takes at most {rules.max_items} files in one post; this one has {len(kinds)}. Take some out."
        yield Broken(rule="media.max_items", message=message)
    if not rules.is_mixed and len({each for each in kinds if each}) > 1:
        message = (
            f"{name} takes files of one kind in a post: pictures, or a video, say. Give this target a list of its own."
        )
        yield Broken(rule="media.mixed", message=message)
    limits: dict[MediaKind, int] = {
        "image": rules.max_images,
        "animation": rules.max_animations,
        "video": rules.max_videos,
        "document": rules.max_documents,
    }
    for kind, limit in limits.items():
        count = kinds.count(kind)
        if limit < count <= rules.max_items:
            message = f"{name} takes at most {limit} {KINDS[kind]} in one post; this one has {count}. Take some out."
            yield Broken(rule=f"media.max_{kind}s", message=message)


def judge_need(count: int, rules: MediaRules, name: str) -> Iterator[Broken]:
    """Of the post itself: what answers it may be text alone."""
    if rules.needs_media and not count:
        yield Broken(rule="media.required", message=f"{name} has no posts of text alone. Give it a picture or a video.")


def judge_alt_text(alt_text: str, rules: MediaRules, name: str) -> Iterator[Broken]:
    if 0 < rules.max_alt_text < len(alt_text):
        message = (
            f"{name} takes descriptions of at most {rules.max_alt_text} characters; this one has {len(alt_text)}. "
            "Give this target a shorter one."
        )
        yield Broken(rule="alt_text.max_length", message=message)


def unheeded(alt_text: str, has_cover: bool, rules: MediaRules, name: str) -> Iterator[Broken]:
    """What is no fault, but will not be seen there."""
    if alt_text and not rules.max_alt_text:
        yield Broken(rule="alt_text.unsupported", message=f"{name} has no descriptions of media: it will not be there.")
    if has_cover and not rules.takes_cover:
        message = f"{name} chooses itself what stands for a video: the cover will not be there."
        yield Broken(rule="cover.unsupported", message=message)
