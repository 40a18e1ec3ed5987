"""What a post may choose by name on X: communities and accounts. X asks money for each that it shows."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from punctual.providers.outcomes import Rejected
from punctual.providers.talking import answer
from punctual.providers.terms import Option

API = "https://api.x.com/2"
_USERNAME = re.compile(r"@?([A-Za-z0-9_]{1,15})")
_FEWEST = "10"

Ask = Callable[..., httpx.Response]


def communities(query: str, ask: Ask) -> tuple[Option, ...]:
    """https://docs.x.com/x-api/communities/search-communities"""
    if not query.strip():
        return ()
    asked = {"query": query[:4096], "max_results": _FEWEST, "community.fields": "id,name,description"}
    found = answer(ask(f"{API}/communities/search", params=asked)).get("data")
    return tuple(_options(found if isinstance(found, list) else [], "name", "description"))


def users(query: str, ask: Ask) -> tuple[Option, ...]:
    """The account of just this name: https://docs.x.com/x-api/users/get-user-by-username"""
    name = _USERNAME.fullmatch(query.strip())
    if name is None:
        return ()
    try:
        found = answer(ask(f"{API}/users/by/username/{name[1]}")).get("data")
    except Rejected as error:
        if error.status == 404:
            return ()
        raise
    return tuple(_options([found], "username", "name"))


def _options(found: list[Any], label: str, about: str) -> Iterator[Option]:
    for each in found:
        if isinstance(each, dict) and each.get("id"):
            yield Option(value=str(each["id"]), label=str(each.get(label) or ""), about=str(each.get(about) or ""))
