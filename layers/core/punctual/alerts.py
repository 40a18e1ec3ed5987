"""Mail to the person who runs the stack, by its alert topic: of what only a person can mend."""

import logging
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from punctual.grants.stored import StoredGrant
from punctual.providers.base import Spec

log = logging.getLogger(__name__)

_LONGEST_SUBJECT = 100
"""https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: less than that, ASCII, one line."""


class Alerts:
    """`sns` is a boto3 client."""

    def __init__(self, sns: Any, topic_arn: str):
        self._sns = sns
        self._topic_arn = topic_arn

    def send(self, grant: StoredGrant, spec: Spec) -> None:
        """That its end is near, or was. A mail that cannot be sent is logged, and holds nothing up."""
        subject = _subject(grant, spec).encode("ascii", "replace").decode()[: _LONGEST_SUBJECT - 1]
        try:
            self._sns.publish(TopicArn=self._topic_arn, Subject=subject, Message=_message(grant, spec))
        except (ClientError, BotoCoreError) as error:
            log.error("alert not sent", extra={"grant_id": grant.id, "fault": type(error).__name__})


def _subject(grant: StoredGrant, spec: Spec) -> str:
    if grant.dead:
        return f"Punctual: {spec.name} ended, connect {_named(grant)} again"
    return f"Punctual: {spec.name} ends on {_end(grant)}, connect {_named(grant)} again"


def _message(grant: StoredGrant, spec: Spec) -> str:
    if grant.dead:
        what = f"A connection to {spec.name} has ended ({grant.ended_by}). Its posts are held until it is made again."
    else:
        what = (
            f"A connection to {spec.name} ends on {_end(grant)}. It cannot be renewed without a person; posts that are "
            "due later would be held."
        )
    return f"""{what}

Workspace: {grant.workspace_id}
Channels: {", ".join(grant.channel_ids)}

What to do: {_how(spec)}
Channels keep their ids and their posts; whatever is held then goes out by itself, if it is still wanted.
"""


def _how(spec: Spec) -> str:
    if "oauth" not in spec.connect:
        return f'send the credentials again: POST /v1/channels with "provider": "{spec.id}".'
    return (
        f"connect each channel again with the same account: POST /v1/oauth/{spec.id}/start, and open the "
        "authorization_url that it answers. A customer's own account is connected by a connect link."
    )


def _named(grant: StoredGrant) -> str:
    return grant.channel_ids[0] if len(grant.channel_ids) == 1 else f"{len(grant.channel_ids)} channels"


def _end(grant: StoredGrant) -> str:
    ends_at = grant.life.ends_at
    return f"{ends_at:%Y-%m-%d %H:%M} UTC" if ends_at else "an unknown day"
