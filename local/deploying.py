"""`sam deploy --config-env local` against the emulator, and the routes that it does not make by itself."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import yaml

from local import routes
from local.building import Target, build, build_folder_lock, laptop, sam
from local.emulator import CREDENTIALS, REGION, ROOT, Emulator


def environment(name: str) -> dict[str, Any]:
    """A samconfig.toml environment's settings by command."""
    config: dict[str, Any] = tomllib.loads((ROOT / "samconfig.toml").read_text())
    return {command: table["parameters"] for command, table in config[name].items()}


def session() -> boto3.session.Session:
    """Credentials that MiniStack takes for the account's root; nothing of the person's own AWS set-up is used."""
    return boto3.session.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )


def deploy(emulator: Emulator, stack_name: str, overrides: Mapping[str, str]) -> None:
    target = laptop()
    with build_folder_lock():
        template = build(target)
        document = yaml.safe_load(template.read_text())
        _sam_deploy(emulator, stack_name, target, overrides)
    clients = session()
    resources = physical_ids(clients.client("cloudformation", endpoint_url=emulator.endpoint_url), stack_name)
    routes.make(clients.client("apigatewayv2", endpoint_url=emulator.endpoint_url), document["Resources"], resources)
    _number_concurrency(clients.client("lambda", endpoint_url=emulator.endpoint_url))


def _sam_deploy(emulator: Emulator, stack_name: str, target: Target, overrides: Mapping[str, str]) -> None:
    settings = environment("local")["deploy"]
    parameters = dict(each.split("=", 1) for each in settings["parameter_overrides"])
    parameters |= {**target.parameters, "PublicUrl": emulator.url, **overrides}
    session().client("s3", endpoint_url=emulator.endpoint_url).create_bucket(Bucket=settings["s3_bucket"])
    options: dict[str, str | Path] = {
        "--config-file": ROOT / "samconfig.toml",
        "--config-env": "local",
        "--template-file": target.folder / "template.yaml",
        "--stack-name": stack_name,
    }
    sam(
        "deploy",
        *(word for option in options.items() for word in option),
        "--parameter-overrides",
        *(f"{name}={value}" for name, value in parameters.items()),
        env=without_aws() | CREDENTIALS | {"AWS_ENDPOINT_URL": emulator.endpoint_url, "SAM_CLI_POLL_DELAY": "0.5"},
    )


def _number_concurrency(lambda_client: Any) -> None:
    """MiniStack keeps a number that came through a template's parameter as text, then cannot compare it."""
    for mapping in lambda_client.list_event_source_mappings()["EventSourceMappings"]:
        if concurrency := mapping.get("ScalingConfig", {}).get("MaximumConcurrency"):
            lambda_client.update_event_source_mapping(
                UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": int(concurrency)}
            )


def without_aws() -> dict[str, str]:
    """The environment without the person's own AWS set-up, which must neither be needed nor reached."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def physical_ids(cloudformation: Any, stack_name: str) -> dict[str, str]:
    """Logical id → physical id, of what exists (a condition may have left something out)."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack_name)
    found = (each for page in pages for each in page["StackResourceSummaries"])
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found if each.get("PhysicalResourceId")}
