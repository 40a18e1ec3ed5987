"""Envelope encryption of grants, apps and what connections keep: a KMS data key for each, AES-256-GCM, the context
bound to both.

The context (ids only: CloudTrail shows it) is what keeps a value that was copied onto another item shut.
"""

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Context: TypeAlias = Mapping[str, str]

_NONCE_BYTES = 12


class SealBroken(Exception):
    """The value was not sealed for this context, or was changed since."""


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """As stored: the wrapped data key, nonce + ciphertext, and the KMS key that wrapped the data key.

    `context` is kept beside it only so that it can be sealed anew. Whoever opens it to use it says for which context it
    must have been sealed.
    """

    key: bytes = field(repr=False)
    box: bytes = field(repr=False)
    under: str
    context: Context

    def attributes(self) -> dict[str, Any]:
        """Of the item that holds it."""
        return {
            "sealed_key": self.key,
            "sealed_box": self.box,
            "sealed_under": self.under,
            "sealed_for": dict(self.context),
        }

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Self:
        return cls(
            key=bytes(item["sealed_key"]),
            box=bytes(item["sealed_box"]),
            under=item["sealed_under"],
            context=item["sealed_for"],
        )


class Sealer:
    """A data key that is ready: sealing with it calls nobody, so nothing can fail between an answer and its write."""

    def __init__(self, plain_key: bytes, wrapped_key: bytes, under: str, context: Context):
        self._cipher = AESGCM(plain_key)
        self._wrapped = wrapped_key
        self._under = under
        self._context = context

    def seal(self, value: bytes) -> Sealed:
        nonce = os.urandom(_NONCE_BYTES)
        box = nonce + self._cipher.encrypt(nonce, value, _bound(self._context))
        return Sealed(key=self._wrapped, box=box, under=self._under, context=self._context)


class Vault:
    """Seals under one KMS key, and opens what that one or a `retired` one sealed; keys are named by their ARN.

    `kms` is a boto3 client. Raises botocore's ClientError where KMS refuses or fails.
    """

    def __init__(self, kms: Any, key_id: str, retired: Collection[str] = ()):
        self._kms = kms
        self._key_id = key_id
        self._known = frozenset({key_id, *retired})

    def sealer(self, context: Context) -> Sealer:
        answer = self._kms.generate_data_key(KeyId=self._key_id, KeySpec="AES_256", EncryptionContext=dict(context))
        return Sealer(answer["Plaintext"], answer["CiphertextBlob"], self._key_id, context)

    def open(self, sealed: Sealed, context: Context) -> bytes:
        """Raises SealBroken, too where it was sealed under a key that is not this vault's."""
        if sealed.under not in self._known:
            raise SealBroken("the value was sealed under a key that this stack does not use")
        answer = self._kms.decrypt(KeyId=sealed.under, CiphertextBlob=sealed.key, EncryptionContext=dict(context))
        nonce, ciphertext = sealed.box[:_NONCE_BYTES], sealed.box[_NONCE_BYTES:]
        try:
            return AESGCM(answer["Plaintext"]).decrypt(nonce, ciphertext, _bound(context))
        except InvalidTag as error:
            raise SealBroken("the sealed value does not belong to this context") from error

    def is_current(self, sealed: Sealed) -> bool:
        return sealed.under == self._key_id

    def reseal(self, sealed: Sealed) -> Sealed:
        """The same value with a data key of its own anew, under the current key."""
        plain = self.open(sealed, sealed.context)
        return self.sealer(sealed.context).seal(plain)


def _bound(context: Context) -> bytes:
    return json.dumps(dict(context), sort_keys=True).encode()
