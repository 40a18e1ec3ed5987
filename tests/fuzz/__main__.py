"""The API of the running local stack, called at random by its document: thousands of calls, all checks of schemathesis.

    python -m tests.fuzz [EXAMPLES] [SEED]

Prints how often each operation succeeded; fails on whatever was found.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from local import admin
from local.deploying import session
from local.stack import Stack, running
from punctual import clock
from punctual.tables import Table
from tests.document.holding import committed
from tests.fuzz.running import Plan, Prepare, run
from tests.fuzz.supply import Supply
from tests.fuzz.tables import ReadTables
from tests.fuzz.watching import NOT_BY_CHANCE, OPERATIONS, Watch
from tests.integration.api.tenant import Tenant

SCOPES = ("read", "write", "admin")
PHASES = ("examples", "coverage", "fuzzing", "stateful")
COMPARED = 0.1
"""All tables are read twice for each call that is compared."""
ELSEWHERE = {"POST /v1/channels", "GET /v1/oauth/{provider}/client-metadata.json"}
"""Need a platform without OAuth, or one that reads what we are, and none is here; the short form has both."""


class Laptop:
    """To a tenant what `Deployed` is."""

    clock = clock

    def __init__(self, stack: Stack):
        self._stack = stack

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self._stack.url, headers=headers, timeout=30, trust_env=False)

    def tenant(self, *scopes: str) -> Tenant:
        made = self.act("create_workspace", name="fuzz", return_urls=["https://app.example/done"])
        return Tenant(self, made["workspace_id"], self.key(made["workspace_id"], *scopes))  # type: ignore[arg-type]

    def key(self, workspace_id: str, *scopes: str) -> str:
        return str(self.act("create_key", workspace_id=workspace_id, name="fuzz", scopes=list(scopes))["key"])

    def act(self, action: str, **given: Any) -> dict[str, Any]:
        found: dict[str, Any] = admin.act(
            self._stack.aws("lambda"), self._stack.resources["AdminFunction"], action=action, **given
        )
        return found


def posted(upload: Mapping[str, Any], content: bytes) -> httpx.Response:
    return httpx.post(upload["url"], data=dict(upload["fields"]), files={"file": content}, trust_env=False)


def main() -> None:
    examples, seed = (int(given) for given in (*sys.argv[1:], *("20", "1")[len(sys.argv) - 1 :]))
    with running(say=say) as stack:
        laptop = Laptop(stack)
        owner = laptop.tenant(*SCOPES)
        dynamodb = session().resource("dynamodb", endpoint_url=stack.endpoint_url).meta.client
        work = Table(dynamodb, stack.resources["WorkTable"])
        supply = Supply(owner, laptop.client, work, posted)
        tables = ReadTables(stack)
        plan = Plan(seed=seed, examples=examples, phases=PHASES, compared=COMPARED)
        found = fuzz(stack, plan, tables, SCOPES, owner.key, supply.prepare)
        few = Plan(seed=seed, examples=5, phases=("fuzzing",), compared=COMPARED)
        found += fuzz(stack, few, tables, ("read",), owner.with_scopes("read").key, None)
        found += fuzz(stack, few, tables, None, None, None)
    if found:
        sys.exit("\n".join(found))


def fuzz(
    stack: Stack,
    plan: Plan,
    tables: ReadTables,
    scopes: Sequence[str] | None,
    key: str | None,
    prepare: Prepare | None,
) -> list[str]:
    begun = time.monotonic()
    watch = Watch(committed(), tables, scopes)
    found = run(plan, watch, prepare, {"Authorization": f"Bearer {key}"} if key else {}, base_url=stack.url)
    who = "no key" if scopes is None else f"a key with {', '.join(scopes)}"
    say(f"\n{who}: {watch.calls} calls in {time.monotonic() - begun:.0f} s, tables compared for {watch.compared}")
    for name, statuses in watch.statuses.items():
        valid = watch.valid[name]
        succeeded = sum(times for status, times in valid.items() if status < 400)
        say(f"  {name:18} of {valid.total()} valid {succeeded} succeeded; all: {dict(sorted(statuses.items()))}")
    never = sorted(OPERATIONS.keys() - watch.succeeded - ELSEWHERE - NOT_BY_CHANCE) if prepare else []
    return [*watch.faults(), *found, *(f"{label} never succeeded" for label in never)]


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
