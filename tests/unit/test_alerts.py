"""Mails about connections, as SNS takes them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from punctual.alerts import Alerts
from punctual.grants.life import Life
from punctual.grants.stored import StoredGrant
from punctual.providers import modules, provider_class
from punctual.sealing import Sealed

ENDS_AT = datetime(2026, 11, 29, 16, 5, tzinfo=UTC)


def grant(provider: str, *, dead: bool = False) -> StoredGrant:
    return StoredGrant(
        id="grt_1",
        workspace_id="ws_1",
        provider=provider,
        channel_ids=("chn_01KT1PYRN5000000000000000A",),
        created_at=ENDS_AT - timedelta(days=60),
        version=1,
        sealed=Sealed(key=b"", box=b"", under="key", context={}),
        life=Life(begun_at=ENDS_AT, expires_at=ENDS_AT, ends_at=ENDS_AT),
        scopes=(),
        missing_scopes=(),
        refreshed_at=None,
        dead=dead,
        leased_until=None,
        lease=None,
        failures=0,
        ended_by="grant_dead" if dead else None,
        untold="end" if dead else "warning",
    )


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Alerts, Any]]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    with mock_aws():
        sns, sqs = boto3.client("sns"), boto3.client("sqs")
        topic = sns.create_topic(Name="alerts")["TopicArn"]
        queue = sqs.create_queue(QueueName="inbox")["QueueUrl"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:eu-central-1:123456789012:inbox")

        def read() -> list[dict[str, str]]:
            found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
            return [json.loads(message["Body"]) for message in found]

        yield Alerts(sns, topic), read


@pytest.mark.parametrize("dead", [False, True])
@pytest.mark.parametrize("provider", modules())
def test_every_providers_mail_is_taken_and_says_which_channel_when_and_what_to_do(inbox, provider, dead) -> None:
    alerts, read = inbox
    alerts.send(grant(provider, dead=dead), provider_class(provider).spec)
    (mail,) = read()
    assert provider_class(provider).spec.name in mail["Subject"]
    assert "chn_01KT1PYRN5000000000000000A" in mail["Subject"]
    assert "ws_1" in mail["Message"]
    assert "POST /v1/" in mail["Message"]
    assert ("2026-11-29 16:05 UTC" in mail["Message"]) is not dead


def test_a_topic_that_is_gone_is_logged_and_nothing_more(inbox, caplog) -> None:
    alerts, read = inbox
    gone = Alerts(alerts._sns, "arn:aws:sns:eu-central-1:123456789012:gone")
    gone.send(grant("sandbox"), provider_class("sandbox").spec)
    assert read() == []
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == ["alert not sent"]
