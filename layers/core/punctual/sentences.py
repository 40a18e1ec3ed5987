"""Where sentences end, as Wikimedia's sentencex finds it: it knows the abbreviations of many languages."""

import regex

# It panics where a space that is not ASCII stands before an initial (sentencex 1.0.32, src/languages/language.rs:829),
# and takes no half surrogates.
_MISREAD = regex.compile(r"(?=[^\x00-\x7f])\s|\p{Cs}")
_LINE = regex.compile(r"[^\S\n]*\n\s*")


def sentence_ends(text: str, language: str) -> list[int]:
    """Behind the spaces that follow; lines end sentences too. Languages that it does not know are read as English."""
    found = {match.end() for match in _LINE.finditer(text)}
    at = 0
    for sentence in _sentences(_MISREAD.sub(" ", text), language.partition("-")[0].lower()):
        at += len(sentence)
        found.add(at)
    return sorted(found)


def _sentences(text: str, language: str) -> list[str]:
    from sentencex import segment

    try:
        return list(segment(language, text))
    except BaseException as error:  # a panic of Rust's is no Exception, and quotes the text
        if type(error).__name__ != "PanicException":
            raise
        return [text]
