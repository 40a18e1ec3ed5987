"""What calls of events and webhooks need to succeed."""

import random
from typing import Any

from schemathesis import Case

from tests.integration.api.tenant import Tenant

_NOWHERE = "https://hooks.invalid/"
"""https://www.rfc-editor.org/rfc/rfc6761#section-6.4"""
_MOST = 10
"""A workspace may have twice as many, and the generator makes some too."""


class HookSupply:
    def __init__(self, tenant: Tenant):
        self._tenant = tenant

    def webhook(self) -> str:
        hooks = self._tenant.api.get("/v1/webhooks").json()["data"]
        for hook in hooks[_MOST:]:
            self._tenant.api.delete(f"/v1/webhooks/{hook['id']}")
        return str(self._tenant.api.post("/v1/webhooks", json={"url": _NOWHERE}).json()["id"])

    def event(self) -> dict[str, Any]:
        """That the workspace's key was made, if nothing else."""
        found: dict[str, Any] = self._tenant.api.get("/v1/events", params={"limit": 1}).json()["data"][0]
        return found

    def give(self, case: Case, name: str, chance: random.Random) -> bool:
        """Whether it is one of these."""
        recipe = getattr(self, f"_for_{name}", None)
        if "webhook_id" in case.path_parameters:
            case.path_parameters["webhook_id"] = self.webhook()
        if "event_id" in case.path_parameters:
            case.path_parameters["event_id"] = self.event()["id"]
        if recipe:
            recipe(case, chance)
        return bool(recipe) or bool({"webhook_id", "event_id"} & case.path_parameters.keys())

    def _for_list_events(self, case: Case, chance: random.Random) -> None:
        for name in ("after", "types", "since", "until"):
            case.query.pop(name, None)

    _for_export_audit = _for_list_events

    def _for_create_webhook(self, case: Case, chance: random.Random) -> None:
        self.webhook()
        self._for_change_webhook(case, chance)
        if isinstance(case.body, dict):
            case.body["url"] = _NOWHERE

    def _for_change_webhook(self, case: Case, chance: random.Random) -> None:
        if not isinstance(case.body, dict):  # none is sent
            return
        for name in ("url", "event_types", "channel_ids"):
            case.body.pop(name, None)

    def _for_resend_events(self, case: Case, chance: random.Random) -> None:
        event = self.event()
        ways = ({"event_ids": [event["id"]]}, {"from_sequence": 1}, {"since": event["timestamp"]})
        case.body = dict(chance.choice(ways))
