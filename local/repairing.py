"""Telling from the table whatever events are missing, of the stack that `make run` started or of a deployed one."""

import argparse
from typing import Any

from local.addressing import Named, named, reaching_aws
from local.admin import act
from local.problems import exit_on_problem

_ASKED = (
    "Within two minutes the table is gone through, and what the feeds lack is told. The same command then says how far "
    "it is; once it is done, it begins again."
)
_PHASES = {
    "baseline": "What is there is being noted: the stack is older than its feed. {read} items so far.",
    "table": "The table is being gone through: {read} items so far, {told} events that were missing.",
    "told": "What was told is being looked for: {gone} are there no more; {told} events that were missing so far.",
}
_LAST = "The last repair began {begun_at} and ended {ended_at}: {read} items, {gone} gone, {told} events."


def repair(stack: Named) -> str:
    answer = act(stack.client("lambda"), stack.physical_id("EventsFunction"), repair=True)
    return "\n".join(sentences(answer))


def sentences(answer: dict[str, Any]) -> list[str]:
    if answer["phase"]:
        return [_PHASES[answer["phase"]].format(**answer)]
    return [*([_LAST.format(**answer)] if answer["ended_at"] else []), _ASKED]


@exit_on_problem
def main() -> None:
    parser = argparse.ArgumentParser(prog="local.repairing")
    parser.add_argument("--stack", default="")
    parser.add_argument("--env", default="local", help="a samconfig.toml environment")
    given = parser.parse_args()
    with reaching_aws():
        print(repair(named(given.env, given.stack)))


if __name__ == "__main__":
    main()
