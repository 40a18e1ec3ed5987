"""Addresses for platforms that fetch: signed, with an end that is known, and of the type that was found."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pydantic import SecretStr

from local.media_key import made
from local.problems import LocalError
from punctual.drafts import MAX_DELAY_SECONDS
from punctual.media.addresses import LASTS, CloudFrontAddresses, NotSigned, S3Addresses, new_key_pair
from tests.memory.ssm import MemorySsm

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
PATH = "media/ws_1/med_1/0123456789abcdef"


class Sts:
    def __init__(self, refuses: Exception | None = None) -> None:
        self.asked: list[dict[str, Any]] = []
        self.refuses = refuses

    def assume_role(self, **given: Any) -> dict[str, Any]:
        self.asked.append(given)
        if self.refuses:
            raise self.refuses
        number = len(self.asked)
        keys = {"AccessKeyId": f"id{number}", "SecretAccessKey": "secret", "SessionToken": f"token{number}"}
        return {"Credentials": keys}


def s3_with(credentials: dict[str, str]) -> Any:
    return boto3.client(
        "s3",
        region_name="eu-central-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


def of_s3(sts: Sts, clock: Clock) -> S3Addresses:
    return S3Addresses(sts=sts, s3_of=s3_with, role="arn:aws:iam::1:role/reader", bucket="bucket", now=clock.now)


def asked_of(url: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}


def test_an_address_of_s3_ends_with_its_session_and_lasts_three_quarters_of_an_hour() -> None:
    sts, clock = Sts(), Clock()
    addresses = of_s3(sts, clock)
    for minutes in (0, 14, 15, 29, 31):
        clock.at = NOW + timedelta(minutes=minutes)
        query = asked_of(addresses.of(PATH, "image/jpeg"))
        session = {0: 0, 14: 0, 15: 15, 29: 15, 31: 31}[minutes]
        assert int(query["X-Amz-Expires"]) == 3600 - 60 * (minutes - session)
        assert int(query["X-Amz-Expires"]) >= 45 * 60
        assert query["response-content-type"] == "image/jpeg"
    assert [each["DurationSeconds"] for each in sts.asked] == [3600] * 3


@pytest.mark.parametrize(
    "refusal",
    [
        ClientError({"Error": {"Code": "AccessDenied", "Message": "x"}}, "AssumeRole"),
        EndpointConnectionError(endpoint_url="https://sts"),
    ],
)
def test_what_sts_refuses_is_tried_again_later_and_named(refusal: Exception) -> None:
    with pytest.raises(NotSigned, match=r"AccessDenied|EndpointConnectionError"):
        of_s3(Sts(refusal), Clock()).of(PATH, "image/jpeg")


def signed(path: str = PATH, **replaced: Any) -> tuple[str, rsa.RSAPublicKey]:
    pair = new_key_pair()
    given: dict[str, Any] = {
        "domain": "media.example.com",
        "key_id": "K1",
        "private_key": lambda: pair.private,
        "now": lambda: NOW,
        **replaced,
    }
    public = serialization.load_pem_public_key(pair.public.encode())
    assert isinstance(public, rsa.RSAPublicKey)
    return CloudFrontAddresses(**given).of(path, "video/mp4"), public


def as_cloudfront_does(url: str, public: rsa.RSAPublicKey) -> datetime:
    """The canned policy, checked; when it ends.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html"""
    query = asked_of(url)
    base = url.partition("&Expires=")[0]
    policy = {
        "Statement": [{"Resource": base, "Condition": {"DateLessThan": {"AWS:EpochTime": int(query["Expires"])}}}]
    }
    text = json.dumps(policy, separators=(",", ":")).encode()
    signature = base64.b64decode(query["Signature"].translate(str.maketrans("-_~", "+=/")))
    public.verify(signature, text, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 - CloudFront's
    return datetime.fromtimestamp(int(query["Expires"]), UTC)


def test_cloudfront_opens_an_address_until_long_after_any_post_is_wanted() -> None:
    url, public = signed()
    assert url.startswith(f"https://media.example.com/{PATH}?response-content-type=video%2Fmp4&")
    assert as_cloudfront_does(url, public) == NOW + LASTS
    assert timedelta(seconds=MAX_DELAY_SECONDS) < LASTS
    assert asked_of(url)["Key-Pair-Id"] == "K1"


def test_an_address_that_was_changed_opens_nothing() -> None:
    url, public = signed()
    with pytest.raises(InvalidSignature):
        as_cloudfront_does(url.replace("med_1", "med_2"), public)
    with pytest.raises(InvalidSignature):
        as_cloudfront_does(url, signed()[1])


def test_a_key_that_is_none_is_said_and_not_shown() -> None:
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for wrong, code in (("hush-hush", "KeyUnreadable"), (curve.decode(), "KeyOfAnotherKind")):
        with pytest.raises(NotSigned) as raised:
            signed(private_key=lambda wrong=wrong: SecretStr(wrong))
        assert code in raised.value.sentence
        assert wrong not in str(raised.value)


def test_a_stack_gets_one_key_pair_that_fits_together() -> None:
    ssm = MemorySsm()
    said = made(ssm, "punctual")
    assert "BEGIN" not in said
    private, public = (ssm.parameters[f"/punctual/punctual/{name}"] for name in ("media-key", "media-public-key"))
    assert (private.kind, public.kind) == ("SecureString", "String")
    url, _ = signed(private_key=lambda: SecretStr(private.value))
    key = serialization.load_pem_public_key(public.value.encode())
    assert isinstance(key, rsa.RSAPublicKey)
    as_cloudfront_does(url, key)
    before = dict(ssm.parameters)
    with pytest.raises(LocalError, match="There is a key already"):
        made(ssm, "punctual")
    assert ssm.parameters == before
