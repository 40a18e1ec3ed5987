"""How long a text is for Threads: an emoji counts the bytes that it has in UTF-8, all else 1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punctual.threads_api.counting import length


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("", 0),
        ("Hello, world", 12),
        ("你好，世界", 5),
        ("Grüße", 5),
        ("e\u0301", 2),  # a letter and its accent: characters, as Meta's documents have the word
        ("क्षि", 4),
        ("𝔘", 1),
        ("1#*", 3),  # digits are emojis for Unicode only with what makes them one
        ("😀", 4),
        ("Hi 😀😀", 11),
        ("👍🏽", 8),  # and its skin tone
        ("❤️", 6),  # and what makes it colourful
        ("❤", 3),  # shown as text by default
        ("©", 2),
        ("1️⃣", 7),
        ("🇩🇪", 8),
        ("🇩", 4),
        ("👨‍👩‍👧‍👦", 25),  # four people, three joiners
        ("🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", 28),  # Scotland
        ("👩🏽‍💻", 15),
        ("🫩", 4),  # Unicode 16
        ("\ud800", 1),  # no character at all
        ("😀\ud800", 5),
    ],
)
def test_samples(text: str, counted: int) -> None:
    assert length(text) == counted


@given(st.text(st.characters(codec="utf-8")))
def test_no_text_counts_less_than_its_characters_or_more_than_its_bytes(text: str) -> None:
    assert len(text) <= length(text) <= len(text.encode())


@given(st.text(st.characters(max_codepoint=0x7F)))
def test_what_is_ascii_counts_as_it_is(text: str) -> None:
    assert length(text) == len(text)
