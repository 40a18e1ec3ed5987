"""Return URLs: where a person goes on after connecting, only ever to a place that the workspace registered."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

_PRINTED = re.compile("[!-~]{1,2000}")
"""urlsplit drops spaces and line ends, so that it would judge another URL than the browser gets."""


def is_registered(url: Any, registered: Sequence[str]) -> bool:
    """Exactly as registered; a registered origin (no path) stands for all of its pages."""
    if not isinstance(url, str) or not _PRINTED.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    origin = f"{parts.scheme}://{parts.netloc}"
    return not set("@\\") & set(parts.netloc) and (url in registered or origin in registered)


def with_result(url: str, result: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = "&".join(part for part in (parts.query, urlencode(result)) if part)
    return urlunsplit(parts._replace(query=query))
