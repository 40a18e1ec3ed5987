"""Length as https://github.com/mastodon/mastodon/blob/v4.3.0/app/validators/status_length_validator.rb counts it."""

import regex

from punctual.providers.text import graphemes, urls

URL_LENGTH = 23
# `@user@host` counts as `@user`: https://github.com/mastodon/mastodon/blob/v4.3.0/app/models/account.rb (MENTION_RE)
_MENTION = regex.compile(
    r"(?<![=/\w])@([a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)@\w+(?:[.-]+\w+)*",
    regex.IGNORECASE,
)


def length(text: str, spoiler_text: str, url_length: int) -> int:
    """A content warning counts as it is written; every link in the text is as long as the server says."""
    parts, end = [spoiler_text], 0
    for url in urls(text):
        parts += [_MENTION.sub(r"@\1", text[end : url.start()]), "x" * url_length]
        end = url.end()
    parts.append(_MENTION.sub(r"@\1", text[end:]))
    return graphemes("".join(parts))
