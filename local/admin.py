"""Workspaces and API keys, of the stack that `make run` started or of a deployed one, through its admin function."""

import argparse
import json
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.deploying import environment, session
from local.emulator import ROOT
from local.problems import LocalError, exit_on_problem

ADDRESS = ROOT / ".punctual" / "run" / "address.json"


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


def function_name(cloudformation: Any, stack_name: str) -> str:
    found = cloudformation.describe_stack_resource(StackName=stack_name, LogicalResourceId="AdminFunction")
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def clients(env: str, stack_name: str) -> tuple[Any, Any, str]:
    """lambda, cloudformation, the stack's name; every stack but the local one takes the person's AWS credentials."""
    settings = environment(env)
    name = stack_name or settings["global"]["stack_name"]
    if env == "local" and not stack_name:
        aws, endpoint_url = session(), running_address(ADDRESS)["endpoint_url"]
    else:
        aws, endpoint_url = boto3.session.Session(region_name=settings["global"].get("region")), None
    return (
        aws.client("lambda", endpoint_url=endpoint_url),
        aws.client("cloudformation", endpoint_url=endpoint_url),
        name,
    )


def running_address(path: Path) -> dict[str, str]:
    if not path.exists():
        raise LocalError("Nothing runs here. Start it with `make run`, or name a deployed stack: ENV=prod or STACK=…")
    return dict(json.loads(path.read_text()))


@exit_on_problem
def main() -> None:
    given = arguments()
    if given.what == "workspace" and not given.name:
        raise LocalError("Give the workspace a name: make workspace NAME=acme")
    if given.what != "workspace" and not given.workspace:
        raise LocalError(f"Say whose: make {given.what} WORKSPACE=ws_…")
    try:
        lambda_client, cloudformation, stack_name = clients(given.env, given.stack)
        print(json.dumps(act(lambda_client, function_name(cloudformation, stack_name), **action(given)), indent=2))
    except (BotoCoreError, ClientError) as error:
        raise LocalError(
            f"{error}\nIs the stack deployed there, and are your AWS credentials and region set?"
        ) from error


def action(given: argparse.Namespace) -> dict[str, Any]:
    match given.what:
        case "workspace":
            return {"action": "create_workspace", "name": given.name}
        case "key":
            scopes = given.scopes.split(",")
            return {
                "action": "create_key",
                "workspace_id": given.workspace,
                "name": given.name or "key",
                "scopes": scopes,
            }
        case "keys":
            return {"action": "list_keys", "workspace_id": given.workspace}
        case _:
            return {"action": "revoke_key", "workspace_id": given.workspace, "key_id": given.key}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="local.admin")
    parser.add_argument("what", choices=["workspace", "key", "keys", "revoke"])
    for name in ("name", "workspace", "key", "stack"):
        parser.add_argument(f"--{name}", default="")
    parser.add_argument("--scopes", default="read,write")
    parser.add_argument("--env", default="local", help="a samconfig.toml environment")
    return parser.parse_args()


if __name__ == "__main__":
    main()
