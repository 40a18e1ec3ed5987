"""What was tried, when, and what the platform said: told to the post's owner, without secrets."""

from typing import Any

from punctual.clock import to_text
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

ATTEMPT = {
    "id", "delivery_id", "step", "part", "started_at", "ended_at", "outcome", "code", "status", "platform_code",
    "platform_id", "request_id",
}  # fmt: skip


def attempts(tenant: Tenant, post: dict[str, Any]) -> list[dict[str, Any]]:
    answer = tenant.api.get(f"/v1/posts/{post['id']}/attempts")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found["next_cursor"] is None
    return list(found["data"])


def test_a_post_that_went_out_shows_how(deployed: Deployed, tenant: Tenant) -> None:
    post = tenant.posted("Hello", tenant.connect("ada"), in_minutes=20)
    assert attempts(tenant, post) == []
    deployed.clock.run(minutes=21)
    prepared, published = attempts(tenant, post)
    assert set(prepared) == set(published) == ATTEMPT
    assert (prepared["step"], prepared["outcome"], prepared["part"]) == ("prepare", "done", 0)
    assert (published["step"], published["outcome"]) == ("publish", "published")
    assert published["request_id"] == "test"
    assert prepared["ended_at"] <= published["started_at"] <= published["ended_at"] <= to_text(deployed.clock.now())
    (delivery,) = tenant.api.get(f"/v1/posts/{post['id']}").json()["deliveries"]
    assert {each["delivery_id"] for each in (prepared, published)} == {delivery["id"]}
    assert published["platform_id"] == delivery["platform_id"]


def test_a_refusal_shows_the_platforms_status_and_code(deployed: Deployed, tenant: Tenant) -> None:
    post = tenant.posted("[sandbox:refuse]", tenant.connect("ada"), in_minutes=20)
    deployed.clock.run(minutes=21)
    found = attempts(tenant, post)[-1]
    assert {name: found[name] for name in ("outcome", "code", "status", "platform_code")} == {
        "outcome": "rejected",
        "code": "refused",
        "status": 422,
        "platform_code": "refused",
    }


def test_attempts_of_all_deliveries_and_parts_come_in_the_order_in_which_they_were_made(
    deployed: Deployed, tenant: Tenant
) -> None:
    both = (tenant.connect("ada"), tenant.connect("bob"))
    post = tenant.posted("One [sandbox:rate_limit]", *both, in_minutes=20, thread=[{"text": "Two"}])
    deployed.clock.run(minutes=25)
    found = attempts(tenant, post)
    assert [each["started_at"] for each in found] == sorted(each["started_at"] for each in found)
    assert {each["part"] for each in found} == {0, 1}
    assert len({each["delivery_id"] for each in found}) == 2
    assert [each["status"] for each in found if each["outcome"] == "retry_later"] == [429, 429]


def test_attempts_hold_neither_text_nor_tokens_nor_internals(deployed: Deployed, tenant: Tenant) -> None:
    post = tenant.posted("A caption [sandbox:revoked]", tenant.connect("zaphod"), in_minutes=20)
    deployed.clock.run(minutes=30)
    said = tenant.api.get(f"/v1/posts/{post['id']}/attempts").text
    assert attempts(tenant, post)
    for secret in ("caption", "token", "zaphod", "rev", "fence", "expires_epoch", tenant.workspace_id):
        assert secret not in said.replace("grant_revoked", ""), secret


def test_another_workspaces_attempts_are_not_found(deployed: Deployed, tenant: Tenant) -> None:
    post = tenant.posted("Hello", tenant.connect("ada"), in_minutes=20)
    deployed.clock.run(minutes=21)
    answer = deployed.tenant().api.get(f"/v1/posts/{post['id']}/attempts")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
