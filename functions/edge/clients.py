"""Clients and tables, built once a process and only when first used; one botocore session for all."""

from functools import cache
from threading import RLock
from typing import Any

import boto3
from botocore.config import Config

from edge.quiet import quiet_libraries
from punctual.messages import Queue
from punctual.tables import Table

_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=32,  # more than any function has threads; connections are made when they are needed
)
_OWN = {"s3": Config(signature_version="s3v4", s3={"addressing_style": "virtual"})}
"""Without the first, URLs are signed in the old way in some regions:
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
Without the second they name no region, and S3 redirects those of a new bucket, which forms do not survive:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html"""
_BUILDING = RLock()
"""Sessions are not thread-safe, clients are; and ten that are built at once take ten times as long:
https://docs.aws.amazon.com/boto3/latest/guide/session.html#multithreading-or-multiprocessing-with-sessions"""
_HASTY = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1})


@cache
def session() -> boto3.session.Session:
    quiet_libraries()
    return boto3.session.Session()


def client(service: str) -> Any:
    """Also in a worker's threads, at once."""
    with _BUILDING:
        return _client(service)


@cache
def _client(service: str) -> Any:
    config = _CONFIG.merge(_OWN[service]) if service in _OWN else _CONFIG
    return session().client(service, config=config)  # type: ignore[call-overload]  # the name is a variable


def s3_with(credentials: dict[str, str]) -> Any:
    """A client that acts with the credentials that STS gave."""
    with _BUILDING:
        return session().client(
            "s3",
            config=_CONFIG.merge(_OWN["s3"]),
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )


@cache
def dynamodb() -> Any:
    """The client that speaks native Python types."""
    return session().resource("dynamodb", config=_CONFIG).meta.client


@cache
def hasty_dynamodb() -> Any:
    """For what must not hold up a request: one try, of a second."""
    return session().resource("dynamodb", config=_HASTY).meta.client


def table(name: str) -> Table:
    return Table(dynamodb(), name)


def queue(url: str) -> Queue:
    return Queue(client("sqs"), url)
