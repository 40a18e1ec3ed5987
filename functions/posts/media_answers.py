"""Media as posts, deliveries and trials answer them."""

from typing import Literal, TypeAlias

from typing_extensions import TypedDict

from edge.answers import MediaId
from punctual.attaching import Carried
from punctual.media.wanting import Attached, Wanted
from punctual.providers.media import MediaKind


class MediaUseAnswer(TypedDict):
    """A file as a post names it."""

    id: MediaId
    alt_text: str | None
    """Null: as the media itself has it."""
    cover_ms: int | None
    cover_id: MediaId | None


class CarriedMediaAnswer(TypedDict):
    """A file as a delivery's part carries it."""

    id: MediaId
    alt_text: str
    cover_ms: int | None
    cover_id: MediaId | None
    rendition: str | None
    """The copy that was made for such platforms; null: the file as it is."""


Fits: TypeAlias = Literal["as_is", "converted", "refused", "unknown"]


class FitAnswer(TypedDict):
    """What the platform would get of a file."""

    id: MediaId
    fits: Fits
    """`unknown`: the file has not been looked into yet."""
    kind: MediaKind | None
    """As what it would go there: an animation may become a video. Null: unknown, or refused."""
    content_type: str | None
    """As it would go there."""
    reasons: list[str]
    """Why it is converted: rules that the file itself breaks. Why it is refused is among the errors."""
    alt_text: str


def use_answer(wanted: Wanted) -> MediaUseAnswer:
    return {
        "id": wanted.id,
        "alt_text": wanted.alt_text,
        "cover_ms": wanted.cover_ms,
        "cover_id": wanted.cover_id,
    }


def carried_answer(attached: Attached) -> CarriedMediaAnswer:
    return {
        "id": attached.media_id,
        "alt_text": attached.alt_text,
        "cover_ms": attached.cover_ms,
        "cover_id": attached.cover_id,
        "rendition": attached.rendition,
    }


def fit_answer(carried: Carried, provider: str) -> FitAnswer:
    judged, facts = carried.judgement, carried.facts
    fits: Fits = "unknown"
    if judged:
        fits = "refused" if judged.broken else "converted" if judged.recipe else "as_is"
    goes = judged if judged and not judged.broken else None
    content_type = (goes.recipe.type if goes.recipe else facts.type) if goes and facts else None
    return {
        "id": carried.wanted.id,
        "fits": fits,
        "kind": goes.kind if goes else None,
        "content_type": content_type,
        "reasons": [f"{provider}.{rule}" for rule in judged.reasons] if judged else [],
        "alt_text": carried.alt_text,
    }
