"""Sealing all grants anew, of the stack that `make run` started or of a deployed one: `make reseal`."""

import argparse
from typing import Any

from local.addressing import Named, named, reaching_aws
from local.admin import act
from local.problems import LocalError, exit_on_problem

_COUNTED = ("resealed", "current", "moved", "failed")


def reseal(stack: Named, *, everything: bool) -> dict[str, int]:
    """Run by run, each told as it ends; the counts of all."""
    function, client = stack.physical_id("ResealerFunction"), stack.client("lambda")
    total = dict.fromkeys(_COUNTED, 0)
    after: Any = None
    while True:
        found = act(client, function, everything=everything, after=after)
        total = {name: total[name] + found[name] for name in _COUNTED}
        after = found["after"]
        print(", ".join(f"{total[name]} {name}" for name in _COUNTED) + (" …" if after else ""))
        if after is None:
            return total


def verdict(total: dict[str, int]) -> str:
    if total["failed"]:
        raise LocalError(
            f"{total['failed']} could not be opened. The log lines `not resealed` name them and the fault: a key that "
            "is not allowed (RetiredGrantsKeyArn), or KMS refusing for a moment. Mend it, then make reseal again."
        )
    return "All is sealed under the current key. A retired key is needed no more, but for backups of the table."


@exit_on_problem
def main() -> None:
    parser = argparse.ArgumentParser(prog="local.resealing")
    parser.add_argument("--stack", default="")
    parser.add_argument("--env", default="local", help="a samconfig.toml environment")
    parser.add_argument("--everything", action="store_true", help="also what the current key has sealed")
    given = parser.parse_args()
    with reaching_aws():
        print(verdict(reseal(named(given.env, given.stack), everything=given.everything)))


if __name__ == "__main__":
    main()
