"""Relations of the template that neither SAM nor cfn-lint checks."""

import re
from typing import Any

import pytest

from punctual.publishing import LEASE
from tests.template import ROOT, resources, template

FUNCTIONS = resources("AWS::Serverless::Function")
TABLES_OF = {
    "AuthorizerFunction": {"KeysTable"},
    "OauthFunction": {"WorkTable", "GrantsTable"},
    "ChannelsFunction": {"WorkTable", "GrantsTable"},
    "PostsFunction": {"WorkTable"},
    "CatalogueFunction": {"WorkTable"},
    "PublisherFunction": {"WorkTable", "GrantsTable"},
    "TokenRefresherFunction": {"WorkTable", "GrantsTable"},
    "SweeperFunction": {"WorkTable"},
    "AdminFunction": {"WorkTable", "KeysTable"},
    "SandboxFunction": {"SandboxTable"},
}
MAY_DECRYPT = {"OauthFunction", "ChannelsFunction", "PublisherFunction", "TokenRefresherFunction"}


def statements(function: str) -> list[dict[str, Any]]:
    return [s for policy in FUNCTIONS[function]["Properties"].get("Policies", []) for s in policy["Statement"]]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def named(value: Any) -> set[str]:
    """Logical ids that a value refers to."""
    if isinstance(value, dict):
        found = set()
        for key, inner in value.items():
            if key == "Ref":
                found.add(inner)
            elif key == "Fn::GetAtt":
                found.add(inner[0])
            elif key == "Fn::Sub":
                found |= {name.split(".")[0] for name in re.findall(r"\$\{([^}]+)\}", inner)}
            else:
                found |= named(inner)
        return found
    if isinstance(value, list):
        return set().union(*(named(inner) for inner in value)) if value else set()
    return set()


def timeout(function: str) -> int:
    return FUNCTIONS[function]["Properties"].get("Timeout", template()["Globals"]["Function"]["Timeout"])


def test_every_function_is_in_the_table_of_walls() -> None:
    assert set(FUNCTIONS) == set(TABLES_OF)


def test_a_publisher_is_killed_before_its_lease_ends_and_that_before_its_message_comes_again() -> None:
    visibility = template()["Resources"]["PublishQueue"]["Properties"]["VisibilityTimeout"]
    assert timeout("PublisherFunction") < LEASE.total_seconds() < visibility


def test_functions_on_a_clock_end_before_their_next_run() -> None:
    for name, found in FUNCTIONS.items():
        for event in found["Properties"].get("Events", {}).values():
            if event["Type"] == "ScheduleV2":
                assert event["Properties"]["ScheduleExpression"] == "rate(1 minute)"
                assert event["Properties"]["OmitName"] is True, "a fixed name collides between two stacks"
                assert timeout(name) < 60


def test_http_functions_end_before_the_gateway_gives_up() -> None:
    for name, found in FUNCTIONS.items():
        if any(event["Type"] == "HttpApi" for event in found["Properties"].get("Events", {}).values()):
            assert timeout(name) < 30, name


@pytest.mark.parametrize("function", TABLES_OF)
def test_a_function_reaches_only_its_own_tables(function: str) -> None:
    reached = set()
    for statement in statements(function):
        if any(action.startswith("dynamodb:") for action in listed(statement["Action"])):
            reached |= named(statement["Resource"])
    assert reached == TABLES_OF[function]


@pytest.mark.parametrize("function", TABLES_OF)
def test_only_functions_that_use_grants_may_open_them(function: str) -> None:
    actions = {action for statement in statements(function) for action in listed(statement["Action"])}
    assert ("kms:Decrypt" in actions) == (function in MAY_DECRYPT)


@pytest.mark.parametrize("function", TABLES_OF)
def test_no_policy_has_a_wildcard_action_or_resource(function: str) -> None:
    for statement in statements(function):
        assert not [a for a in listed(statement["Action"]) if "*" in a]
        for resource in listed(statement["Resource"]):
            assert named(resource), f"{resource} names nothing of this stack"


@pytest.mark.parametrize("function", TABLES_OF)
def test_a_function_may_reach_every_part_that_its_environment_names(function: str) -> None:
    variables = FUNCTIONS[function]["Properties"].get("Environment", {}).get("Variables", {})
    parts = {name for value in variables.values() for name in named(value)} & set(template()["Resources"])
    allowed = {name for statement in statements(function) for name in named(statement["Resource"])}
    assert parts <= allowed


def test_kept_things_survive_the_stack() -> None:
    for name in ("WorkTable", "GrantsTable", "KeysTable", "GrantsKey", "MediaBucket"):
        found = template()["Resources"][name]
        assert found["DeletionPolicy"] == found["UpdateReplacePolicy"] == "Retain", name


def test_tables_are_protected_in_prod_and_restorable_everywhere() -> None:
    for name in ("WorkTable", "GrantsTable", "KeysTable"):
        given = template()["Resources"][name]["Properties"]
        assert given["DeletionProtectionEnabled"] == {"Fn::If": ["IsProd", True, False]}
        assert given["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True


def test_prod_refuses_private_networks() -> None:
    rule = template()["Rules"]["ProdStaysOutOfPrivateNetworks"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "Environment"}, "prod"]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Equals": [{"Ref": "AllowPrivateNetworks"}, "false"]}


def test_the_sandbox_is_off_unless_asked_for() -> None:
    assert template()["Parameters"]["EnableSandbox"]["Default"] == "false"
    for name in ("SandboxFunction", "SandboxTable"):
        assert template()["Resources"][name]["Condition"] == "IsSandboxEnabled"


def test_no_name_is_fixed_so_that_two_stacks_fit_one_account() -> None:
    fixed = ("TableName", "FunctionName", "QueueName", "BucketName", "RoleName", "Name", "LogGroupName", "LayerName")
    for name, found in template()["Resources"].items():
        for key in fixed:
            value = found.get("Properties", {}).get(key)
            assert value is None or "AWS::StackName" in str(value), f"{name}.{key}"


def test_the_lead_fits_what_a_message_can_wait() -> None:
    lead = template()["Parameters"]["LeadSeconds"]
    precision = template()["Parameters"]["SchedulerPrecisionSeconds"]["Default"]
    assert lead["MaxValue"] + precision <= 900
    assert lead["Default"] >= precision + 5 + 60 + 45, "a lost schedule must cost no punctuality"


def test_every_handler_is_there() -> None:
    for found in FUNCTIONS.values():
        module, _, name = found["Properties"]["Handler"].rpartition(".")
        path = ROOT / "functions" / (module.replace(".", "/") + ".py")
        assert f"def {name}(" in path.read_text()


def test_open_routes_are_those_that_browsers_and_probes_need() -> None:
    opened = set()
    for found in FUNCTIONS.values():
        for event in found["Properties"].get("Events", {}).values():
            if event["Type"] == "HttpApi" and event["Properties"].get("Auth", {}).get("Authorizer") == "NONE":
                opened.add(event["Properties"]["Path"])
    assert opened == {
        "/v1/oauth/{provider}/authorize",
        "/v1/oauth/{provider}/callback",
        "/v1/health",
        "/docs",
        "/sandbox",
        "/sandbox/{proxy+}",
    }
