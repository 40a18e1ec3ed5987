"""What a server says of itself: https://docs.joinmastodon.org/entities/Instance/"""

from collections.abc import Mapping
from typing import Any

import regex

from punctual.mastodon_api import media

KEY_SECONDS = 3540  # An hour, less a minute that the repeat may take to arrive.

# Mastodon and its forks. Others put their name in brackets (https://github.com/fedify-dev/hollo/issues/79) or count
# from 0 (https://github.com/superseriousbusiness/gotosocial/issues/2874).
_MASTODON_VERSION = regex.compile(r"v?[2-9]\.\d+\.\d+[^\s()]*")


def limits(instance: Mapping[str, Any]) -> dict[str, int]:
    """What the server allows, and for how long it honours a key: only Mastodon's own code is known to do so."""
    configuration = instance.get("configuration")
    statuses = configuration.get("statuses") if isinstance(configuration, dict) else None
    told = statuses if isinstance(statuses, dict) else {}
    found = {
        # `max_toot_chars` is Pleroma's:
        # https://git.pleroma.social/pleroma/pleroma/-/blob/develop/docs/development/API/differences_in_mastoapi_responses.md
        "max_text": told.get("max_characters") or instance.get("max_toot_chars"),
        "characters_reserved_per_url": told.get("characters_reserved_per_url"),
        "key_window_seconds": KEY_SECONDS if _MASTODON_VERSION.fullmatch(str(instance.get("version"))) else 0,
    }
    return {
        **{name: limit for name, limit in found.items() if isinstance(limit, int) and 0 <= limit < 10**9},
        **media.limits(configuration if isinstance(configuration, dict) else {}),
    }


def runs_mastodon(account_limits: Mapping[str, int]) -> bool:
    """Whether the account's server is known to run Mastodon's own code, or a fork of it."""
    return account_limits.get("key_window_seconds", 0) > 0


def domain(instance: Mapping[str, Any]) -> str:
    """The name that handles end in. Version 1 calls it `uri`, and some servers put a URL there."""
    given = str(instance.get("domain") or instance.get("uri") or "")
    found = regex.fullmatch(r"(?:https?://)?([\w.:-]{1,253})/?", given)
    return found[1] if found else ""
