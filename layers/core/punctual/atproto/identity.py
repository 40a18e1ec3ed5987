"""Who an account is: its handle is a name, its DID lasts, and the DID's document says which server keeps it.

https://atproto.com/specs/did
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import regex

from punctual.guarded_http import server_url

PLC_DIRECTORY = "https://plc.directory"
_PLC = regex.compile(r"did:plc:[a-z2-7]{24}")
# Host names alone: neither paths nor ports are allowed. https://atproto.com/specs/did#blessed-did-methods
_WEB = regex.compile(r"did:web:((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,62})")
_HANDLE = regex.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")

NO_HANDLE = "handle.invalid"
"""What a handle is called that does not lead back to its account. https://atproto.com/specs/handle"""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a DID's document says. The handle is only claimed: it counts once it leads back to the DID."""

    did: str
    home: str | None
    handle: str | None


def is_did(text: str) -> bool:
    return text.startswith("did:")


def is_handle(text: str) -> bool:
    return bool(_HANDLE.fullmatch(text))


def read_identity(document: Any, did: str) -> Identity | None:
    """None where the document is not the DID's own."""
    if not isinstance(document, Mapping) or document.get("id") != did:
        return None
    return Identity(did=did, home=home(document), handle=_handle(document))


def document_url(did: str, plc_directory: str) -> str | None:
    """Where the DID's document is; None for a DID of no kind that the AT Protocol has."""
    if _PLC.fullmatch(did):
        return f"{plc_directory}/{did}"
    if web := _WEB.fullmatch(did):
        return f"https://{web[1]}/.well-known/did.json"
    return None


def home(document: Any) -> str | None:
    """The server that keeps the account: bsky.social is only the front of many."""
    for service in _all(document, "service"):
        if isinstance(service, Mapping) and str(service.get("id")).endswith("#atproto_pds"):
            try:
                return server_url(str(service.get("serviceEndpoint")))
            except ValueError:
                return None
    return None


def _handle(document: Any) -> str | None:
    for name in _all(document, "alsoKnownAs"):
        found = str(name).removeprefix("at://").lower()
        if str(name).startswith("at://") and is_handle(found):
            return found
    return None


def _all(document: Any, name: str) -> Iterator[Any]:
    found = document.get(name) if isinstance(document, Mapping) else None
    yield from found if isinstance(found, list) else ()
