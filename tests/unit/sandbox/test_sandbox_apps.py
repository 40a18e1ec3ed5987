"""Apps of one's own at the sandbox: what is theirs is good for nobody else."""

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from punctual.providers.base import App
from punctual.providers.outcomes import ProviderError, Reconnect, RetryLater
from tests.sandbox_bridge import callback_query, consent
from tests.unit.sandbox.far_side import REDIRECT, Far


def registered(far: Far, redirect_uri: str = REDIRECT) -> App:
    given = far.browser.post(f"{far.server}/api/apps", json={"redirect_uri": redirect_uri}).raise_for_status().json()
    return App(client_id=given["client_id"], client_secret=SecretStr(given["client_secret"]))


def code(far: Far, app: App) -> str:
    return callback_query(consent(far.browser, far.asked(app=app)))["code"]


def test_an_app_connects_and_renews_under_its_own_secret(far: Far) -> None:
    app = registered(far)
    login = far.redeem(code(far, app), app=app)
    renewed = far.provider.refresh(login.grant, app)
    assert far.provider.accounts(renewed) == login.accounts


@pytest.mark.parametrize("secret", [None, "", "wrong"])
def test_without_its_secret_an_app_gets_nothing(far: Far, secret: str | None) -> None:
    app = registered(far)
    claimed = App(client_id=app.client_id, client_secret=SecretStr(secret) if secret is not None else None)
    with pytest.raises(RetryLater) as refused:
        far.redeem(code(far, app), app=claimed)
    assert refused.value.platform_code == "invalid_client"
    assert far.redeem(code(far, app), app=app)


def test_the_open_client_has_no_secret(far: Far) -> None:
    with pytest.raises(RetryLater) as refused:
        far.redeem(far.code(), app=App(client_id="punctual", client_secret=SecretStr("some")))
    assert refused.value.platform_code == "invalid_client"


def test_a_code_is_good_for_the_app_it_was_given_to(far: Far) -> None:
    mine, yours = registered(far), registered(far)
    for other in (yours, far.app):
        with pytest.raises(Reconnect):
            far.redeem(code(far, mine), app=other)
    with pytest.raises(Reconnect):
        far.redeem(far.code(), app=mine)


def test_a_grant_is_renewed_and_revoked_by_its_own_app_only(far: Far) -> None:
    mine, yours = registered(far), registered(far)
    login = far.redeem(code(far, mine), app=mine)
    far.provider.revoke(login.grant, yours)
    assert far.provider.accounts(login.grant) == login.accounts
    with pytest.raises(Reconnect):
        far.provider.refresh(login.grant, yours)
    other = far.redeem(code(far, mine), app=mine)
    far.provider.revoke(other.grant, mine)
    with pytest.raises(ProviderError):
        far.provider.accounts(other.grant)


@pytest.mark.parametrize("asked", [{"redirect_uri": f"{REDIRECT}/"}, {"app": App(client_id="app-nobody")}], ids=str)
def test_an_unknown_app_or_another_address_goes_nowhere(far: Far, asked: dict[str, Any]) -> None:
    answer = far.browser.get(far.asked(**{"app": registered(far), **asked}))
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize("body", [{}, {"redirect_uri": "javascript:1"}, {"redirect_uri": REDIRECT, "x": 1}], ids=str)
def test_an_app_is_registered_with_the_address_it_sends_people_back_to(far: Far, body: dict[str, Any]) -> None:
    answer: httpx.Response = far.browser.post(f"{far.server}/api/apps", json=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_no_secret_is_kept_in_clear(far: Far) -> None:
    app = registered(far)
    assert app.client_secret
    items = far.network.table.client.scan(TableName=far.network.table.name)["Items"]
    assert app.client_id in str(items)
    assert app.client_secret.get_secret_value() not in str(items)
