"""What we are to authorization servers: no registration, but the address of a document that says it.

https://atproto.com/specs/oauth#client-id-metadata-document
"""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from punctual.atproto.keys import ALGORITHM, new_key, public_half
from punctual.providers.base import App
from punctual.providers.loopback import is_loopback

NAME = "Punctual"
DOCUMENT = "client-metadata.json"


def register(redirect_uri: str, scope: str) -> App:
    """A client with a key of its own; one without where no server can read a document of ours: on a laptop.

    https://atproto.com/specs/oauth#localhost-client-development
    """
    if is_loopback(redirect_uri):
        query = urlencode({"redirect_uri": redirect_uri, "scope": scope}, quote_via=quote)
        return App(client_id=f"http://localhost?{query}")
    key = new_key()
    public = public_half(key)
    return App(
        client_id=f"{_folder(redirect_uri)}/{DOCUMENT}", private_key=key, public={public["kid"]: json.dumps(public)}
    )


def metadata(redirect_uri: str, keys: Iterable[str], scope: str) -> dict[str, Any]:
    """The document, whose keys are a part of it: one fetch brings all, and they cannot disagree with the rest."""
    folder = _folder(redirect_uri)
    return {
        "client_id": f"{folder}/{DOCUMENT}",
        "client_name": NAME,
        "client_uri": _origin(folder),
        "application_type": "web",
        "redirect_uris": [redirect_uri],
        "response_types": ["code"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": scope,
        "dpop_bound_access_tokens": True,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": ALGORITHM,
        "jwks": {"keys": [json.loads(key) for key in keys]},
    }


def _folder(redirect_uri: str) -> str:
    return redirect_uri.rpartition("/")[0]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
