"""KMS in memory: what punctual.sealing uses of it. A wrapped key opens under its own key and encryption context only."""

import json
import os
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.memory.refusals import client_error

_NONCE_BYTES = 12
_BYTES = {"AES_256": 32, "AES_128": 16}


class MemoryKms:
    def __init__(self, *key_ids: str):
        self._masters: dict[str, AESGCM] = {}
        for key_id in key_ids:
            self.create_key(key_id)

    def create_key(self, key_id: str = "") -> dict[str, Any]:
        found = key_id or f"key-{len(self._masters)}"
        self._masters[found] = AESGCM(os.urandom(32))
        return {"KeyMetadata": {"KeyId": found}}

    def generate_data_key(
        self,
        *,
        KeyId: str,
        KeySpec: str,
        EncryptionContext: Mapping[str, str] | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        master = self._master(KeyId, "GenerateDataKey")
        plain, nonce = os.urandom(_BYTES[KeySpec]), os.urandom(_NONCE_BYTES)
        wrapped = master.encrypt(nonce, plain, _bound(EncryptionContext))
        return {"Plaintext": plain, "CiphertextBlob": KeyId.encode() + b"|" + nonce + wrapped, "KeyId": KeyId}

    def decrypt(
        self,
        *,
        CiphertextBlob: bytes,
        KeyId: str = "",
        EncryptionContext: Mapping[str, str] | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        made_by, _, sealed = bytes(CiphertextBlob).partition(b"|")
        key_id = made_by.decode(errors="replace")
        if KeyId:
            self._master(KeyId, "Decrypt")
        if KeyId and key_id in self._masters and key_id != KeyId:
            raise client_error(
                "Decrypt", "IncorrectKeyException", "The key ID in the request does not identify a key used"
            )
        if key_id not in self._masters:
            raise _invalid()
        try:
            nonce, wrapped = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            plain = self._masters[key_id].decrypt(nonce, wrapped, _bound(EncryptionContext))
        except (InvalidTag, ValueError) as error:
            raise _invalid() from error
        return {"Plaintext": plain, "KeyId": key_id, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}

    def _master(self, key_id: str, operation: str) -> AESGCM:
        if key_id not in self._masters:
            raise client_error(operation, "NotFoundException", f"Key '{key_id}' does not exist")
        return self._masters[key_id]


def _invalid() -> ClientError:
    return client_error("Decrypt", "InvalidCiphertextException", "")


def _bound(context: Mapping[str, str] | None) -> bytes:
    return json.dumps(dict(context or {}), sort_keys=True).encode()
