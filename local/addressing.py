"""Which stack a command means, and clients for it: the one that `make run` started, or a deployed one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.deploying import environment, session
from local.emulator import ROOT
from local.problems import LocalError

ADDRESS = ROOT / ".punctual" / "run" / "address.json"


@dataclass(frozen=True, kw_only=True)
class Named:
    """A stack by name; `endpoint_url` is None on AWS, where every call takes the person's own credentials."""

    name: str
    aws: boto3.session.Session
    endpoint_url: str | None

    def client(self, service: str) -> Any:
        return self.aws.client(service, endpoint_url=self.endpoint_url)  # type: ignore[call-overload]  # the name is a variable

    def physical_id(self, logical_id: str) -> str:
        found = self.client("cloudformation").describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def output(self, key: str) -> str:
        (stack,) = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        return next(str(each["OutputValue"]) for each in stack["Outputs"] if each["OutputKey"] == key)


@contextmanager
def reaching_aws() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise LocalError(
            f"{error}\nIs the stack deployed there, and are your AWS credentials and region set?"
        ) from error


def named(env: str, stack_name: str) -> Named:
    """`env` is one of samconfig.toml; `stack_name`, where it is given, overrides the name that stands there."""
    settings = environment(env)
    name = stack_name or settings["global"]["stack_name"]
    if env == "local" and not stack_name:
        return Named(name=name, aws=session(), endpoint_url=running_address(ADDRESS)["endpoint_url"])
    return Named(name=name, aws=boto3.session.Session(region_name=settings["global"].get("region")), endpoint_url=None)


def running_address(path: Path) -> dict[str, str]:
    if not path.exists():
        raise LocalError("Nothing runs here. Start it with `make run`, or name a deployed stack: ENV=prod or STACK=…")
    return dict(json.loads(path.read_text()))
