"""Envelope encryption of grants: one KMS data key a sealed value, AES-256-GCM, the context bound to both.

The context (ids only: CloudTrail shows it) is what keeps a value that was copied onto another channel's item shut.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Context: TypeAlias = Mapping[str, str]

_NONCE_BYTES = 12


class SealBroken(Exception):
    """The value was not sealed for this context, or was changed since."""


@dataclass(frozen=True)
class Sealed:
    """As stored: the wrapped data key and nonce + ciphertext."""

    key: bytes
    box: bytes


class Sealer:
    """A data key that is ready: sealing with it calls nobody, so nothing can fail between an answer and its write."""

    def __init__(self, plain_key: bytes, wrapped_key: bytes, context: Context):
        self._cipher = AESGCM(plain_key)
        self._wrapped = wrapped_key
        self._context = context

    def seal(self, value: bytes) -> Sealed:
        nonce = os.urandom(_NONCE_BYTES)
        return Sealed(self._wrapped, nonce + self._cipher.encrypt(nonce, value, _bound(self._context)))


class Vault:
    """`kms` is a boto3 client. Raises botocore's ClientError where KMS refuses or fails."""

    def __init__(self, kms: Any, key_id: str):
        self._kms = kms
        self._key_id = key_id

    def sealer(self, context: Context) -> Sealer:
        answer = self._kms.generate_data_key(KeyId=self._key_id, KeySpec="AES_256", EncryptionContext=dict(context))
        return Sealer(answer["Plaintext"], answer["CiphertextBlob"], context)

    def open(self, sealed: Sealed, context: Context) -> bytes:
        answer = self._kms.decrypt(KeyId=self._key_id, CiphertextBlob=sealed.key, EncryptionContext=dict(context))
        nonce, ciphertext = sealed.box[:_NONCE_BYTES], sealed.box[_NONCE_BYTES:]
        try:
            return AESGCM(answer["Plaintext"]).decrypt(nonce, ciphertext, _bound(context))
        except InvalidTag as error:
            raise SealBroken("the sealed value does not belong to this context") from error


def _bound(context: Context) -> bytes:
    return json.dumps(dict(context), sort_keys=True).encode()
