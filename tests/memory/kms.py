"""KMS in memory: what punctual.sealing uses. A wrapped key opens under its own key and encryption context only."""

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

    def generate_data_key(self, **given: Any) -> dict[str, Any]:
        key_id = given["KeyId"]
        master = self._master(key_id, "GenerateDataKey")
        plain, nonce = os.urandom(_BYTES[given["KeySpec"]]), os.urandom(_NONCE_BYTES)
        wrapped = nonce + master.encrypt(nonce, plain, _bound(given))
        return {"Plaintext": plain, "CiphertextBlob": key_id.encode() + b"|" + wrapped, "KeyId": key_id}

    def decrypt(self, **given: Any) -> dict[str, Any]:
        made_by, _, sealed = bytes(given["CiphertextBlob"]).partition(b"|")
        key_id = made_by.decode(errors="replace")
        if "KeyId" in given:
            self._master(given["KeyId"], "Decrypt")
        if key_id not in self._masters:
            raise _invalid()
        if given.get("KeyId", key_id) != key_id:
            raise client_error(
                "Decrypt", "IncorrectKeyException", "The key is not the one that encrypted the ciphertext"
            )
        try:
            plain = self._masters[key_id].decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(given))
        except (InvalidTag, ValueError) as error:
            raise _invalid() from error
        return {"Plaintext": plain, "KeyId": key_id, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}

    def _master(self, key_id: str, operation: str) -> AESGCM:
        if key_id not in self._masters:
            raise client_error(operation, "NotFoundException", f"Key '{key_id}' does not exist")
        return self._masters[key_id]


def _invalid() -> ClientError:
    return client_error("Decrypt", "InvalidCiphertextException", "")


def _bound(given: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(given.get("EncryptionContext") or {}), sort_keys=True).encode()
