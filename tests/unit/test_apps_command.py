"""`make app` and `make apps`: what they ask for, store and say."""

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import apps
from local.addressing import Named
from local.problems import LocalError
from punctual.providers.base import ClientIdAndSecret
from tests.memory.ssm import MemorySsm
from tests.template import template

APP = {"client_id": "an-id", "client_secret": "hush-hush"}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def stack(ssm: Any) -> Named:
    aws: Any = SimpleNamespace(client=lambda service, **_: {"ssm": ssm}[service])
    return Named(name="punctual-dev", aws=aws, endpoint_url=None)


def test_secrets_are_asked_for_without_echo_and_nothing_else_is() -> None:
    asked: list[str] = []
    answers = {"client_id: ": " an-id ", "client_secret: ": "hush-hush\n"}

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return answers[prompt]

    found = apps.read(ClientIdAndSecret, Terminal(), ask=ask, ask_secretly=lambda prompt: answers[prompt])
    assert found == APP
    assert asked == ["client_id: "]


def test_what_is_piped_in_is_json() -> None:
    assert apps.read(ClientIdAndSecret, io.StringIO(json.dumps(APP))) == APP
    for wrong in ("", "hush-hush", "[1]", "7"):
        with pytest.raises(LocalError, match="client_id and client_secret") as raised:
            apps.read(ClientIdAndSecret, io.StringIO(wrong))
        assert "hush-hush" not in str(raised.value)


@pytest.mark.parametrize(
    "given", [{}, {"client_id": "a"}, {**APP, "x": "hush-hush"}, {**APP, "client_secret": "hush-hush "}]
)
def test_what_breaks_rules_is_said_by_field_and_not_set(given: dict[str, Any]) -> None:
    with pytest.raises(LocalError, match=r"Nothing was set:\n  (client_id|client_secret|x): ") as raised:
        apps.checked(ClientIdAndSecret, given)
    assert "hush-hush" not in str(raised.value)


def test_an_app_is_stored_where_the_template_lets_the_function_read_it() -> None:
    ssm = MemorySsm()
    spec, fields = apps.needing("sandbox")
    told = apps.put(stack(ssm), spec, apps.checked(fields, APP))
    told += apps.put(stack(ssm), spec, apps.checked(fields, APP))
    ((name, found),) = ssm.parameters.items()
    resources = template()["Resources"]
    folder = resources["OauthFunction"]["Properties"]["Environment"]["Variables"]["APPS_PATH"]["Fn::Sub"]
    assert name == f"{folder.replace('${AWS::StackName}', 'punctual-dev')}/sandbox"
    assert (json.loads(found.value), found.kind, found.version) == (APP, "SecureString", 2)
    assert "hush-hush" not in told


def test_a_refusal_that_quotes_what_was_sent_is_not_shown() -> None:
    def refuse(**given: Any) -> None:
        raise ClientError({"Error": {"Code": "ValidationException", "Message": given["Value"]}}, "PutParameter")

    spec, _ = apps.needing("sandbox")
    with pytest.raises(LocalError, match="ValidationException") as raised:
        apps.put(stack(SimpleNamespace(put_parameter=refuse)), spec, APP)
    assert "hush-hush" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_only_a_provider_that_takes_an_app_is_asked_about() -> None:
    for name in ("", "nosuch", "mastodon"):
        with pytest.raises(LocalError, match="sandbox"):
            apps.needing(name)


def test_what_is_set_is_listed_by_name_only() -> None:
    ssm = MemorySsm()
    assert apps.listed(stack(ssm)) == "No app is set for punctual-dev: make app PROVIDER=…"
    names = [f"platform-{number:02}" for number in range(12)]
    for name in names:
        ssm.put_parameter(Name=f"/punctual/punctual-dev/apps/{name}", Value="hush-hush", Type="SecureString")
    ssm.put_parameter(Name="/punctual/other/apps/x", Value="hush-hush", Type="SecureString")
    assert apps.listed(stack(ssm)) == "\n".join(names)
