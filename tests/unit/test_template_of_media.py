"""The template's part in media: who may read files, and by which ways."""

from datetime import timedelta

from importer.app import WORKS_FOR
from punctual.media.importing import LEASE
from punctual.media.receiving import LATE
from punctual.media.uploads import PART_BYTES, PARTS_LAST
from tests.template import resources, template
from tests.unit.test_template import FUNCTIONS, listed, named, statements, timeout


def test_only_signed_addresses_open_anything_of_the_distribution() -> None:
    config = template()["Resources"]["MediaDistribution"]["Properties"]["DistributionConfig"]
    behaviour = config["DefaultCacheBehavior"]
    assert behaviour["TrustedKeyGroups"] == [{"Ref": "MediaKeyGroup"}]
    assert behaviour["ViewerProtocolPolicy"] == "https-only", "no redirect"
    assert "CacheBehaviors" not in config
    (origin,) = config["Origins"]
    assert origin["OriginAccessControlId"] == {"Ref": "MediaAccess"}
    policy = template()["Resources"]["MediaCaching"]["Properties"]["CachePolicyConfig"]
    sent = policy["ParametersInCacheKeyAndForwardedToOrigin"]["QueryStringsConfig"]
    assert sent == {"QueryStringBehavior": "whitelist", "QueryStrings": ["response-content-type"]}


def test_the_bucket_lets_in_this_distribution_alone_and_only_to_media() -> None:
    (condition, opened, _) = template()["Resources"]["MediaBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"][
        1
    ]["Fn::If"]
    assert condition == "ServesMedia"
    assert opened["Action"] == "s3:GetObject"
    assert opened["Resource"] == {"Fn::Sub": "${MediaBucket.Arn}/media/*"}
    assert named(opened["Condition"]["StringEquals"]["aws:SourceArn"]) >= {"MediaDistribution"}


def test_the_role_that_signs_reads_media_and_nothing_else_and_the_publisher_alone_takes_it_on() -> None:
    role = resources("AWS::IAM::Role")["MediaReaderRole"]["Properties"]
    (policy,) = role["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("s3:GetObject", {"Fn::Sub": "${MediaBucket.Arn}/media/*"})
    takers = {
        name
        for name in FUNCTIONS
        for each in statements(name)
        if "sts:AssumeRole" in listed(each["Action"]) and "MediaReaderRole" in named(each["Resource"])
    }
    assert takers == {"PublisherFunction"}


def test_the_key_that_signs_is_read_by_the_publisher_alone() -> None:
    readers = {
        name
        for name in FUNCTIONS
        for each in statements(name)
        if "ssm:GetParameter" in listed(each["Action"]) and "media-key" in str(each["Resource"])
    }
    assert readers == {"PublisherFunction"}


def test_pages_in_browsers_upload_to_the_bucket_and_read_what_a_part_was_answered() -> None:
    (rule,) = template()["Resources"]["MediaBucket"]["Properties"]["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == rule["AllowedHeaders"] == ["*"]
    assert {"GET", "POST", "PUT"} == set(rule["AllowedMethods"])
    assert rule["ExposedHeaders"] == ["ETag"]


def test_who_signs_uploads_writes_what_is_received_and_deletes_no_file() -> None:
    own = [(each["Action"], each["Resource"]) for each in statements("MediaFunction") if "s3:" in str(each["Action"])]
    assert own == [
        (
            ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"],
            {"Fn::Sub": "${MediaBucket.Arn}/media/*/received"},
        ),
        ("s3:GetObject", {"Fn::Sub": "${MediaBucket.Arn}/media/*"}),
    ]
    assert "Layers" not in FUNCTIONS["MediaFunction"]["Properties"], "no decoder"


def test_parts_that_nobody_joins_are_ended_by_the_bucket_after_the_time_that_an_upload_has() -> None:
    rules = template()["Resources"]["MediaBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (days,) = (
        rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]
        for rule in rules
        if "AbortIncompleteMultipartUpload" in rule
    )
    assert timedelta(days=days) > PARTS_LAST + LATE


def test_an_importer_is_killed_before_its_lease_ends_and_that_before_its_message_comes_again() -> None:
    visibility = template()["Resources"]["ImportQueue"]["Properties"]["VisibilityTimeout"]
    assert WORKS_FOR.total_seconds() + 60 <= timeout("ImporterFunction") < LEASE.total_seconds() <= visibility
    (event,) = FUNCTIONS["ImporterFunction"]["Properties"]["Events"].values()
    assert event["Properties"]["BatchSize"] == 1


def test_who_calls_the_hosts_that_users_name_reaches_no_secret_and_writes_nothing_but_what_was_received() -> None:
    allowed = {(action, str(each["Resource"])) for each in statements("ImporterFunction") for action in each["Action"]}
    files = str({"Fn::Sub": "${MediaBucket.Arn}/media/*/received"})
    of_files = {action for action, resource in allowed if resource == files}
    assert of_files == {"s3:AbortMultipartUpload", "s3:PutObject"}
    of_rows = {action for action, _ in allowed if action.startswith("dynamodb:")}
    assert of_rows == {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:UpdateItem"}
    reached = {name for each in statements("ImporterFunction") for name in named(each["Resource"])}
    assert reached == {"WorkTable", "MediaBucket", "MediaQueue"}
    given = FUNCTIONS["ImporterFunction"]["Properties"]
    assert "Layers" not in given, "no decoder"
    assert given["MemorySize"] * 2**20 > 16 * PART_BYTES
