"""A text cut into parts: whatever it is, nothing of it is lost and every part fits."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import regex
import sentencex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from punctual.cutting import Cutter
from punctual.mastodon_api import counting
from punctual.problems import Invalid
from punctual.providers.text import graphemes, urls
from punctual.sentences import sentence_ends
from tests.template import ROOT

Counts = Callable[[str], int]
WORDS = st.sampled_from(
    ["Hello", "world.", "Dr.", "Ω", "你好。", "今日は", "สวัสดี", "👨‍👩‍👧‍👦", "🇩🇪", "e\u0301", "#tag",
     "@ada@example.social", "1.", "https://example.com/a/b?c=1.", "(https://example.com)",
     "\n", "\n\n", " ", "\t", "\u3000", "\u2028",
     " \u0308", "…", "“Yes!”", "\ud800", "\x85", "A."]
)  # fmt: skip
TEXTS = st.lists(st.one_of(WORDS, st.text(max_size=12)), min_size=1, max_size=60).map("".join)


def mastodon(text: str) -> int:
    return counting.length(text, "", 23)


def cutter(most: int, counts: Counts = graphemes, **more: Any) -> Cutter:
    return Cutter(fits=lambda text: bool(text.strip()) and counts(text) <= most, **{"max_parts": 500, **more})


def refused(found: Cutter, text: str) -> str:
    with pytest.raises(Invalid) as raised:
        found.cut(text)
    (fault,) = raised.value.errors
    return fault.rule


def without_blanks(text: str) -> str:
    """A space that bears a mark is a character to be seen."""
    return regex.sub(r"^(?:\s(?!\p{M}))+|\s+$", "", text)


@pytest.mark.parametrize("counts", [graphemes, mastodon])
@settings(max_examples=100)
@given(text=TEXTS, most=st.integers(min_value=24, max_value=60))
@example(text="https://example.com/a/b?c=1. \u0308", most=24)
@example(text="Hello@ada@example.social \u0308", most=24)
def test_parts_are_the_text_and_each_fits_and_none_is_empty(counts: Counts, text: str, most: int) -> None:
    if not text.strip():
        assert refused(cutter(most, counts), text) == "text.blank"
        return
    parts = cutter(most, counts).cut(text)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(part == without_blanks(part) and part for part in parts)
    assert max(map(counts, parts)) <= most


@settings(max_examples=100)
@given(text=TEXTS, most=st.integers(min_value=12, max_value=60))
@example(text="a" * 200, most=20)
def test_numbers_are_counted_in(text: str, most: int) -> None:
    if not text.strip():
        return
    parts = cutter(most, is_numbered=True).cut(text)
    assert max(map(graphemes, parts)) <= most
    if len(parts) > 1:
        numbers = [part.rpartition(" ")[2] for part in parts]
        assert numbers == [f"{place}/{len(parts)}" for place in range(1, len(parts) + 1)]


@settings(max_examples=100)
@given(text=TEXTS, most=st.integers(min_value=10, max_value=40))
@example(text=f"{'a' * 10} \u0308{'b' * 9}", most=11)
def test_no_character_is_cut(text: str, most: int) -> None:
    if not text.strip():
        return
    whole = text.strip()
    ends = {match.end() for match in regex.finditer(r"\X", whole)} | {0}
    at = 0
    for part in cutter(most).cut(text):
        at = whole.index(part, at)
        assert at in ends
        at += len(part)


@settings(max_examples=100)
@given(text=TEXTS)
@example(text="https://example.com/a/b?c=1.\x1f")
@example(text="#tagHellohttps://example.com/a/b?c=1.")
def test_no_link_that_fits_is_cut(text: str) -> None:
    whole = [match.group() for match in urls(text) if mastodon(match.group()) <= 30]
    if not text.strip():
        return
    parts = cutter(30, mastodon).cut(text)
    assert all(any(url in part for part in parts) for url in whole)


@settings(max_examples=100)
@given(text=TEXTS, language=st.sampled_from(["en", "de", "ja", "th", "xx", "pt-BR"]))
def test_sentences_end_inside_any_text(text: str, language: str) -> None:
    ends = sentence_ends(text, language)
    assert ends == sorted(set(ends))
    assert not text or ends[-1] == len(text)
    assert all(0 < end <= len(text) for end in ends)


def test_a_text_that_fits_is_one_part_without_a_number() -> None:
    assert cutter(20, is_numbered=True, max_parts=1).cut("  It fits. Really. ") == ["It fits. Really."]


def test_paragraphs_come_before_sentences_and_sentences_before_words() -> None:
    text = "One two. Three four.\n\nFive six seven. Eight nine ten eleven twelve."
    assert cutter(40).cut(text) == ["One two. Three four.", "Five six seven.", "Eight nine ten eleven twelve."]
    assert cutter(17).cut(text)[-2:] == ["Eight nine ten", "eleven twelve."]


def test_a_title_alone_is_no_part() -> None:
    assert cutter(40).cut("News\n\nIt begins here. It goes on for some time.") == [
        "News\n\nIt begins here.",
        "It goes on for some time.",
    ]


def test_abbreviations_end_no_sentence() -> None:
    text = "It was Dr. Smith of the U.S. Army, i.e. him. He left on Jan. 5th at night."
    assert cutter(50).cut(text) == ["It was Dr. Smith of the U.S. Army, i.e. him.", "He left on Jan. 5th at night."]


def test_the_language_tells_what_an_abbreviation_is() -> None:
    text = "Er kam am 5. Mai."
    assert 13 in sentence_ends(text, "en")
    assert sentence_ends(text, "de-AT") == [17]


@pytest.mark.parametrize(
    ("text", "most", "parts"),
    [
        ("今日は天気がいいです。明日は雨が降るでしょう！", 15, ["今日は天気がいいです。", "明日は雨が降るでしょう！"]),
        ("他说：“你好。”然后走了。", 9, ["他说：“你好。”", "然后走了。"]),
        ("人口は約1400万人である", 9, ["人口は約1400万", "人である"]),
        ("สวัสดีครับ วันนี้อากาศดีมาก", 15, ["สวัสดีครับ", "วันนี้อากาศดีมาก"]),
    ],
)
def test_scripts_without_spaces_are_cut_at_sentences_then_words(text: str, most: int, parts: list[str]) -> None:
    assert cutter(most).cut(text) == parts


def test_a_link_that_fits_no_part_is_cut_after_all() -> None:
    parts = cutter(20).cut("See https://example.com/a/long/way/to/go")
    assert parts[0] == "See"
    assert "".join(parts[1:]) == "https://example.com/a/long/way/to/go"


def test_more_parts_than_a_thread_may_have_are_refused() -> None:
    assert refused(cutter(10, max_parts=3), "one two. three four. five six. seven eight.") == "split.max_parts"
    assert refused(cutter(10, max_parts=1), "one two. three four.") == "split.no_threads"


def test_a_character_that_does_not_fit_is_refused() -> None:
    assert refused(cutter(20, lambda text: len(text.encode())), "👨‍👩‍👧‍👦 and more") == "split.impossible"


@pytest.mark.parametrize("space", ["\u2028", "\x85", "\u3000"])
def test_a_space_that_the_library_panics_at_is_a_space(space: str) -> None:
    assert sentence_ends(f"Hi.{space}S. King. Bye.", "en")[-2:] == [13, 17]


def test_a_long_text_is_read_piece_by_piece_and_no_sentence_is_lost() -> None:
    text = "你好。" * 2000
    assert sentence_ends(text, "zh") == list(range(3, 6001, 3))
    assert sentence_ends("a" * 2500 + ". B.", "en") == [2502, 2504]


def test_half_a_surrogate_is_a_character() -> None:
    assert sentence_ends("One \ud800. Two.", "en") == [7, 11]


def test_only_who_splits_waits_for_the_libraries() -> None:
    """Some 50 ms of each cold start otherwise."""
    code = "import sys, posts.app; print(sorted({'regex', 'sentencex'} & sys.modules.keys()))"
    paths = os.pathsep.join(str(ROOT / folder) for folder in ("layers/core", "functions"))
    run = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[]"


def test_a_panic_of_the_library_costs_the_sentences_only(monkeypatch: pytest.MonkeyPatch) -> None:
    panic = type("PanicException", (BaseException,), {})

    def panicking(language: str, text: str) -> list[str]:
        raise panic(text)

    monkeypatch.setattr(sentencex, "segment", panicking)
    assert sentence_ends("One. Two.\nThree.", "en") == [10, 16]
