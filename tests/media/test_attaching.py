"""What a list of media would be for platforms that have less than the sandbox, or want more."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from punctual.attaching import Attaching, Fitted, needed
from punctual.channels import Channel
from punctual.composing import Composing
from punctual.guarded_http import GuardedHttp
from punctual.media.facts import Facts
from punctual.media.library import Library, Media
from punctual.media.recipes import Recipe
from punctual.media.wanting import Wanted
from punctual.parts import FollowUp
from punctual.posts import Post, Target
from punctual.providers.base import Account, PartKind, Provider
from punctual.providers.media import NO_MEDIA, DocumentRules, ImageRules, MediaRules, VideoRules
from punctual.providers.sandbox import PROVIDER
from punctual.states import PostStatus
from tests.media.rows import GIF, HEIC, JPEG, MP4, PDF

NOW = datetime(2026, 11, 26, tzinfo=UTC)
WRITTEN: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
PICTURES = ImageRules(types=("image/jpeg",), max_bytes=1_000_000)
VIDEOS = VideoRules(types=("video/mp4",), video_codecs=("h264",), audio_codecs=("aac",))
RULES = MediaRules(image=PICTURES, video=VIDEOS, max_items=4, max_images=2)


class Chirp(PROVIDER):  # type: ignore[valid-type,misc]  # a provider's class is found at run time
    spec = replace(PROVIDER.spec, id="chirp", name="Chirp")


def chirp() -> Provider:
    found: Provider = Chirp(GuardedHttp(), lambda: NOW)
    return found


def media(name: str, facts: Facts | None, **more: Any) -> Media:
    given = {"status": "ready" if facts else "probing", "facts": facts, **more}
    return Media(id=name, workspace_id="ws", created_at=NOW, updated_at=NOW, **given)


def fitted(rules: MediaRules, *wanted: Wanted, pointer: str = "/media", **facts: Facts | None) -> Fitted:
    found = {name: media(name, each) for name, each in facts.items()}
    library: Library = None  # type: ignore[assignment]  # nothing is read here
    return Attaching(library).fitted(wanted, found, chirp(), rules, pointer)


def told(found: Fitted) -> list[tuple[str, str]]:
    return [(each.param, each.rule) for each in found.faults]


def test_a_platform_that_gets_no_media_refuses_the_list_once_and_says_what_to_do() -> None:
    found = fitted(NO_MEDIA, Wanted(id="a"), Wanted(id="b"), a=JPEG, b=MP4, pointer="/targets/0/media")
    assert told(found) == [("/targets/0/media", "chirp.media.unsupported")]
    assert found.faults[0].message == "Punctual sends no media to Chirp. Give this target none: `media: []`."
    assert found.warnings == ()
    assert all(each.judgement and each.judgement.broken for each in found.carried)


def test_no_media_are_fine_for_a_platform_that_gets_none() -> None:
    assert fitted(NO_MEDIA) == Fitted()


@pytest.mark.parametrize("count", [0, 1])
def test_a_platform_without_posts_of_text_alone_says_so_where_its_own_list_would_be(count: int) -> None:
    rules = replace(RULES, needs_media=True)
    wanted = [Wanted(id="a")] * count
    faults = list(needed(wanted, chirp(), rules, "/targets/0/media"))
    assert [(each.param, each.rule) for each in faults] == [("/targets/0/media", "chirp.media.required")] * (1 - count)


def test_what_a_platform_does_not_show_is_warned_of_and_no_fault() -> None:
    wanted = [
        Wanted(id="a", alt_text="A cat"),
        Wanted(id="b"),
        Wanted(id="c", cover_id="a"),
        Wanted(id="d", cover_ms=5),
    ]
    found = fitted(replace(RULES, is_mixed=True, max_videos=2), *wanted, a=JPEG, b=JPEG, c=MP4, d=MP4)
    assert found.faults == ()
    assert [(each.param, each.rule) for each in found.warnings] == [
        ("/media/0", "chirp.alt_text.unsupported"),
        ("/media/2", "chirp.cover.unsupported"),
        ("/media/3", "chirp.cover.unsupported"),
    ]
    assert found.carried[2].attached().cover_id is None, "nobody makes fit what is not shown"


def test_a_description_as_long_as_the_platform_takes_is_taken() -> None:
    rules = replace(RULES, max_alt_text=5)
    assert told(fitted(rules, Wanted(id="a", alt_text="12345"), a=JPEG)) == []
    assert told(fitted(rules, Wanted(id="a", alt_text="123456"), a=JPEG)) == [
        ("/media/0/alt_text", "chirp.alt_text.max_length")
    ]


def test_a_cover_is_made_fit_as_pictures_are_and_else_as_a_jpeg() -> None:
    rules = replace(RULES, takes_cover=True)
    (carried,) = fitted(rules, Wanted(id="a", cover_id="b"), a=MP4, b=HEIC).carried
    mine = Recipe(kind="image", type="image/jpeg", max_bytes=1_000_000)
    assert list(carried.recipes()) == [("b", mine)]
    assert (carried.attached().cover_id, carried.attached().cover_rendition) == ("b", mine.key)
    (carried,) = fitted(replace(rules, image=None), Wanted(id="a", cover_id="b"), a=MP4, b=HEIC).carried
    assert list(carried.recipes()) == [("b", Recipe(kind="image", type="image/jpeg"))]


def test_no_description_is_one_that_a_post_may_give_a_file() -> None:
    found = {"a": media("a", JPEG, alt_text="A cat")}
    library: Library = None  # type: ignore[assignment]  # nothing is read here
    for given, expected in ((None, "A cat"), ("", ""), ("A dog", "A dog")):
        wanted = [Wanted(id="a", alt_text=given)]
        (carried,) = Attaching(library).fitted(wanted, found, chirp(), RULES, "/media").carried
        assert carried.attached().alt_text == expected


def test_a_list_is_counted_as_the_platform_would_get_it() -> None:
    one_of = [Wanted(id="a"), Wanted(id="b")]
    assert told(fitted(RULES, *one_of, a=JPEG, b=GIF)) == [("/media", "chirp.media.mixed")], "as a video"
    assert told(fitted(RULES, *one_of, a=MP4, b=GIF)) == [("/media", "chirp.media.max_videos")]
    assert told(fitted(RULES, *one_of, a=JPEG, b=None)) == [("/media/1", "media.ready")], "it may become anything"
    three = [*one_of, Wanted(id="c")]
    assert told(fitted(RULES, *three, a=JPEG, b=JPEG, c=JPEG)) == [("/media", "chirp.media.max_images")]


def test_a_document_is_counted_like_other_kinds_and_has_no_cover() -> None:
    rules = replace(RULES, document=DocumentRules(max_pages=20))
    assert fitted(rules, Wanted(id="a"), a=PDF).faults == ()
    two = [Wanted(id="a"), Wanted(id="b")]
    assert told(fitted(rules, *two, a=PDF, b=PDF)) == [("/media", "chirp.media.max_documents")]
    assert told(fitted(rules, *two, a=PDF, b=JPEG)) == [("/media", "chirp.media.mixed")]
    assert told(fitted(rules, Wanted(id="a", cover_ms=0), a=PDF)) == [("/media/0/cover_ms", "cover.of_video")]


def test_what_a_file_brings_is_reckoned_as_what_the_platform_gets_of_it() -> None:
    wanted = [Wanted(id="a"), Wanted(id="b"), Wanted(id="c")]
    carried = fitted(RULES, *wanted, a=replace(HEIC, bytes=9_000_000), b=MP4, c=None).carried
    assert [each.bytes for each in carried] == [1_000_000, 8_000_000, 0]


class NeedsMedia(Chirp):
    def media_rules(self, settings: Any, account: Account, kind: PartKind = "post") -> MediaRules:
        return replace(RULES, needs_media=True)


class OnlyChirp:
    """Channels and providers of a stack that has one platform, which has no posts of text alone."""

    def get(self, *names: str) -> Any:
        if names == ("chirp",):
            return NeedsMedia(GuardedHttp(), lambda: NOW)
        account = Account(id="eve", handle="eve")
        return Channel(id=names[1], workspace_id="ws", provider="chirp", account=account, status="active", **WRITTEN)

    def ids(self) -> tuple[str, ...]:
        return ("chirp",)


def test_a_post_without_media_is_told_at_its_target_and_what_answers_it_needs_none() -> None:
    targets = (Target(channel_id="chn"),)
    thread = (FollowUp(kind="thread", text="And on"),)
    post = Post(id="p", workspace_id="ws", status=PostStatus.DRAFT, text="x", targets=targets, thread=thread, **WRITTEN)
    stack: Any = OnlyChirp()
    library: Library = None  # type: ignore[assignment]  # nothing is read here
    parts, wrong = Composing(stack, stack, Attaching(library)).compose(post)
    assert wrong == []
    assert [(each.param, each.rule) for each in parts[0].faults] == [("/targets/0/media", "chirp.media.required")]
