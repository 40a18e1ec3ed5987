"""The stand-in for KMS against moto's: the same keys open, the same are refused."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from punctual.sealing import SealBroken, Vault
from tests.memory.kms import MemoryKms


@pytest.fixture(params=["memory", "moto"])
def kms(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    if request.param == "memory":
        yield MemoryKms()
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield boto3.client("kms", region_name="eu-central-1")


def code(call: Callable[..., Any], **given: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**given)
    return str(caught.value.response["Error"]["Code"])


def test_a_vault_opens_what_it_sealed_in_its_context_only(kms: Any) -> None:
    vault = Vault(kms, kms.create_key()["KeyMetadata"]["KeyId"])
    mine, yours = {"channel": "1"}, {"channel": "2"}
    sealed = vault.sealer(mine).seal(b"token")
    assert vault.open(sealed, mine) == b"token"
    with pytest.raises((ClientError, SealBroken)) as caught:
        vault.open(sealed, yours)
    assert isinstance(caught.value, ClientError)
    assert caught.value.response["Error"]["Code"] == "InvalidCiphertextException"


def test_what_is_refused(kms: Any) -> None:
    first, second = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    made = kms.generate_data_key(KeyId=first, KeySpec="AES_256", EncryptionContext={"a": "b"})
    blob = made["CiphertextBlob"]
    assert len(made["Plaintext"]) == 32
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})["Plaintext"] == made["Plaintext"]
    assert code(kms.decrypt, CiphertextBlob=blob, KeyId=first) == "InvalidCiphertextException"
    assert (
        code(kms.decrypt, CiphertextBlob=blob[:-1] + bytes([blob[-1] ^ 1]), KeyId=first) == "InvalidCiphertextException"
    )
    assert code(kms.generate_data_key, KeyId=first[:-4] + "0000", KeySpec="AES_256") == "NotFoundException"
    other = kms.generate_data_key(KeyId=second, KeySpec="AES_256", EncryptionContext={"a": "b"})
    assert other["Plaintext"] != made["Plaintext"]


def test_a_key_must_be_the_one_that_wrapped() -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html"""
    kms = MemoryKms("first", "second")
    blob = kms.generate_data_key(KeyId="first", KeySpec="AES_256")["CiphertextBlob"]
    assert code(kms.decrypt, CiphertextBlob=blob, KeyId="second") == "IncorrectKeyException"
