"""Relations of the template that neither SAM nor cfn-lint checks."""

import re
from typing import Any

import pytest

from edge import metering
from local import admin
from media_processor.app import LARGEST_MADE, WORKS_FOR, WORKSHOP_BYTES, WORKSHOP_SECONDS
from punctual import issuer_keys
from punctual.media.probing import LEASE as LEASE_OF_MEDIA
from punctual.media.uploads import MAX_BYTES
from punctual.person_tokens import LEEWAY_SECONDS
from punctual.publishing import LEASE
from punctual.removing import AFTER
from tests.template import ROOT, resources, template

FUNCTIONS = resources("AWS::Serverless::Function")
TABLES_OF = {
    "AuthorizerFunction": {"KeysTable"},
    "OauthFunction": {"WorkTable", "GrantsTable", "LimitsTable"},
    "ChannelsFunction": {"WorkTable", "GrantsTable", "LimitsTable"},
    "PostsFunction": {"WorkTable", "LimitsTable"},
    "MediaFunction": {"WorkTable", "LimitsTable"},
    "CalendarsFunction": {"WorkTable", "LimitsTable"},
    "CatalogueFunction": {"WorkTable", "LimitsTable"},
    "WebhooksFunction": {"EventsTable", "WorkTable", "LimitsTable"},
    "PublisherFunction": {"WorkTable", "GrantsTable"},
    "TokenRefresherFunction": {"WorkTable", "GrantsTable"},
    "SweeperFunction": {"WorkTable"},
    "DeadLettersFunction": {"WorkTable"},
    "ExpirerFunction": {"WorkTable"},
    "EventsFunction": {"WorkTable", "EventsTable"},
    "WebhookSenderFunction": {"EventsTable"},
    "ExporterFunction": {"WorkTable", "EventsTable"},
    "MediaProcessorFunction": {"WorkTable"},
    "ImporterFunction": {"WorkTable"},
    "WorkspaceRemoverFunction": {"WorkTable", "GrantsTable", "KeysTable", "LimitsTable", "EventsTable"},
    "AdminFunction": {"WorkTable", "KeysTable", "EventsTable"},
    "ResealerFunction": {"GrantsTable"},
    "SandboxFunction": {"SandboxTable"},
}
MAY_DECRYPT = {
    "OauthFunction",
    "ChannelsFunction",
    "PublisherFunction",
    "TokenRefresherFunction",
    "ResealerFunction",
    "WorkspaceRemoverFunction",
}


def statements(function: str) -> list[dict[str, Any]]:
    """Its own, and those of policies that are made under a condition."""
    own = [s for policy in FUNCTIONS[function]["Properties"].get("Policies", []) for s in policy["Statement"]]
    added = [found["Properties"] for found in resources("AWS::IAM::Policy").values()]
    role = {"Ref": f"{function}Role"}
    return own + [s for policy in added if role in policy["Roles"] for s in policy["PolicyDocument"]["Statement"]]


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


def test_a_dead_letter_is_settled_before_it_comes_again_and_kept_longer_than_a_living_one() -> None:
    dead, alive = (template()["Resources"][name]["Properties"] for name in ("PublishDeadLetterQueue", "PublishQueue"))
    assert dead["VisibilityTimeout"] >= 6 * timeout("DeadLettersFunction"), "as AWS advises"
    assert dead["MessageRetentionPeriod"] > alive["MessageRetentionPeriod"], "its age goes on counting"


def test_only_four_functions_may_send_themselves_messages_for_long() -> None:
    """Lambda stops loops after some 16 rounds. Polling a platform takes more, and has a bound of its own; a removal
    ends when nothing is left, an export after the last post; a lane of events has rounds as long as it is behind, and
    one message of its own at a time."""
    allowed = {name for name, found in FUNCTIONS.items() if found["Properties"].get("RecursiveLoop") == "Allow"}
    assert allowed == {"PublisherFunction", "ExporterFunction", "WorkspaceRemoverFunction", "WebhookSenderFunction"}


def test_what_was_begun_of_a_workspace_is_over_long_before_its_removal_looks_for_the_last_time() -> None:
    """Who tells or sends looks whether the workspace stays when it begins, and goes on with what it saw."""
    writing = {name for name in FUNCTIONS for s in statements(name) if writes_events(s)}
    assert "EventsFunction" in writing
    assert max(map(timeout, writing)) < AFTER.total_seconds()


def writes_events(statement: dict[str, Any]) -> bool:
    changes = {"dynamodb:PutItem", "dynamodb:UpdateItem"} & set(listed(statement["Action"]))
    return bool(changes) and "EventsTable" in named(statement["Resource"])


@pytest.mark.parametrize("function", ["AdminFunction", "ExporterFunction"])
def test_who_only_adds_to_feeds_or_reads_them_reaches_no_webhook(function: str) -> None:
    """By the partition key: the secrets of webhooks are in others.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html"""
    (allowed,) = (s for s in statements(function) if "EventsTable" in named(s["Resource"]))
    assert allowed["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["feed#*"]}}
    assert allowed["Resource"] == {"Fn::GetAtt": ["EventsTable", "Arn"]}
    has_key = {f"dynamodb:{name}" for name in ("GetItem", "PutItem", "UpdateItem", "Query")}
    assert set(allowed["Action"]) <= has_key, "all values of none are any, as Scan has it"


def test_a_media_is_looked_into_by_one_function_and_its_lease_outlasts_that_and_ends_with_its_message() -> None:
    """AWS advises six times the function's timeout for the visibility, against batches that are throttled; here a
    killed worker's media is begun again by its row's clock, and a message that came later still would find it done."""
    visibility = template()["Resources"]["MediaQueue"]["Properties"]["VisibilityTimeout"]
    assert timeout("MediaProcessorFunction") < LEASE_OF_MEDIA.total_seconds() <= visibility
    assert queue_event("MediaProcessorFunction")["BatchSize"] == 1
    assert WORKS_FOR.total_seconds() + WORKSHOP_SECONDS < timeout("MediaProcessorFunction") - 120, (
        "to fetch and to keep"
    )


def test_only_who_opens_files_has_what_opens_them_and_it_reaches_no_secret() -> None:
    given = {name: found["Properties"].get("Layers", []) for name, found in FUNCTIONS.items()}
    assert {name for name, layers in given.items() if {"Ref": "MediaLayer"} in layers} == {"MediaProcessorFunction"}
    assert given["MediaProcessorFunction"] == [{"Ref": "MediaLayer"}], "SAM adds those of Globals, and twice is refused"
    allowed = {action for each in statements("MediaProcessorFunction") for action in listed(each["Action"])}
    assert {action.split(":")[0] for action in allowed} == {"dynamodb", "s3", "sqs"}
    reached = {name for each in statements("MediaProcessorFunction") for name in named(each["Resource"])}
    assert reached == {"WorkTable", "MediaBucket", "ImportQueue"}
    (files,) = (s["Resource"] for s in statements("MediaProcessorFunction") if "s3:GetObject" in listed(s["Action"]))
    assert files == {"Fn::Sub": "${MediaBucket.Arn}/media/*"}


def test_the_workshop_leaves_the_function_some_memory_and_two_of_the_largest_files_fit_its_disk() -> None:
    given = FUNCTIONS["MediaProcessorFunction"]["Properties"]
    assert (given["MemorySize"] - 384) * 2**20 >= WORKSHOP_BYTES
    assert given["EphemeralStorage"]["Size"] * 2**20 >= 2 * MAX_BYTES
    assert LARGEST_MADE == MAX_BYTES


def test_who_settles_dead_letters_reads_and_changes_items_and_nothing_else() -> None:
    actions = {action for statement in statements("DeadLettersFunction") for action in listed(statement["Action"])}
    assert actions == {"dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:Query"}


@pytest.mark.parametrize("action", ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"])
def test_the_catalogue_changes_nothing_but_the_count_of_requests(action: str) -> None:
    changed = [s["Resource"] for s in statements("CatalogueFunction") if action in listed(s["Action"])]
    assert set().union(*(named(resource) for resource in changed)) <= {"LimitsTable"}


def test_who_answers_requests_counts_them_and_reads_no_count() -> None:
    answering = {
        "OauthFunction",
        "ChannelsFunction",
        "PostsFunction",
        "MediaFunction",
        "CatalogueFunction",
        "CalendarsFunction",
        "WebhooksFunction",
    }
    counting = {"LIMITS_TABLE", "KEY_REQUESTS_PER_MINUTE", "WORKSPACE_REQUESTS_PER_MINUTE"}
    for name in FUNCTIONS:
        variables = FUNCTIONS[name]["Properties"].get("Environment", {}).get("Variables", {})
        removing = {"LIMITS_TABLE"} if name == "WorkspaceRemoverFunction" else set()
        assert counting & set(variables) == (counting if name in answering else removing)
        allowed = [s["Action"] for s in statements(name) if "LimitsTable" in named(s["Resource"])]
        removing = [["dynamodb:DeleteItem", "dynamodb:Query"]] if name == "WorkspaceRemoverFunction" else []
        assert allowed == (["dynamodb:UpdateItem"] if name in answering else removing)


def test_the_authorizer_reads_keys_and_notes_their_use_and_may_do_nothing_else() -> None:
    (statement,) = statements("AuthorizerFunction")
    assert statement["Resource"] == {"Fn::GetAtt": ["KeysTable", "Arn"]}
    assert set(statement["Action"]) == {"dynamodb:GetItem", "dynamodb:UpdateItem"}


def test_a_revoked_key_is_answered_no_longer_than_the_documents_say() -> None:
    """The one bound is the template's; whoever changes it finds here who tells of it."""
    (authorizer,) = template()["Resources"]["Api"]["Properties"]["Auth"]["Authorizers"].values()
    seconds = authorizer["Identity"]["ReauthorizeEvery"]
    assert seconds == 60
    for path in ("docs/operating.md", "local/openapi/description.md"):
        (told,) = re.findall(r"at\smost (\d+) s\slater", (ROOT / path).read_text())
        assert int(told) == seconds, path
    assert f"at most {LEEWAY_SECONDS} + {seconds} s longer" in (ROOT / "docs/operating.md").read_text()
    assert f"an expired token {LEEWAY_SECONDS + seconds} s" in (ROOT / "local/openapi/description.md").read_text()
    assert "a minute from now at the latest" in admin.REVOKED


def test_mail_is_sent_by_one_function_to_one_topic_where_somebody_reads_it() -> None:
    mailing = {name for name in FUNCTIONS for s in statements(name) if "sns:Publish" in listed(s["Action"])}
    assert mailing == {"TokenRefresherFunction"}
    assert template()["Resources"]["AlertPolicy"]["Condition"] == "HasAlerts"
    variables = FUNCTIONS["TokenRefresherFunction"]["Properties"]["Environment"]["Variables"]
    assert variables["ALERT_TOPIC_ARN"] == {"Fn::If": ["HasAlerts", {"Ref": "AlertTopic"}, ""]}


@pytest.mark.parametrize("function", sorted(MAY_DECRYPT - {"ResealerFunction", "WorkspaceRemoverFunction"}))
def test_whoever_renews_or_stores_grants_knows_when_their_end_is_near(function: str) -> None:
    variables = FUNCTIONS[function]["Properties"]["Environment"]["Variables"]
    assert variables["EXPIRY_WARNING_DAYS"] == {"Ref": "ExpiryWarningDays"}


def test_people_have_no_way_in_unless_asked_for_and_none_without_an_audience() -> None:
    given = {name: template()["Parameters"][name] for name in ("JwtIssuer", "JwtAudience")}
    assert [each["Default"] for each in given.values()] == ["", ""]
    rule = template()["Rules"]["IssuerNeedsAudience"]
    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "JwtIssuer"}, ""]}]}
    assert rule["Assertions"][0]["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "JwtAudience"}, ""]}]}
    issuer = re.compile(given["JwtIssuer"]["AllowedPattern"])
    assert all(issuer.fullmatch(url) for url in ("", "https://login.example/tenant", "https://login.example/"))
    assert not [url for url in ("login.example", "https://x?y", "https://x y", "https://x#") if issuer.fullmatch(url)]


def test_the_authorizer_ends_when_the_gateway_gives_up_and_an_issuer_is_asked_twice_within_that() -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""
    assert 2 * issuer_keys.SECONDS + 2 < timeout("AuthorizerFunction") <= 10


def test_counts_of_requests_are_forgotten() -> None:
    """No backup and no stream: each would cost as much again, for what is worth nothing a day later."""
    table = template()["Resources"]["LimitsTable"]["Properties"]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_epoch", "Enabled": True}
    assert not {"PointInTimeRecoverySpecification", "StreamSpecification"} & set(table)


def test_a_limit_may_be_turned_off_and_a_workspace_has_more_than_a_key() -> None:
    key, workspace = (template()["Parameters"][name] for name in ("KeyRequestsPerMinute", "WorkspaceRequestsPerMinute"))
    assert key["MinValue"] == workspace["MinValue"] == 0
    assert 0 < key["Default"] < workspace["Default"]


def queue_event(function: str) -> dict[str, Any]:
    (event,) = (event for event in FUNCTIONS[function]["Properties"]["Events"].values() if event["Type"] == "SQS")
    found: dict[str, Any] = event["Properties"]
    return found


def test_provisioned_pollers_and_a_greatest_concurrency_exclude_each_other() -> None:
    """AWS refuses both together, and SAM's lint does not see it."""
    given = queue_event("PublisherFunction")
    nothing = {"Ref": "AWS::NoValue"}
    pollers = {"Ref": "ProvisionedPollers"}
    assert given["ScalingConfig"]["Fn::If"] == [
        "HasProvisionedPollers",
        nothing,
        {"MaximumConcurrency": {"Ref": "PublisherConcurrency"}},
    ]
    assert given["ProvisionedPollerConfig"]["Fn::If"] == [
        "HasProvisionedPollers",
        {"MinimumPollers": pollers, "MaximumPollers": pollers},
        nothing,
    ]
    assert template()["Conditions"]["HasProvisionedPollers"] == {"Fn::Not": [{"Fn::Equals": [pollers, 0]}]}


def test_provisioned_pollers_are_none_or_as_many_as_aws_takes() -> None:
    parameter = template()["Parameters"]["ProvisionedPollers"]
    assert (parameter["Default"], parameter["MinValue"], parameter["MaxValue"]) == (0, 0, 200)
    (assertion,) = template()["Rules"]["OnePollerIsTooFew"]["Assertions"]
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "ProvisionedPollers"}, 1]}]}


@pytest.mark.parametrize("function", ["PublisherFunction", "DeadLettersFunction"])
def test_of_a_batch_only_what_failed_comes_again(function: str) -> None:
    assert queue_event(function)["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


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


def test_only_who_connects_by_oauth_reads_the_stacks_apps_and_no_other_stacks() -> None:
    asking = {name for name in FUNCTIONS for each in statements(name) if "ssm:" in str(each["Action"])}
    assert asking == {"OauthFunction", "PublisherFunction"}, (
        "the publisher reads the key of media: test_template_of_media"
    )
    (allowed,) = (each for each in statements("OauthFunction") if "ssm:" in str(each["Action"]))
    path = FUNCTIONS["OauthFunction"]["Properties"]["Environment"]["Variables"]["APPS_PATH"]["Fn::Sub"]
    assert allowed["Action"] == "ssm:GetParameter"
    assert path == "/punctual/${AWS::StackName}/apps"
    mine = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter"
    assert allowed["Resource"] == {"Fn::Sub": f"{mine}{path}/*"}


def test_browsers_may_call_by_every_method_that_the_api_has() -> None:
    methods = {
        event["Properties"]["Method"].upper()
        for found in FUNCTIONS.values()
        for event in found["Properties"].get("Events", {}).values()
        if event["Type"] == "HttpApi"
    }
    allowed = set(template()["Resources"]["Api"]["Properties"]["CorsConfiguration"]["AllowMethods"])
    assert allowed == (methods - {"ANY"}) | {"OPTIONS"}


@pytest.mark.parametrize("function", sorted(MAY_DECRYPT))
def test_a_key_of_ones_own_and_a_retired_one_are_known_and_allowed_wherever_grants_are_opened(function: str) -> None:
    variables = FUNCTIONS[function]["Properties"]["Environment"]["Variables"]
    assert named(variables["GRANTS_KEY"]) == {"GrantsKey", "GrantsKeyArn"}
    assert named(variables["RETIRED_GRANTS_KEYS"]) == {"GrantsKey", "RetiredGrantsKeyArn"}
    (allowed,) = (s["Resource"] for s in statements(function) if "kms:Decrypt" in listed(s["Action"]))
    assert named(allowed) - {"AWS::NoValue"} == {"GrantsKey", "GrantsKeyArn", "RetiredGrantsKeyArn"}


def test_what_is_sealed_is_in_no_stream() -> None:
    assert "StreamSpecification" not in template()["Resources"]["GrantsTable"]["Properties"]


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
    parts -= {"MediaDistribution", "MediaPublicKey"}  # only named in addresses, never called
    allowed = {name for statement in statements(function) for name in named(statement["Resource"])}
    assert parts <= allowed


ALARMS = {
    "DeadLettersAlarm": "PublishDeadLetterQueue",
    "DeadLetterSettledAlarm": "DeadLettersFunction",
    "UnconfirmedAlarm": "PublisherFunction",
    "ApiVersionEndingAlarm": "PublisherFunction",
    "SweeperStoppedAlarm": "SweeperFunction",
    "RefresherStoppedAlarm": "TokenRefresherFunction",
    "RemovalErrorsAlarm": "WorkspaceRemoverFunction",
    "MediaErrorsAlarm": "MediaProcessorFunction",
    "ImporterErrorsAlarm": "ImporterFunction",
    "EventsBehindAlarm": "EventsFunction",
    "EventsErrorsAlarm": "EventsFunction",
    "WebhookSenderErrorsAlarm": "WebhookSenderFunction",
    "WebhookDisabledAlarm": "WebhookSenderFunction",
    "PublisherErrorsAlarm": "PublisherFunction",
}


def test_every_alarm_is_in_the_table() -> None:
    assert set(resources("AWS::CloudWatch::Alarm")) == set(ALARMS)


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_is_made_for_who_asks_for_it_and_watches_this_stack_only(alarm: str) -> None:
    found = resources("AWS::CloudWatch::Alarm")[alarm]
    given = found["Properties"]
    assert found["Condition"] == "HasAlerts"
    assert given["AlarmActions"] == [{"Ref": "AlertTopic"}]
    assert given["AlarmDescription"].endswith(".")
    watched = [each["MetricStat"]["Metric"] for each in given.get("Metrics", []) if "MetricStat" in each] or [given]
    for metric in watched:
        assert named(metric["Dimensions"]) == {ALARMS[alarm]}


@pytest.mark.parametrize("alarm", ["UnconfirmedAlarm", "ApiVersionEndingAlarm", "WebhookDisabledAlarm"])
def test_an_alarm_on_what_is_counted_watches_what_is_written(alarm: str) -> None:
    given = resources("AWS::CloudWatch::Alarm")[alarm]["Properties"]
    assert given["Namespace"] == metering.NAMESPACE
    assert given["MetricName"] in metering.ALARMED
    assert [each["Name"] for each in given["Dimensions"]] == ["function"]


def test_kept_things_survive_the_stack() -> None:
    for name in ("WorkTable", "GrantsTable", "KeysTable", "EventsTable", "GrantsKey", "MediaBucket"):
        found = template()["Resources"][name]
        assert found["DeletionPolicy"] == found["UpdateReplacePolicy"] == "Retain", name


def test_tables_are_protected_in_prod_and_restorable_everywhere() -> None:
    for name in ("WorkTable", "GrantsTable", "KeysTable", "EventsTable"):
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
        "/v1/oauth/{provider}/accounts",
        "/connect/{token}",
        "/connect/{token}/{provider}",
        "/v1/oauth/{provider}/deauthorize",
        "/v1/oauth/{provider}/data-deletion",
        "/v1/oauth/{provider}/data-deletion/{code}",
        "/v1/oauth/{provider}/client-metadata.json",
        "/v1/calendar/{token}",
        "/v1/health",
        "/v1/openapi.json",
        "/docs",
        "/docs/errors",
        "/docs/{asset}",
        "/sandbox",
        "/sandbox/{proxy+}",
    }
