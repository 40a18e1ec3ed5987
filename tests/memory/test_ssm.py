"""The stand-in for Parameter Store against moto's: the same is read back, the same is refused."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.memory.ssm import MemorySsm

SECRET = "the secret"


@pytest.fixture(params=["memory", "moto"])
def ssm(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    if request.param == "memory":
        yield MemorySsm()
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield boto3.client("ssm", region_name="eu-central-1")


def code(call: Callable[..., Any], **given: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**given)
    return str(caught.value.response["Error"]["Code"])


def test_a_secure_string_shows_its_value_only_where_that_is_asked_for(ssm: Any) -> None:
    ssm.put_parameter(Name="/a/b", Value=SECRET, Type="SecureString")
    found = ssm.get_parameter(Name="/a/b", WithDecryption=True)["Parameter"]
    assert (found["Value"], found["Type"], found["Version"]) == (SECRET, "SecureString", 1)
    assert ssm.get_parameter(Name="/a/b")["Parameter"]["Value"] != SECRET


def test_what_is_there_is_replaced_only_where_that_is_asked_for(ssm: Any) -> None:
    ssm.put_parameter(Name="/a/b", Value=SECRET, Type="SecureString")
    again = {"Name": "/a/b", "Value": "another", "Type": "SecureString"}
    assert code(ssm.put_parameter, **again) == "ParameterAlreadyExists"
    assert ssm.put_parameter(**again, Overwrite=True)["Version"] == 2
    assert ssm.get_parameter(Name="/a/b", WithDecryption=True)["Parameter"]["Value"] == "another"


def test_what_is_not_there_is_refused(ssm: Any) -> None:
    assert code(ssm.get_parameter, Name="/a/none", WithDecryption=True) == "ParameterNotFound"
    assert code(ssm.delete_parameter, Name="/a/none") == "ParameterNotFound"


def test_a_path_lists_what_is_right_below_it_by_pages(ssm: Any) -> None:
    for number in range(12):
        ssm.put_parameter(Name=f"/a/{number:02}", Value=SECRET, Type="SecureString")
    for elsewhere in ("/a/b/c", "/ab/c", "/b/c"):
        ssm.put_parameter(Name=elsewhere, Value=SECRET, Type="SecureString")
    first = ssm.get_parameters_by_path(Path="/a")
    rest = ssm.get_parameters_by_path(Path="/a", NextToken=first["NextToken"])
    assert "NextToken" not in rest
    found = [each["Name"] for page in (first, rest) for each in page["Parameters"]]
    assert found == [f"/a/{number:02}" for number in range(12)]
    assert SECRET not in [each["Value"] for each in first["Parameters"]]
