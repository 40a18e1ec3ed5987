"""People, who come with a token of the issuer that the template names, beside programs with their keys."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from punctual.issuer_keys import IssuerUnreachable
from tests.integration.api.deployed import Deployed, forget
from tests.integration.api.tenant import Tenant
from tests.issuer import AUDIENCE, Issuer
from tests.template import ROOT

PARAMETERS = {"JwtIssuer": "https://login.example/tenant", "JwtAudience": AUDIENCE}


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    with pytest.MonkeyPatch.context() as patch:
        yield Deployed(patch, **PARAMETERS)
    forget()


@pytest.fixture
def issuer(deployed: Deployed) -> Issuer:
    """Each time one that the authorizer knows nothing of yet."""
    forget()
    issuer = Issuer(PARAMETERS["JwtIssuer"])
    deployed.hosts["login.example"] = issuer.answer
    return issuer


def person(deployed: Deployed, issuer: Issuer, tenant: Tenant, **claims: Any) -> httpx.Client:
    given = {"punctual_workspace": tenant.workspace_id, **claims}
    return deployed.client(Authorization=f"Bearer {issuer.token(deployed.clock.now(), **given)}")


def test_a_person_lists_and_writes_posts_of_their_workspace(deployed: Deployed, tenant: Tenant, issuer: Issuer) -> None:
    channel = tenant.connect("ada")
    post = tenant.posted("Hello", channel)
    ada = person(deployed, issuer, tenant)
    assert [each["id"] for each in ada.get("/v1/posts").json()["data"]] == [post["id"]]
    written = ada.post("/v1/posts", json={"text": "A draft", "draft": True})
    assert written.status_code == 201
    assert tenant.api.get(f"/v1/posts/{written.json()['id']}").status_code == 200


def test_me_tells_a_person_from_a_key_and_does_not_name_them(
    deployed: Deployed, tenant: Tenant, issuer: Issuer
) -> None:
    found = person(deployed, issuer, tenant).get("/v1/me").json()
    assert found["workspace"]["id"] == tenant.workspace_id
    assert found["key"] is None
    assert found["person"]["scopes"] == ["read", "write"]
    assert found["person"]["expires_at"][:19] == tenant.later(10)[:19]
    assert "ada" not in str(found)
    assert person(deployed, issuer, tenant).get("/v1/me").json()["person"]["id"] == found["person"]["id"]
    by_key = tenant.api.get("/v1/me").json()
    assert (by_key["key"]["scopes"], by_key["person"]) == (["read", "write"], None)


def test_a_persons_scopes_hold_as_a_keys_do(deployed: Deployed, tenant: Tenant, issuer: Issuer) -> None:
    reader = person(deployed, issuer, tenant, scope="read")
    assert reader.get("/v1/posts").status_code == 200
    refused = reader.post("/v1/posts", json={"text": "No", "draft": True}).json()
    assert (refused["code"], refused["detail"]) == ("missing_scope", "This token lacks the scope write.")


def test_another_workspaces_claim_opens_that_one_only(deployed: Deployed, tenant: Tenant, issuer: Issuer) -> None:
    post = tenant.posted("Hello", tenant.connect("ada"))
    other = deployed.tenant()
    eve = person(deployed, issuer, other)
    assert eve.get("/v1/posts").json()["data"] == []
    assert eve.get(f"/v1/posts/{post['id']}").status_code == 404


def test_a_workspace_that_is_none_opens_nothing_and_is_not_made(
    deployed: Deployed, tenant: Tenant, issuer: Issuer
) -> None:
    nowhere = person(deployed, issuer, tenant, punctual_workspace=f"ws_{'0' * 26}", scope="read write admin")
    before = deployed.contents()
    draft = {"text": "A draft", "draft": True}
    for answer in (nowhere.get("/v1/me"), nowhere.get("/v1/posts"), nowhere.post("/v1/posts", json=draft)):
        assert (answer.status_code, answer.json()["code"]) == (403, "unknown_workspace")
    assert deployed.contents() == before


def test_a_token_that_outlives_its_workspace_writes_nothing_behind_the_one_who_deletes_it(
    deployed: Deployed, tenant: Tenant, issuer: Issuer
) -> None:
    ada = person(deployed, issuer, tenant, scope="read write admin")
    address = f"/v1/workspace?confirm={tenant.workspace_id}"
    assert ada.delete(address).status_code == 202
    assert ada.get("/v1/me").json()["workspace"]["deleting_at"]
    before = deployed.contents()
    for answer in (
        ada.post("/v1/posts", json={"text": "A draft", "draft": True}),
        ada.put("/v1/workspace/apps/sandbox", json={"client_id": "mine", "client_secret": "mine"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "workspace_deleting")
    assert deployed.contents() == before
    assert ada.delete(address).status_code == 202, "asked again, it is told again"


def test_a_refused_token_is_answered_as_a_wrong_key_and_the_log_has_a_word_for_it_and_no_more(
    deployed: Deployed, tenant: Tenant, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for wrong in ({"exp": 1}, {"aud": "another"}, {"scope": "none"}, {"punctual_workspace": None}):
            answer = person(deployed, issuer, tenant, **wrong).get("/v1/posts")
            assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})
    told = [vars(record)["reason"] for record in caplog.records if record.getMessage() == "token refused"]
    assert told == ["expired_token", "invalid_claim", "no_scope", "no_workspace"]
    said = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert not [secret for secret in ("ada@example.com", "eyJ", AUDIENCE + "'") if secret in said]


def test_while_the_issuer_tells_no_keys_people_wait_and_programs_do_not(
    deployed: Deployed, tenant: Tenant, issuer: Issuer
) -> None:
    """The function fails, which API Gateway answers with 500 and does not keep; a refusal it would keep."""
    issuer.fails = httpx.ConnectError("nobody answers")
    with pytest.raises(IssuerUnreachable):
        person(deployed, issuer, tenant).get("/v1/posts")
    assert tenant.api.get("/v1/posts").status_code == 200
    issuer.fails = None
    deployed.clock.sleep(5)
    assert person(deployed, issuer, tenant).get("/v1/posts").status_code == 200


def test_requests_of_a_person_are_counted_as_a_keys_are(tenant: Tenant, issuer: Issuer) -> None:
    with pytest.MonkeyPatch.context() as patch:
        limited = Deployed(patch, **PARAMETERS, KeyRequestsPerMinute="6")
        limited.hosts["login.example"] = issuer.answer
        owner = limited.tenant()
        ada, eve = (person(limited, issuer, owner, sub=sub) for sub in ("ada@example.com", "eve@example.com"))
        assert [ada.get("/v1/me").status_code for _ in range(3)] == [200, 200, 429]
        assert ada.get("/v1/me").json()["detail"].startswith("This person may make 6 requests")
        assert eve.get("/v1/me").status_code == 200
        assert "ada" not in repr(limited.items("LimitsTable"))


def test_without_an_issuer_no_token_is_taken_and_nobody_is_asked(issuer: Issuer) -> None:
    with pytest.MonkeyPatch.context() as patch:
        closed = Deployed(patch)
        closed.hosts["login.example"] = issuer.answer
        assert person(closed, issuer, closed.tenant()).get("/v1/me").status_code == 403
        assert issuer.asked == []


def test_whoever_has_a_key_does_not_wait_for_what_tokens_need() -> None:
    code = (
        f"import sys; sys.path[:0] = [{str(ROOT / 'layers/core')!r}, {str(ROOT / 'functions')!r}]; "
        "import authorizer.app; print({'joserfc', 'httpx', 'cryptography'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)  # noqa: S603
    assert done.stdout.strip() == "set()"
