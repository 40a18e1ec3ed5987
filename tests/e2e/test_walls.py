"""IAM, enforced: each call is made under a function's own role, by one that needs it and one that must not."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.stack import Stack

CONTEXT = {"workspace": "ws_x", "channel": "chn_x"}


def get_item(table: str, pk: str = "x") -> Callable[[Stack, Any], object]:
    def call(stack: Stack, session: Any) -> object:
        client = session.client("dynamodb", endpoint_url=stack.endpoint_url)
        keys = {"pk": {"S": pk}} if table == "KeysTable" else {"pk": {"S": pk}, "sk": {"S": "x"}}
        return client.get_item(TableName=stack.resources[table], Key=keys)

    return call


def query(table: str, pk: str) -> Callable[[Stack, Any], object]:
    def call(stack: Stack, session: Any) -> object:
        return session.client("dynamodb", endpoint_url=stack.endpoint_url).query(
            TableName=stack.resources[table],
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues={":pk": {"S": pk}},
        )

    return call


def append(stack: Stack, session: Any) -> object:
    """As who changes what is in another table does: both, or neither."""
    return session.client("dynamodb", endpoint_url=stack.endpoint_url).transact_write_items(
        TransactItems=[
            {
                "Update": {
                    "TableName": stack.resources["EventsTable"],
                    "Key": {"pk": {"S": "feed#x"}, "sk": {"S": "x"}},
                    "UpdateExpression": "SET x = :x",
                    "ExpressionAttributeValues": {":x": {"S": "x"}},
                }
            },
            {
                "Put": {
                    "TableName": stack.resources["EventsTable"],
                    "Item": {"pk": {"S": "feed#x"}, "sk": {"S": "y"}},
                }
            },
        ]
    )


def decrypt(stack: Stack, session: Any) -> object:
    """A value that the account's root sealed: allowed to whoever may use the key."""
    sealed = stack.aws("kms").generate_data_key(
        KeyId=stack.resources["GrantsKey"], KeySpec="AES_256", EncryptionContext=CONTEXT
    )
    client = session.client("kms", endpoint_url=stack.endpoint_url)
    return client.decrypt(
        KeyId=stack.resources["GrantsKey"], CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=CONTEXT
    )


def send(stack: Stack, session: Any) -> object:
    client = session.client("sqs", endpoint_url=stack.endpoint_url)
    return client.send_message(QueueUrl=stack.resources["PublishQueue"], MessageBody="{}")


def send_removal(stack: Stack, session: Any) -> object:
    client = session.client("sqs", endpoint_url=stack.endpoint_url)
    return client.send_message(QueueUrl=stack.resources["RemovalQueue"], MessageBody="{}")


def send_webhook(stack: Stack, session: Any) -> object:
    client = session.client("sqs", endpoint_url=stack.endpoint_url)
    return client.send_message(QueueUrl=stack.resources["WebhookQueue"], MessageBody="{}")


def write(name: str) -> Callable[[Stack, Any], object]:
    def call(stack: Stack, session: Any) -> object:
        client = session.client("s3", endpoint_url=stack.endpoint_url)
        return client.put_object(Bucket=stack.resources["MediaBucket"], Key=name, Body=b"")

    return call


def read_object(name: str) -> Callable[[Stack, Any], object]:
    def call(stack: Stack, session: Any) -> object:
        stack.aws("s3").put_object(Bucket=stack.resources["MediaBucket"], Key=name, Body=b"")
        client = session.client("s3", endpoint_url=stack.endpoint_url)
        return client.get_object(Bucket=stack.resources["MediaBucket"], Key=name)

    return call


def list_media(stack: Stack, session: Any) -> object:
    client = session.client("s3", endpoint_url=stack.endpoint_url)
    return client.list_objects_v2(Bucket=stack.resources["MediaBucket"])


def count(stack: Stack, session: Any) -> object:
    """As edge/limits.py does: a conditional write, and what stood in its way without reading it."""
    return session.client("dynamodb", endpoint_url=stack.endpoint_url).update_item(
        TableName=stack.resources["LimitsTable"],
        Key={"pk": {"S": "x"}, "sk": {"S": "x"}},
        UpdateExpression="ADD x :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="ALL_NEW",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )


def read_app(name: str) -> Callable[[Stack, Any], object]:
    """`name` is below /punctual."""

    def call(stack: Stack, session: Any) -> object:
        path = f"/punctual/{name.format(stack=stack.name)}"
        stack.aws("ssm").put_parameter(Name=path, Value="{}", Type="SecureString", Overwrite=True)
        return session.client("ssm", endpoint_url=stack.endpoint_url).get_parameter(Name=path, WithDecryption=True)

    return call


CALLS: dict[str, Callable[[Stack, Any], object]] = {
    "read work": get_item("WorkTable"),
    "read grants": get_item("GrantsTable"),
    "read keys": get_item("KeysTable"),
    "read the sandbox": get_item("SandboxTable"),
    "read a webhook": get_item("EventsTable", "ws_x"),
    "read a feed": get_item("EventsTable", "feed#x"),
    "list webhooks": query("EventsTable", "ws_x"),
    "list a feed": query("EventsTable", "feed#x"),
    "append to a feed": append,
    "read counts": get_item("LimitsTable"),
    "count": count,
    "decrypt": decrypt,
    "send": send,
    "read an app": read_app("{stack}/apps/x"),
    "read another parameter": read_app("{stack}/x"),
    "read another stack's app": read_app("other/apps/x"),
    "send removals": send_removal,
    "send webhooks": send_webhook,
    "list media": list_media,
    "write an export": write("exports/x"),
    "write media": write("ws_x/x"),
    "write the sandbox's files": write("sandbox/x"),
    "read the sandbox's files": read_object("sandbox/x"),
    "receive media": write("media/ws_x/med_x/received"),
    "write an original": write("media/ws_x/med_x/original"),
    "read an export": read_object("exports/x"),
    "read media": read_object("media/ws_x/med_x/original"),
}

EVENTS = {"read a webhook", "read a feed", "list webhooks", "list a feed", "append to a feed"}
MAY = {
    "AuthorizerFunction": {"read keys"},
    "OauthFunction": {"read work", "read grants", "decrypt", "count", "read an app"},
    "ChannelsFunction": {"read work", "read grants", "decrypt", "count"},
    "PostsFunction": {"read work", "send", "count", "send removals", "read an export"},
    "MediaFunction": {"read work", "count", "read media", "receive media"},
    "CalendarsFunction": {"read work", "count"},
    "CatalogueFunction": {"read work", "count"},
    "WebhooksFunction": {*EVENTS, "send webhooks", "read work", "count"},
    "PublisherFunction": {"read work", "read grants", "decrypt", "send", "read media"},
    "TokenRefresherFunction": {"read work", "decrypt"},
    "SweeperFunction": {"read work", "send"},
    "DeadLettersFunction": {"read work"},
    "ResealerFunction": {"decrypt"},
    "ExpirerFunction": set(),
    "EventsFunction": {"read work", "send webhooks", *EVENTS},
    "WebhookSenderFunction": {"send webhooks", *EVENTS},
    "MediaProcessorFunction": {"read work", "read media", "receive media", "write an original", "list media"},
    "ExporterFunction": {"read work", "read a feed", "list a feed", "write an export"},
    "ImporterFunction": {"read work", "receive media"},
    "WorkspaceRemoverFunction": {
        *("read work", "read grants", "decrypt", "list media", "send removals", "list webhooks", "list a feed"),
    },
    "AdminFunction": {"read work", "read keys", "read a feed", "append to a feed", "send removals"},
    "SandboxFunction": {"read the sandbox", "write the sandbox's files", "read the sandbox's files"},
}


@pytest.mark.parametrize("function", MAY)
def test_a_function_may_do_what_it_needs_and_nothing_else(stack: Stack, function: str) -> None:
    session = stack.acting_as(function)
    assert {name for name, call in CALLS.items() if is_allowed(call, stack, session)} == MAY[function]


def is_allowed(call: Callable[[Stack, Any], object], stack: Stack, session: Any) -> bool:
    try:
        call(stack, session)
    except ClientError as error:
        if error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"):
            return False
        raise
    return True
