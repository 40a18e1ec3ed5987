"""The template's part in media: who may read files, and by which ways."""

from tests.template import resources, template
from tests.unit.test_template import FUNCTIONS, listed, named, statements


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
