"""The stack's apps at platforms, for all of its workspaces: `make app PROVIDER=…` sets one, `make apps` lists them.

What platforms give for an app is asked for, secrets without echo, or taken as JSON from what is piped in:
`make app PROVIDER=… < app.json`. It is no argument: those stay in a shell's history, and others see them run.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from getpass import getpass
from typing import Any, TextIO, get_args

from botocore.exceptions import ClientError
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from local.addressing import Named, named, reaching_aws
from local.problems import LocalError, exit_on_problem
from punctual import clock
from punctual.apps.deployment import parameter
from punctual.connecting import callback_url
from punctual.guarded_http import GuardedHttp
from punctual.providers import modules, provider_class
from punctual.providers.base import Fields, Spec
from punctual.validation import faults

Ask = Callable[[str], str]


@exit_on_problem
def main() -> None:
    given = arguments()
    with reaching_aws():
        stack = named(given.env, given.stack)
        if given.what == "list":
            print(listed(stack))
            return
        spec, fields = needing(given.provider)
        own_url = provider_class(spec.id)(GuardedHttp(), clock.now).own_url(stack.output("ApiUrl"))
        redirect_uri = callback_url(own_url, spec.id)
        print("\n".join(filter(None, [f"Register this redirect URI at {spec.name}: {redirect_uri}", spec.setup])))
        print(put(stack, spec, checked(fields, read(fields, sys.stdin))))


def needing(provider_id: str) -> tuple[Spec, type[Fields]]:
    """A provider that takes an app, and what its platform gives for one."""
    takers = [name for name in modules() if provider_class(name).spec.app_fields]
    if provider_id not in modules():
        raise LocalError(f"Say which: make app PROVIDER=… ({', '.join(takers)})")
    spec = provider_class(provider_id).spec
    if spec.app_fields is None:
        raise LocalError(f"{spec.name} takes no app: there is nothing to set. These do: {', '.join(takers)}.")
    return spec, spec.app_fields


def read(fields: type[Fields], given: TextIO, ask: Ask = input, ask_secretly: Ask = getpass) -> Mapping[str, Any]:
    if given.isatty():
        found = {
            name: (ask_secretly if _is_secret(field) else ask)(f"{name}{_hint(field)}: ").strip()
            for name, field in fields.model_fields.items()
        }
        return {name: value for name, value in found.items() if value}
    try:
        piped = json.load(given)
    except ValueError:
        piped = None
    if not isinstance(piped, dict):
        raise LocalError(f"Pipe in a JSON object with {' and '.join(fields.model_fields)}.")
    return piped


def checked(fields: type[Fields], given: Mapping[str, Any]) -> dict[str, Any]:
    """As it will be read. Says what is wrong, and never what was given."""
    try:
        fields.model_validate(given)
    except ValidationError as error:
        wrong = [f"  {each.param.strip('/')}: {each.message}" for each in faults(error)]
        raise LocalError("\n".join(["Nothing was set:", *wrong])) from None
    return dict(given)


def put(stack: Named, spec: Spec, given: Mapping[str, Any]) -> str:
    """A refusal may quote what was sent: only its code is told."""
    name = parameter(path(stack), spec.id)
    try:
        stack.client("ssm").put_parameter(Name=name, Value=json.dumps(given), Type="SecureString", Overwrite=True)
    except ClientError as error:
        raise LocalError(f"Nothing was set: Parameter Store answered {error.response['Error']['Code']}.") from None
    return (
        f"Set: {name}. In use within five minutes. Accounts that are connected keep the app they were connected with, "
        "also if only its secret changed: connect them again."
    )


def listed(stack: Named) -> str:
    """By provider, without their values."""
    ssm = stack.client("ssm")
    more: dict[str, str] = {}
    names: list[str] = []
    while True:
        page = ssm.get_parameters_by_path(Path=path(stack), **more)
        names += [str(each["Name"]).rpartition("/")[2] for each in page["Parameters"]]
        if not page.get("NextToken"):
            return "\n".join(sorted(names)) or f"No app is set for {stack.name}: make app PROVIDER=…"
        more = {"NextToken": page["NextToken"]}


def path(stack: Named) -> str:
    """As the template's APPS_PATH."""
    return f"/punctual/{stack.name}/apps"


def _is_secret(field: FieldInfo) -> bool:
    return SecretStr in (field.annotation, *get_args(field.annotation))


def _hint(field: FieldInfo) -> str:
    return "" if field.is_required() else " (may be left empty)"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="local.apps")
    parser.add_argument("what", choices=["set", "list"])
    parser.add_argument("--provider", default="")
    parser.add_argument("--stack", default="")
    parser.add_argument("--env", default="local", help="a samconfig.toml environment")
    return parser.parse_args()


if __name__ == "__main__":
    main()
