"""Where platforms that fetch media find them: addresses that are signed, answer ranges and redirect nowhere.

Through CloudFront an address is good for longer than any post is wanted. Without it, S3's own are signed by a role that
is taken on for an hour: what a function's own credentials sign ends when they do, which nobody can know.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html#who-presigned-url
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from botocore.exceptions import BotoCoreError, ClientError
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pydantic import SecretStr

from punctual.clock import Now
from punctual.providers.outcomes import RetryLater

SESSION = timedelta(hours=1)
"""The longest that a role may last which another role takes on:
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining"""
SESSION_USED = timedelta(minutes=15)
"""Then a new one is begun: an address lasts three quarters of an hour at least."""
LASTS = timedelta(days=8)
"""Of CloudFront's: a post may be wanted for seven days after its time (`drafts.MAX_DELAY_SECONDS`)."""


class Addresses(Protocol):
    def of(self, path: str, type: str) -> str:  # noqa: A002 - MIME's word
        """Of an object of the bucket, which is answered as that MIME type whatever it was stored as.

        Raises RetryLater where nothing can be signed now."""
        ...


class NotSigned(RetryLater):
    def __init__(self, code: str):
        sentence = f"No address of a file could be signed ({code}); whoever runs the stack must look."
        super().__init__(sentence, code="media_not_signed")


@dataclass(frozen=True, kw_only=True)
class _Session:
    s3: Any
    begun_at: datetime


class S3Addresses:
    """`sts` is a boto3 client; `s3_of` makes one of S3 with the credentials that it is given."""

    def __init__(self, *, sts: Any, s3_of: Callable[[dict[str, str]], Any], role: str, bucket: str, now: Now):
        self._sts = sts
        self._s3_of = s3_of
        self._role = role
        self._bucket = bucket
        self._now = now
        self._session: _Session | None = None

    def of(self, path: str, type: str) -> str:  # noqa: A002
        session = self._current()
        left = session.begun_at + SESSION - self._now()
        given = {"Bucket": self._bucket, "Key": path, "ResponseContentType": type}
        found: str = session.s3.generate_presigned_url("get_object", Params=given, ExpiresIn=int(left.total_seconds()))
        return found

    def _current(self) -> _Session:
        now = self._now()
        if self._session is None or now >= self._session.begun_at + SESSION_USED:
            seconds = int(SESSION.total_seconds())
            try:
                answer = self._sts.assume_role(RoleArn=self._role, RoleSessionName="media", DurationSeconds=seconds)
            except (ClientError, BotoCoreError) as error:
                raise NotSigned(_code(error)) from error
            self._session = _Session(s3=self._s3_of(answer["Credentials"]), begun_at=now)
        return self._session


class CloudFrontAddresses:
    """`private_key` gives the PEM of the RSA key whose public half the distribution trusts, once it is needed."""

    def __init__(self, *, domain: str, key_id: str, private_key: Callable[[], SecretStr], now: Now):
        self._domain = domain
        self._signer = CloudFrontSigner(key_id, self._signature)
        self._private_key = private_key
        self._now = now

    def of(self, path: str, type: str) -> str:  # noqa: A002
        query = urlencode({"response-content-type": type})
        url = f"https://{self._domain}/{quote(path)}?{query}"
        found: str = self._signer.generate_presigned_url(url, date_less_than=self._now() + LASTS)
        return found

    def _signature(self, message: bytes) -> bytes:
        # SHA-1 is what CloudFront takes:
        # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
        return self._key.sign(message, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        try:
            found = serialization.load_pem_private_key(self._private_key().get_secret_value().encode(), password=None)
        except (ClientError, BotoCoreError) as error:
            raise NotSigned(_code(error)) from error
        except ValueError:
            raise NotSigned("KeyUnreadable") from None
        if not isinstance(found, rsa.RSAPrivateKey):
            raise NotSigned("KeyOfAnotherKind")
        return found


@dataclass(frozen=True, kw_only=True)
class KeyPair:
    """PEM, as CloudFront takes them."""

    public: str
    private: SecretStr


def new_key_pair() -> KeyPair:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html"""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return KeyPair(public=public.decode(), private=SecretStr(private.decode()))


def _code(error: ClientError | BotoCoreError) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__
