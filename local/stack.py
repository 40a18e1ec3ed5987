"""The whole stack on this computer, for programs and tests:

    with running() as stack:
        with stack.client(stack.create_key()) as api:
            api.post("/v1/posts", json=…)

Ports are free ones and the state is fresh, so several may run at once. Building takes seconds when sources changed, a
deploy some ten; tests therefore share one:

    @pytest.fixture(scope="session")
    def stack() -> Iterator[Stack]:
        with running() as stack:
            yield stack

(pytest-xdist makes a session of every worker: tests/conftest.py keeps the tests that use it on one.)
"""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import httpx

from local import admin
from local.deploying import deploy, physical_ids, session
from local.emulator import REGION, ROOT, Emulator, emulating

LAST_FAILURE = ROOT / ".punctual" / "last-failure.log"
NO_POST = json.dumps({"workspace_id": f"ws_{26 * '0'}", "post_id": f"post_{26 * '0'}", "rev": 1, "woken_by": "direct"})
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Stack:
    """`resources` is logical id → physical id; `emulator.log` is MiniStack's own log."""

    emulator: Emulator
    name: str
    resources: Mapping[str, str]
    outputs: Mapping[str, str]

    @property
    def url(self) -> str:
        return self.emulator.url

    @property
    def endpoint_url(self) -> str:
        return self.emulator.endpoint_url

    def client(self, key: str | None = None) -> httpx.Client:
        """Of the HTTP API, as any customer's would be; without a key, as a stranger's."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    def aws(self, service: str) -> Any:
        """A boto3 client with the account's root behind it: allowed everything."""
        return _client(service, self.endpoint_url)

    def acting_as(self, function: str) -> boto3.session.Session:
        """The function's own role: what it may do, and no more. Pass `endpoint_url=stack.endpoint_url` to clients."""
        role = self.aws("lambda").get_function_configuration(FunctionName=self.resources[function])["Role"]
        given = self.aws("sts").assume_role(RoleArn=role, RoleSessionName="acting")["Credentials"]
        return boto3.session.Session(
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
            region_name=REGION,
        )

    def invoke(self, function: str, payload: Mapping[str, Any]) -> Any:
        answer = self.aws("lambda").invoke(FunctionName=self.resources[function], Payload=json.dumps(payload))
        return json.loads(answer["Payload"].read())

    def create_workspace(self, name: str = "local") -> str:
        return str(self._admin(action="create_workspace", name=name)["workspace_id"])

    def create_key(self, workspace_id: str | None = None, *, scopes: Sequence[str] = ("read", "write")) -> str:
        """The key itself; in a new workspace unless one is named."""
        workspace_id = workspace_id or self.create_workspace()
        return str(
            self._admin(action="create_key", workspace_id=workspace_id, name="local", scopes=list(scopes))["key"]
        )

    def warm(self, function: str = "PublisherFunction", workers: int = 10) -> None:
        """Starts that many workers of a function that a queue feeds: a cold one takes a second or two."""
        nothing = {"messageId": "warm", "eventSource": "aws:sqs", "body": NO_POST}
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(lambda _: self.invoke(function, {"Records": [nothing]}), range(workers)))

    def log_lines(self, *, since: float = 0.0) -> list[str]:
        """What all functions have logged, `since` a Unix time."""
        logs = self.aws("logs")
        groups = [
            each["logGroupName"]
            for page in logs.get_paginator("describe_log_groups").paginate()
            for each in page["logGroups"]
        ]
        pages = logs.get_paginator("filter_log_events")
        found = (page for group in groups for page in pages.paginate(logGroupName=group, startTime=int(since * 1000)))
        return [event["message"] for page in found for event in page["events"]]

    def _admin(self, **action: Any) -> dict[str, Any]:
        return admin.act(self.aws("lambda"), self.resources["AdminFunction"], **action)


@cache
def _client(service: str, endpoint_url: str) -> Any:
    return session().client(service, endpoint_url=endpoint_url)  # type: ignore[call-overload]  # the name is a variable


@contextmanager
def running(
    *,
    folder: Path | None = None,
    port: int = 0,
    aws_port: int = 0,
    overrides: Mapping[str, str] | None = None,
    say: Say = lambda _: None,
) -> Iterator[Stack]:
    """Starts MiniStack, builds, deploys; stops it all when the block ends, however it ends.

    With a `folder` the state is kept there and found again the next time. `overrides` are template parameters. What
    MiniStack logged before a failure is kept in `.punctual/last-failure.log`."""
    home = folder or Path(tempfile.mkdtemp(prefix="punctual-"))
    try:
        with emulating(home, port=port, aws_port=aws_port, persistent=folder is not None) as emulator:
            yield _deployed(emulator, "punctual-local", overrides or {}, say)
    except BaseException:
        LAST_FAILURE.parent.mkdir(exist_ok=True)
        shutil.copyfile(home / "ministack.log", LAST_FAILURE)
        raise
    finally:
        if folder is None:
            shutil.rmtree(home, ignore_errors=True)


def _deployed(emulator: Emulator, name: str, overrides: Mapping[str, str], say: Say) -> Stack:
    begun = time.monotonic()
    say("Building and deploying …")
    deploy(emulator, name, overrides)
    cloudformation = session().client("cloudformation", endpoint_url=emulator.endpoint_url)
    described = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}
    say(f"Deployed in {time.monotonic() - begun:.0f} s: {emulator.url}")
    return Stack(emulator=emulator, name=name, resources=physical_ids(cloudformation, name), outputs=outputs)
