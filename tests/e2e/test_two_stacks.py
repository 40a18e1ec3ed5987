"""A second stack in the same account and region: no name collides, and neither reaches the other's things."""

from botocore.exceptions import ClientError

from local.deploying import deploy, physical_ids, session
from local.stack import Stack

SECOND = "punctual-second"


def test_two_stacks_fit_one_account_and_share_nothing(stack: Stack) -> None:
    deploy(stack.emulator, SECOND, {})
    cloudformation = session().client("cloudformation", endpoint_url=stack.endpoint_url)
    second = physical_ids(cloudformation, SECOND)
    assert second.keys() == stack.resources.keys()
    same = [name for name, physical in second.items() if physical == stack.resources[name] and physical != "$default"]
    assert same == []
    publisher = stack.acting_as("PublisherFunction").client("dynamodb", endpoint_url=stack.endpoint_url)
    publisher.get_item(TableName=stack.resources["GrantsTable"], Key={"pk": {"S": "x"}, "sk": {"S": "x"}})
    try:
        publisher.get_item(TableName=second["GrantsTable"], Key={"pk": {"S": "x"}, "sk": {"S": "x"}})
    except ClientError as error:
        refused = error.response["Error"]["Code"]
    else:
        refused = "nothing"
    assert refused == "AccessDeniedException"
    with stack.client(stack.create_key()) as api:
        assert api.get("/v1/me").json()["workspace"]["name"] == "local", "the first stack answers as before"
    cloudformation.delete_stack(StackName=SECOND)
