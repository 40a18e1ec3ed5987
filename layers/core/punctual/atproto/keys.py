"""ES256 key pairs, kept as the text of a JWK: our client's own, and one of every session for its proofs.

https://atproto.com/specs/oauth#types-of-clients
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

ALGORITHM = "ES256"


def new_key() -> SecretStr:
    from joserfc.jwk import ECKey  # 150 ms, which a stack without such sessions need not wait for

    key = ECKey.generate_key("P-256", private=True)
    about = {"kid": key.thumbprint(), "use": "sig", "alg": ALGORITHM}
    return SecretStr(json.dumps({**key.as_dict(private=True), **about}))


def public_half(key: SecretStr) -> dict[str, str]:
    """What others need to verify what it signed; no member of a private key is among the named ones."""
    given = json.loads(key.get_secret_value())
    return {name: given[name] for name in ("kty", "crv", "x", "y", "kid", "use", "alg") if name in given}


def signed(claims: Mapping[str, Any], key: SecretStr, **header: Any) -> str:
    from joserfc import jwt
    from joserfc.jwk import ECKey

    private = ECKey.import_key(json.loads(key.get_secret_value()))
    return jwt.encode({"alg": ALGORITHM, **header}, dict(claims), private, algorithms=[ALGORITHM])
