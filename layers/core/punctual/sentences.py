"""Where sentences end, as Wikimedia's sentencex finds it: it knows the abbreviations of many languages."""

import regex

# It panics where a space that is not ASCII stands before an initial (sentencex 1.0.32, src/languages/language.rs:829),
# and takes no half surrogates.
_MISREAD = regex.compile(r"(?=[^\x00-\x7f])\s|\p{Cs}")
_AT_ONCE = 2000
"""Characters: of a long text its time grows as the square of its sentences (21,000 short ones: 8 s)."""
_LINE = regex.compile(r"[^\S\n]*\n\s*")


def sentence_ends(text: str, language: str) -> list[int]:
    """Behind the spaces that follow; lines end sentences too. Languages that it does not know are read as English."""
    found = {match.end() for match in _LINE.finditer(text)}
    readable, known = _MISREAD.sub(" ", text), language.partition("-")[0].lower()
    at = 0
    while at < len(text):
        *whole, last = _sentences(readable[at : at + _AT_ONCE], known)
        is_rest = at + _AT_ONCE >= len(text)
        for sentence in [*whole, last] if is_rest else whole:
            at += len(sentence)
            found.add(at)
        at += 0 if is_rest or whole else _AT_ONCE
    return sorted(found)


def _sentences(text: str, language: str) -> list[str]:
    from sentencex import segment

    try:
        return list(segment(language, text))
    except BaseException as error:  # a panic of Rust's is no Exception, and quotes the text
        if type(error).__name__ != "PanicException":
            raise
        return [text]
