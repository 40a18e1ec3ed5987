"""Relations of the template that a removal relies on."""

import json

from punctual.exports import PREFIX
from punctual.media.library import PREFIX as PREFIX_OF_MEDIA
from punctual.media.uploads import FORM_LASTS
from punctual.publishing import LEASE
from punctual.removing import AFTER, LINGERS, QUIET
from tests.template import template
from tests.unit.test_template import FUNCTIONS, listed, queue_event, statements, timeout

ANSWERING = [
    name
    for name, found in FUNCTIONS.items()
    if any(event["Type"] == "HttpApi" for event in found["Properties"].get("Events", {}).values())
]
CHANGES_ONLY_WHAT_IS_THERE = {"ResealerFunction"}
OF_MEDIA = {"ImporterFunction", "MediaProcessorFunction"}
"""They change rows that are there, and write files: for those a removal has its last look."""


def test_a_removal_begins_when_whoever_knew_the_workspace_has_ended() -> None:
    """The authorizer's cache and the longest request after it; whoever works by a clock or a queue."""
    api = template()["Resources"]["Api"]["Properties"]["Auth"]["Authorizers"]["ApiKey"]
    assert QUIET.total_seconds() > api["Identity"]["ReauthorizeEvery"] + max(map(timeout, ANSWERING))
    assert QUIET > LEASE
    assert QUIET.total_seconds() > max(map(timeout, set(FUNCTIONS) - CHANGES_ONLY_WHAT_IS_THERE - OF_MEDIA))


def test_a_removals_last_look_comes_when_no_form_and_no_worker_can_write_a_file_any_more() -> None:
    assert LINGERS > FORM_LASTS
    assert LINGERS.total_seconds() > max(map(timeout, OF_MEDIA))


def test_a_removal_ends_a_minute_after_whoever_removes_at_the_earliest() -> None:
    queue = template()["Resources"]["RemovalQueue"]["Properties"]
    assert timeout("WorkspaceRemoverFunction") + 60 <= AFTER.total_seconds()
    assert timeout("WorkspaceRemoverFunction") < queue["VisibilityTimeout"]
    assert queue["MessageRetentionPeriod"] == 1209600, "no dead-letter queue: what fails comes again for fourteen days"
    assert "RedrivePolicy" not in queue
    assert queue_event("WorkspaceRemoverFunction")["BatchSize"] == 1


def test_who_deletes_workspaces_writes_nothing_new() -> None:
    actions = {action for statement in statements("WorkspaceRemoverFunction") for action in listed(statement["Action"])}
    assert not {"dynamodb:PutItem", "s3:PutObject", "s3:GetObject", "kms:GenerateDataKey", "kms:Encrypt"} & actions


def test_who_deletes_workspaces_deletes_no_file_but_what_workspaces_have() -> None:
    (folders,) = (
        each["Resource"] for each in statements("WorkspaceRemoverFunction") if "s3:DeleteObject" in each["Action"]
    )
    assert folders == [{"Fn::Sub": f"${{MediaBucket.Arn}}/{prefix}*"} for prefix in (PREFIX_OF_MEDIA, PREFIX)]


def test_exports_are_deleted_by_a_rule_for_where_they_lie() -> None:
    rules = template()["Resources"]["MediaBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (rule,) = [rule for rule in rules if rule["Id"] == "exports"]
    assert (rule["Prefix"], rule["ExpirationInDays"]) == (PREFIX, {"Ref": "ExportRetentionDays"})


def test_who_exports_writes_files_and_its_own_record_and_reads_no_file() -> None:
    actions = {action for statement in statements("ExporterFunction") for action in listed(statement["Action"])}
    assert not {"s3:GetObject", "s3:DeleteObject", "dynamodb:PutItem", "dynamodb:DeleteItem"} & actions


def test_an_export_is_signed_by_who_may_read_exports_alone() -> None:
    """A signed URL opens what its signer may read."""
    for name in FUNCTIONS:
        readable = [
            each["Resource"]["Fn::Sub"] for each in statements(name) if "s3:GetObject" in listed(each["Action"])
        ]
        folders = {each.removeprefix("${MediaBucket.Arn}/") for each in readable}
        assert ("exports/*" in folders) == (name == "PostsFunction")
        assert folders <= {"exports/*", "media/*", "sandbox/*"}, "one folder each, and never the whole bucket"


def test_only_posts_that_dynamodb_itself_deleted_wake_who_clears_up_after_them() -> None:
    """Everything else in the stream would be an invocation each."""
    (event,) = FUNCTIONS["ExpirerFunction"]["Properties"]["Events"].values()
    (given,) = event["Properties"]["FilterCriteria"]["Filters"]
    assert json.loads(given["Pattern"]) == {
        "eventName": ["REMOVE"],
        "userIdentity": {"principalId": ["dynamodb.amazonaws.com"]},
        "dynamodb": {"Keys": {"sk": {"S": ["post"]}}},
    }
