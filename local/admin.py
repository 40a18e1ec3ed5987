"""Workspaces, API keys, pausing and dead letters, of the stack that `make run` started or of a deployed one."""

import argparse
import json
from typing import Any

from local import redriving
from local.addressing import Named, named, reaching_aws
from local.problems import LocalError, exit_on_problem

_NEEDS_WORKSPACE = ("key", "keys", "revoke", "rotate", "delete-workspace")
_NEEDS_KEY = ("revoke", "rotate")

_PAUSED = "Nothing is published {where} until `make resume`. Posts stay where they are; scheduling goes on."
_RESUMED = (
    "Publishing goes on {where}: within a minute or two what is overdue goes out, unless it is later than its own "
    "max_delay_seconds; that ends as MISSED, and may be retried."
)
REVOKED = "The key opens nothing from a minute from now at the latest: so long API Gateway may keep what it knew."
_ROTATED = (
    "The new key is shown once. The old one works until the hour that `make keys` tells, which also tells when each "
    "was last used: once programs hold the new one and the old one is used no more, the change is made."
)
_CONSENTED = (
    "This was the word to go on after a restore. What was due before this moment is looked for on its platform first, "
    "and nothing of it that may be live is sent: what cannot be found ends as UNCONFIRMED, for a person to resolve."
)


_GOING = (
    "It is being deleted: nothing more of it is published, its keys stop working within a minute, and within some ten "
    "minutes nothing is stored of it. Ask again to see: once it is gone, there is no such workspace."
)


def act(lambda_client: Any, function_name: str, **action: Any) -> dict[str, Any]:
    answer = lambda_client.invoke(FunctionName=function_name, Payload=json.dumps(action))
    payload = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise LocalError(f"{function_name} failed: {payload.get('errorMessage', payload)}")
    if "error" in payload:
        reasons = [
            f"{fault.get('param', '')} {fault.get('message', '')}".strip() for fault in payload.get("errors", [])
        ]
        raise LocalError("; ".join(reasons) or str(payload["error"]))
    return dict(payload)


@exit_on_problem
def main() -> None:
    given = arguments()
    if given.what == "workspace" and not given.name:
        raise LocalError("Give the workspace a name: make workspace NAME=acme")
    if given.what in _NEEDS_WORKSPACE and not given.workspace:
        raise LocalError(f"Say whose: make {given.what} WORKSPACE=ws_…")
    if given.what in _NEEDS_KEY and not given.key:
        raise LocalError(f"Say which: make {given.what} WORKSPACE={given.workspace} KEY=key_…")
    if given.what == "delete-workspace" and given.confirm != given.workspace:
        raise LocalError("This cannot be undone. Repeat its id: make delete-workspace WORKSPACE=ws_… CONFIRM=ws_…")
    with reaching_aws():
        stack = named(given.env, given.stack)
        print(redriving.redrive(stack) if given.what == "redrive" else _told(given, stack))


def _told(given: argparse.Namespace, stack: Named) -> str:
    answer = act(stack.client("lambda"), stack.physical_id("AdminFunction"), **action(given))
    return "\n".join([json.dumps(answer, indent=2), *sentences(given, answer)])


def sentences(given: argparse.Namespace, answer: dict[str, Any]) -> list[str]:
    """What happens now, of what can be stopped and started."""
    where = f"for {given.workspace}" if given.workspace else "by this stack"
    if given.what == "pause":
        return [_PAUSED.format(where=where)]
    if given.what == "revoke":
        return [REVOKED if answer["revoked"] else "There is no such key; nothing was revoked."]
    if given.what == "rotate":
        return [_ROTATED]
    if given.what == "delete-workspace":
        return [_GOING]
    if given.what == "resume":
        consented = [_CONSENTED] if answer.get("was_consent_after_restore") else []
        return [_RESUMED.format(where=where), *consented]
    return []


def action(given: argparse.Namespace) -> dict[str, Any]:
    of_workspace = {"workspace_id": given.workspace} if given.workspace else {}
    match given.what:
        case "workspace":
            return {"action": "create_workspace", "name": given.name}
        case "key":
            ends = {"expires_in_days": given.days} if given.days else {}
            scopes = given.scopes.split(",")
            return {"action": "create_key", **of_workspace, "name": given.name or "key", "scopes": scopes, **ends}
        case "keys":
            return {"action": "list_keys", **of_workspace}
        case "rotate":
            overlap = {"overlap_hours": given.hours} if given.hours else {}
            return {"action": "rotate_key", **of_workspace, "key_id": given.key, **overlap}
        case "pause" | "resume":
            return {"action": f"{given.what}_{'workspace' if given.workspace else 'stack'}", **of_workspace}
        case "delete-workspace":
            return {"action": "delete_workspace", **of_workspace, "confirm": given.confirm}
        case "state":
            return {"action": "stack_state"}
        case _:
            return {"action": "revoke_key", **of_workspace, "key_id": given.key}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="local.admin")
    does = ["workspace", "key", "keys", "revoke", "rotate", "pause", "resume", "state", "redrive", "delete-workspace"]
    parser.add_argument("what", choices=does)
    for name in ("name", "workspace", "key", "stack", "days", "hours", "confirm"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--scopes", default="read,write")
    parser.add_argument("--env", default="local", help="a samconfig.toml environment")
    return parser.parse_args()


if __name__ == "__main__":
    main()
