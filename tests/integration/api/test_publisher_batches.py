"""The publisher's batches: records side by side, and only those that failed come again."""

import threading
from typing import Any

import httpx
from botocore.exceptions import ClientError

from punctual.messages import Step
from tests.integration.api.deployed import Deployed, sqs_event
from tests.integration.api.tenant import Tenant


def steps(tenant: Tenant, *texts: str) -> list[str]:
    """Messages for posts that are due now, each on a channel of its own."""
    found = []
    for text in texts:
        channel = tenant.connect(text.lower())
        (delivery,) = (post := tenant.posted(text, channel, in_minutes=0.01))["deliveries"]
        step = Step(workspace_id="ws_1", post_id=post["id"], delivery_id=delivery["id"], rev=1, woken_by="direct")
        found.append(step.model_dump_json())
    return found


def statuses(tenant: Tenant) -> dict[str, str]:
    return {post["text"]: post["status"] for post in tenant.api.get("/v1/posts").json()["data"]}


def test_all_records_of_a_full_batch_are_published_side_by_side(deployed: Deployed, tenant: Tenant) -> None:
    """Ten threads, however few processors there are: at T nobody waits for the end of another's call."""
    texts = [f"Number{n}" for n in range(10)]
    all_of_them = threading.Barrier(len(texts))
    serve = deployed.hosts["punctual.example"]

    def meeting(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path == "/sandbox/api/posts":
            all_of_them.wait(timeout=20)
        return serve(request)

    deployed.hosts["punctual.example"] = meeting
    try:
        answer = deployed.invoke("PublisherFunction", sqs_event(*steps(tenant, *texts)))
    finally:
        deployed.hosts["punctual.example"] = serve
    assert answer == {"batchItemFailures": []}
    assert statuses(tenant) == dict.fromkeys(texts, "COMPLETED")


def test_only_the_record_that_failed_comes_again(deployed: Deployed, tenant: Tenant) -> None:
    good, bad = steps(tenant, "Good", "Bad")

    def throttle(request: dict[str, Any]) -> None:
        if Step.model_validate_json(bad).post_id == request["Key"]["pk"]:
            raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "GetItem")

    deployed.wire.before("get_item", throttle, times=50)
    answer = deployed.invoke("PublisherFunction", sqs_event(good, bad, "not a message"))
    deployed.wire.forget()
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert statuses(tenant)["Good"] == "COMPLETED"
    deployed.invoke("PublisherFunction", sqs_event(bad))
    assert statuses(tenant)["Bad"] == "COMPLETED"


def test_a_batch_of_which_everything_failed_is_returned_whole(deployed: Deployed, tenant: Tenant) -> None:
    def throttle(request: dict[str, Any]) -> None:
        raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "GetItem")

    bodies = steps(tenant, "One", "Two")
    deployed.wire.before("get_item", throttle, times=2)
    answer = deployed.invoke("PublisherFunction", sqs_event(*bodies))
    deployed.wire.forget()
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["message-0", "message-1"]
