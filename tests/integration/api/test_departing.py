"""What a platform says of a person who leaves: believed where it is signed, for the grants it is signed for."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from punctual.departures import KEPT
from punctual.meta.signed_requests import signed
from sandbox.accounts import Account
from tests.integration.api.deployed import Deployed
from tests.integration.api.people import Connected, connected, notice, registered
from tests.integration.api.tenant import Tenant

KINDS = ("deauthorize", "data-deletion")


@pytest.fixture
def tenant(deployed: Deployed) -> Tenant:
    deployed.empty()
    return deployed.tenant(scopes=("read", "write", "admin"))


@pytest.fixture
def ada(deployed: Deployed, tenant: Tenant) -> Connected:
    return connected(deployed, tenant, "ada")


def tell(deployed: Deployed, kind: str, signed_request: str, provider: str = "sandbox") -> httpx.Response:
    return deployed.client().post(f"/v1/oauth/{provider}/{kind}", data={"signed_request": signed_request})


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def status(person: Connected) -> str | None:
    answer = person.tenant.api.get(f"/v1/channels/{person.channel_id}")
    return answer.json()["status"] if answer.is_success else None


def about(handle: str, secret: str, **changed: Any) -> str:
    given = {"user_id": Account(handle=handle).id, "issued_at": 1_800_000_000, **changed}
    return signed({name: value for name, value in given.items() if value is not None}, secret)


def test_who_removed_the_app_must_connect_again_and_posts_are_held(deployed: Deployed, ada: Connected) -> None:
    post = ada.tenant.posted("Hello", ada.channel_id, in_minutes=20)
    assert tell(deployed, "deauthorize", notice(deployed, ada)).status_code == 204
    assert status(ada) == "reconnect_required"
    deployed.clock.run(minutes=21)
    assert ada.tenant.api.get(f"/v1/posts/{post['id']}").json()["status"] == "HELD"


def test_every_workspace_that_the_person_connected_with_that_app_hears_of_it(
    deployed: Deployed, tenant: Tenant, ada: Connected
) -> None:
    other = connected(deployed, deployed.tenant(scopes=("read", "write", "admin")), "ada", ada.app)
    bob = connected(deployed, tenant, "bob", ada.app)
    assert tell(deployed, "deauthorize", notice(deployed, ada)).status_code == 204
    assert [status(each) for each in (ada, other, bob)] == ["reconnect_required", "reconnect_required", "active"]


@pytest.mark.parametrize("kind", KINDS)
def test_who_has_another_app_ends_nobody_elses_grants_with_its_secret(
    deployed: Deployed, ada: Connected, kind: str
) -> None:
    """A workspace knows the secret of the app that it brought, and can sign whatever it likes with it."""
    stranger = connected(deployed, deployed.tenant(scopes=("read", "write", "admin")), "ada")
    assert tell(deployed, kind, notice(deployed, stranger)).is_success
    assert status(ada) == "active"
    assert status(stranger) == ("reconnect_required" if kind == "deauthorize" else None)


def test_what_is_held_of_a_person_is_deleted_and_a_page_says_so(deployed: Deployed, ada: Connected) -> None:
    answer = tell(deployed, "data-deletion", notice(deployed, ada))
    told = answer.json()
    assert answer.status_code == 200
    assert told["url"].endswith(f"/v1/oauth/sandbox/data-deletion/{told['confirmation_code']}")
    page = deployed.client().get(told["url"])
    assert page.status_code == 200
    assert "Deleted" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert status(ada) is None
    kept = repr([row for row in deployed.items("GrantsTable") if not row["pk"].startswith(("state#", "ws_"))])
    assert "grt_" not in kept
    assert "ada" not in repr([row for row in deployed.items("WorkTable") if row["pk"].startswith("ws_")])


def test_the_same_again_is_answered_the_same(deployed: Deployed, ada: Connected) -> None:
    said = notice(deployed, ada)
    first = tell(deployed, "data-deletion", said)
    before = deployed.contents()
    assert tell(deployed, "data-deletion", said).json() == first.json()
    assert deployed.contents() == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_notice_from_before_a_new_consent_does_not_end_it(deployed: Deployed, ada: Connected, kind: str) -> None:
    said = notice(deployed, ada)
    assert tell(deployed, "deauthorize", said).status_code == 204
    deployed.clock.sleep(60)
    again = connected(deployed, ada.tenant, "ada", ada.app)
    assert again.channel_id == ada.channel_id
    assert tell(deployed, kind, said).is_success
    assert status(again) == "active"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "forged",
    [
        lambda _: about("ada", "another secret"),
        lambda _: about("ada", ""),
        lambda secret: about("ada", secret).replace(".", "A.", 1),
        lambda secret: "." + about("ada", secret).partition(".")[2],
        lambda secret: about("bob", secret).partition(".")[0] + "." + about("ada", secret).partition(".")[2],
    ],
    ids=["another secret", "an empty one", "a changed signature", "no signature", "another's signature"],
)
def test_what_is_not_signed_changes_nothing(deployed: Deployed, ada: Connected, kind: str, forged: Any) -> None:
    before = deployed.contents()
    assert code(tell(deployed, kind, forged(ada.app["client_secret"]))) == (403, "notice_unsigned")
    assert deployed.contents() == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "given",
    ["", "x", "x.y", ".", "ä.ö", "a" * 5000, about("ada", "s", algorithm="none"), about("ada", "s", user_id=None)]
    + [about("ada", "s", issued_at=value) for value in (None, "1", True, 10**30, -1)],
)
def test_what_is_no_notice_changes_nothing(deployed: Deployed, ada: Connected, kind: str, given: str) -> None:
    before = deployed.contents()
    assert tell(deployed, kind, given).status_code == 400
    assert deployed.contents() == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_platform_that_sends_none_is_told_so(deployed: Deployed, ada: Connected, kind: str) -> None:
    said = notice(deployed, ada)
    assert code(tell(deployed, kind, said, "mastodon")) == (400, "notice_unreadable")
    assert code(tell(deployed, kind, said, "nosuch")) == (404, "unknown_provider")


@pytest.mark.parametrize("kind", KINDS)
def test_about_somebody_of_whom_nothing_is_held_the_stacks_app_is_believed(
    deployed: Deployed, tenant: Tenant, kind: str
) -> None:
    app = registered(deployed)
    said = notice(deployed, Connected(tenant=tenant, handle="nobody", channel_id="", app=app))
    assert code(tell(deployed, kind, said)) == (403, "notice_unsigned")
    deployed.ssm.put_parameter(
        Name="/punctual/AWS::StackName/apps/sandbox",
        Value=f'{{"client_id": "{app["client_id"]}", "client_secret": "{app["client_secret"]}"}}',
        Type="SecureString",
        Overwrite=True,
    )
    deployed.clock.sleep(timedelta(minutes=10).total_seconds())
    answer = tell(deployed, kind, notice(deployed, Connected(tenant=tenant, handle="nobody", channel_id="", app=app)))
    assert answer.is_success
    deployed.ssm.parameters.clear()
    deployed.clock.sleep(timedelta(minutes=10).total_seconds())


def test_a_page_of_no_deletion_is_none_and_one_of_long_ago_too(deployed: Deployed, ada: Connected) -> None:
    url = tell(deployed, "data-deletion", notice(deployed, ada)).json()["url"]
    assert deployed.client().get(url[:-1] + ("0" if url[-1] != "0" else "1")).status_code == 404
    assert deployed.client().get(url.replace("sandbox", "mastodon")).status_code == 404
    deployed.clock.sleep(KEPT.total_seconds())
    assert deployed.client().get(url).status_code == 404
