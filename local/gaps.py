"""What MiniStack does otherwise than AWS and Punctual would notice, mended inside its own process.

Each is a private of the pinned version and goes when MiniStack learns it; tests/e2e or tests/benchmarks/lateness
notice if one stops working.
"""

# ruff: noqa: SLF001

import hashlib
import io
import json
import os
import re
import threading
import time
import zipfile
from pathlib import Path
from typing import Any


def mend() -> None:
    unpack_layers_once(Path(os.environ["TMPDIR"]) / "layers")
    accept_empty_answers()
    name_schedule_groups()
    authorize_batches()
    tell_partitions()
    wake_for_delayed_messages()
    start_few_workers_at_once()


def unpack_layers_once(folder: Path) -> None:
    """It unpacks every layer anew for each worker: thousands of files, two seconds of a cold start, as many to clear
    away. Here workers are handed a layer that only points to the one place where it was unpacked."""
    from ministack.services import lambda_svc

    resolve, lock = lambda_svc._resolve_layer_zip, threading.Lock()

    def pointing(attachment: Any) -> bytes | None:
        data = resolve(attachment)
        if data is None:
            return None
        unpacked = folder / hashlib.sha256(data).hexdigest()
        with lock:
            if not unpacked.exists():
                zipfile.ZipFile(io.BytesIO(data)).extractall(unpacked)
        return _pointer(unpacked / "python")

    lambda_svc._resolve_layer_zip = pointing


def _pointer(target: Path) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        line = f"import sys; sys.path.insert(0, {str(target)!r})\n"
        archive.writestr("python/lib/python3/site-packages/layer.pth", line)
    return made.getvalue()


def accept_empty_answers() -> None:
    """A function may answer `"body": null`, as Powertools does for a redirect; it fails on that."""
    from ministack.services import apigateway

    execute = apigateway.handle_execute

    async def executing(*args: Any, **kwargs: Any) -> Any:
        status, headers, body = await execute(*args, **kwargs)
        return status, headers, b"" if body is None else body

    apigateway.handle_execute = executing


def name_schedule_groups() -> None:
    """It checks every call on a schedule against the group `default`, whatever group the call names."""
    from ministack.core import iam_actions

    extract = iam_actions.extract_resource_arn

    def extracting(service: str, method: str, path: str, headers: Any, body: Any, query: Any, *rest: Any) -> Any:
        found = extract(service, method, path, headers, body, query, *rest)
        if service != "scheduler" or ":schedule/default/" not in str(found):
            return found
        named = json.loads(body).get("GroupName") if body else (query.get("groupName") or [None])[0]
        return found.replace(":schedule/default/", f":schedule/{named}/") if named else found

    iam_actions.extract_resource_arn = extracting


def authorize_batches() -> None:
    """It asks for `sqs:SendMessageBatch`, which does not exist: a batch needs what one message needs.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html"""
    from ministack.core import iam_actions

    extract = iam_actions.extract_iam_action

    def extracting(*args: Any, **kwargs: Any) -> Any:
        found = extract(*args, **kwargs)
        return found.removesuffix("Batch") if found and found.startswith("sqs:") else found

    iam_actions.extract_iam_action = extracting


def tell_partitions() -> None:
    """It knows no `dynamodb:LeadingKeys`, and conditions on all of them then hold. (In a transaction it still does not:
    it asks for all items by one context.)

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html"""
    from ministack.core import iam_actions

    context = iam_actions.dynamodb_service_context

    def telling(body: bytes) -> Any:
        found = context(body)
        keys = _partitions(json.loads(body)) if found else []
        return {**found, "dynamodb:LeadingKeys": keys} if keys else found

    iam_actions.dynamodb_service_context = telling


def _partitions(request: Any) -> list[str]:
    """That one item, or a query, names."""
    key = request.get("Key") or request.get("Item") or {}
    compared = re.findall(r"(#?\w+)\s*=\s*(:\w+)", request.get("KeyConditionExpression") or "")
    names, values = request.get("ExpressionAttributeNames") or {}, request.get("ExpressionAttributeValues") or {}
    key = key or {names.get(name, name): values.get(value, {}) for name, value in compared}
    return list(key.get("pk", {}).values())


def wake_for_delayed_messages() -> None:
    """Its event source mappings look at a queue when a message is sent and then once a second, so one sent with a delay
    waits up to a second more. Lambda long-polls, which ends as soon as a message becomes visible.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html"""
    from ministack.services import lambda_svc, sqs

    woken = lambda_svc._esm_wake

    class Waking:
        clear = woken.clear
        set = woken.set

        @staticmethod
        def wait(timeout: float) -> bool:
            now = time.time()
            queues = list(sqs._queues._data.values())
            waits = (message["visible_at"] - now for queue in queues for message in list(queue["messages"]))
            return bool(woken.wait(min([timeout, *(wait for wait in waits if wait > 0)])))

    lambda_svc._esm_wake = Waking


def start_few_workers_at_once() -> None:
    """It starts a process for every call that waits, a hundred at once if need be, and each then takes as long as all.
    Lambda starts them on machines of their own; here they share two cores or so, and take turns."""
    from ministack.core import lambda_runtime

    spawn, turn = lambda_runtime.Worker._spawn, threading.BoundedSemaphore(2 * (os.cpu_count() or 1))

    def spawning(worker: Any) -> None:
        with turn:
            spawn(worker)

    lambda_runtime.Worker._spawn = spawning
