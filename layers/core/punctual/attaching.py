"""What a post's parts say of media: where, which, and what each would be for one platform."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from punctual.media.asking import Made
from punctual.media.facts import Facts
from punctual.media.judging import Judgement, judge
from punctual.media.library import Library, Media
from punctual.media.limits import Broken
from punctual.media.lists import judge_alt_text, judge_list, judge_need, unheeded
from punctual.media.recipes import Recipe
from punctual.media.refusals import REFUSALS
from punctual.media.wanting import Attached, Wanted
from punctual.posts import Post, Variation
from punctual.problems import Fault
from punctual.providers.base import Provider
from punctual.providers.media import ImageRules, MediaRules

_GONE = ("deleted", "expired")
_ANY_COVER = ImageRules(types=("image/jpeg", "image/png"))
"""Where a platform takes a picture that stands for a video, but no pictures."""


@dataclass(frozen=True, kw_only=True)
class Carried:
    """One file of a part, for one platform. Without a judgement it is not known yet what it is."""

    wanted: Wanted
    alt_text: str = field(default="", repr=False)
    facts: Facts | None = None
    judgement: Judgement | None = None
    cover: Judgement | None = None

    def attached(self) -> Attached:
        recipe = self.judgement.recipe if self.judgement else None
        of_cover = self.cover.recipe if self.cover else None
        return Attached(
            media_id=self.wanted.id,
            rendition=recipe.key if recipe else None,
            alt_text=self.alt_text,
            cover_ms=self.wanted.cover_ms,
            cover_id=self.wanted.cover_id if self.cover else None,
            cover_rendition=of_cover.key if of_cover else None,
        )

    def recipes(self) -> Iterator[tuple[str, Recipe]]:
        """What is to be made, of which media."""
        if self.judgement and self.judgement.recipe:
            yield self.wanted.id, self.judgement.recipe
        if self.cover and self.cover.recipe and self.wanted.cover_id:
            yield self.wanted.cover_id, self.cover.recipe

    @property
    def bytes(self) -> int:
        """That the platform will get, at most, as far as it can be known."""
        size = self.facts.bytes if self.facts else 0
        limit = self.judgement.recipe.max_bytes if self.judgement and self.judgement.recipe else None
        return min(size, limit) if limit else size


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """What one part carries, for one platform."""

    carried: tuple[Carried, ...] = ()
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


class Attaching:
    """`transcodes`: whether videos may be encoded anew in this stack."""

    def __init__(self, library: Library, transcodes: bool = False):
        self._library = library
        self._transcodes = transcodes

    def found(self, post: Post) -> Mapping[str, Media]:
        """The media that it names, as far as they are there; a post without any asks nothing."""
        media_ids = media_ids_of(post)
        found = self._library.get_all(post.workspace_id, media_ids) if media_ids else {}
        return {each.id: each for each in found.values() if each.status not in _GONE}

    def fitted(
        self, wanted: Sequence[Wanted], found: Mapping[str, Media], provider: Provider, rules: MediaRules, pointer: str
    ) -> Fitted:
        """`pointer`: to where the client wrote the list."""
        spec = provider.spec
        faults: list[Fault] = []
        warnings: list[Fault] = []
        carried: list[Carried] = []

        def said(where: str, broken: Iterator[Broken]) -> Iterator[Fault]:
            return (Fault(param=where, rule=f"{spec.id}.{each.rule}", message=each.message) for each in broken)

        for place, each in enumerate(wanted):
            where = f"{pointer}/{place}"
            if each.id not in found:
                continue  # told already, of the post as a whole
            one = self._carried(each, found, rules, spec.name)
            carried.append(one)
            faults += _unready(found[each.id], where)
            faults += said(where, iter(one.judgement.broken if one.judgement and rules.max_items else ()))
            faults += said(
                f"{where}/alt_text" if each.alt_text else where, judge_alt_text(one.alt_text, rules, spec.name)
            )
            faults += _cover_faults(each, found, where)
            faults += said(f"{where}/cover_id", iter(one.cover.broken if one.cover else ()))
            has_cover = each.cover_ms is not None or each.cover_id is not None
            warnings += said(where, unheeded(one.alt_text, has_cover, rules, spec.name)) if rules.max_items else ()
        kinds = [each.judgement.kind if each.judgement and not each.judgement.broken else None for each in carried]
        faults += said(pointer, judge_list(kinds, rules, spec.name))
        return Fitted(carried=tuple(carried), faults=tuple(faults), warnings=tuple(warnings))

    def _carried(self, wanted: Wanted, found: Mapping[str, Media], rules: MediaRules, name: str) -> Carried:
        media = found[wanted.id]
        alt_text = media.alt_text if wanted.alt_text is None else wanted.alt_text
        if media.status != "ready" or media.facts is None:
            return Carried(wanted=wanted, alt_text=alt_text)
        cover = found.get(wanted.cover_id) if wanted.cover_id and rules.takes_cover else None
        return Carried(
            wanted=wanted,
            alt_text=alt_text,
            facts=media.facts,
            judgement=judge(media.facts, rules, self._transcodes, name),
            cover=_judged_cover(cover, rules, name) if cover else None,
        )


def needed(wanted: Sequence[Wanted], provider: Provider, rules: MediaRules, pointer: str) -> Iterator[Fault]:
    """What a post must have where its platform has none of text alone."""
    for each in judge_need(len(wanted), rules, provider.spec.name):
        yield Fault(param=pointer, rule=f"{provider.spec.id}.{each.rule}", message=each.message)


def lists(post: Post) -> Iterator[tuple[str, Sequence[Wanted]]]:
    """Every list of media that the post has, and where."""
    yield "/media", post.media
    yield from _of_parts("", Variation(thread=post.thread, first_comment=post.first_comment))
    levels: list[tuple[str, Variation]] = [(f"/overrides/{name}", each) for name, each in post.overrides.items()]
    levels += [(f"/targets/{place}", each) for place, each in enumerate(post.targets)]
    for pointer, level in levels:
        yield f"{pointer}/media", level.media or ()
        yield from _of_parts(pointer, level)


def media_ids_of(post: Post) -> tuple[str, ...]:
    """All that it names, covers too, each once."""
    every = (media_id for _, wanted in lists(post) for each in wanted for media_id in (each.id, each.cover_id))
    return tuple(dict.fromkeys(media_id for media_id in every if media_id))


def missing(post: Post, found: Mapping[str, Media]) -> Iterator[Fault]:
    message = "The workspace has no such media, or has it no more."
    for pointer, wanted in lists(post):
        for place, each in enumerate(wanted):
            if each.id not in found:
                yield Fault(param=f"{pointer}/{place}/id", rule="media.exists", message=message)
            if each.cover_id and each.cover_id not in found:
                yield Fault(param=f"{pointer}/{place}/cover_id", rule="media.exists", message=message)


def unfit(post: Post, made: Made) -> Iterator[Fault]:
    """Of what is to be made: what was tried before, and did not work out."""
    refused = {each.media_id: each.refusal for each in made.values() if each.refusal}
    for pointer, wanted in lists(post):
        for place, each in enumerate(wanted):
            if refusal := refused.get(each.id) or refused.get(each.cover_id or ""):
                message = f"It could not be made fit: {refusal.message} {REFUSALS[refusal.code]}"
                yield Fault(param=f"{pointer}/{place}", rule="media.fits", message=message)


def _of_parts(pointer: str, level: Variation) -> Iterator[tuple[str, Sequence[Wanted]]]:
    for place, part in enumerate(level.thread or ()):
        yield f"{pointer}/thread/{place}/media", part.media
    if level.first_comment:
        yield f"{pointer}/first_comment/media", level.first_comment.media


def _unready(media: Media, where: str) -> Iterator[Fault]:
    if media.status == "refused" and media.refusal:
        message = f"This file was refused: {media.refusal.message} {REFUSALS[media.refusal.code]}"
        yield Fault(param=where, rule="media.ready", message=message)
    elif media.status != "ready":
        message = f"This file is not ready yet ({media.status}): wait until GET /v1/media/{media.id} says that it is."
        yield Fault(param=where, rule="media.ready", message=message)


def _cover_faults(wanted: Wanted, found: Mapping[str, Media], where: str) -> Iterator[Fault]:
    """Whatever the platform: a cover is a picture, or a frame, of a video."""
    facts = found[wanted.id].facts
    cover = found.get(wanted.cover_id) if wanted.cover_id else None
    name = "cover_id" if wanted.cover_id else "cover_ms"
    if facts and facts.kind != "video" and (wanted.cover_id or wanted.cover_ms is not None):
        message = "This file is no video: it stands for itself."
        yield Fault(param=f"{where}/{name}", rule="cover.of_video", message=message)
    elif facts and wanted.cover_ms is not None and wanted.cover_ms > (facts.duration_ms or 0):
        message = f"The video lasts {facts.duration_ms or 0} ms; it has no frame at {wanted.cover_ms} ms."
        yield Fault(param=f"{where}/cover_ms", rule="cover.within_video", message=message)
    if cover:
        yield from _unready(cover, f"{where}/cover_id")
        if cover.facts and cover.facts.kind != "image":
            message = "What stands for a video must be a picture that does not move."
            yield Fault(param=f"{where}/cover_id", rule="cover.is_picture", message=message)


def _judged_cover(cover: Media, rules: MediaRules, name: str) -> Judgement | None:
    """None for what is none, which is told already."""
    if cover.facts is None or cover.facts.kind != "image":
        return None
    return judge(cover.facts, MediaRules(image=rules.image or _ANY_COVER), False, name)
