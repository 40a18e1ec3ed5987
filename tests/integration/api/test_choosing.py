"""Choosing accounts where a login holds several: on our page, through the API; the same outcome, once."""

from typing import Any

import httpx
import pytest

from tests.integration.api.deployed import BASE, Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_connecting import channels, page
from tests.sandbox_bridge import form

RETURN = "https://app.example/done"


@pytest.fixture
def tenant(deployed: Deployed) -> Tenant:
    deployed.empty()
    return deployed.tenant("https://app.example")


def begun(tenant: Tenant, **fields: Any) -> dict[str, Any]:
    answer = tenant.api.post("/v1/oauth/sandbox/start", json=fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def watched(tenant: Tenant, started: dict[str, Any]) -> dict[str, Any]:
    answer = tenant.api.get(f"/v1/connections/{started['id']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def to_choose(deployed: Deployed, tenant: Tenant, teams: int = 3, **fields: Any) -> tuple[dict[str, Any], list[str]]:
    """A connection at which the program chooses, and the ids of its accounts."""
    started = begun(tenant, choose="api", return_url=RETURN, **fields)
    back = tenant.finish(started["authorization_url"], teams=str(teams))
    assert back.headers["location"] == f"{RETURN}?provider=sandbox&connection_id={started['id']}&status=choosing"
    return started, [account["id"] for account in watched(tenant, started)["accounts"]]


def choose(tenant: Tenant, started: dict[str, Any], account_ids: list[str]) -> httpx.Response:
    return tenant.api.post(f"/v1/connections/{started['id']}/accounts", json={"account_ids": account_ids})


def handles(tenant: Tenant) -> set[str]:
    return {channel["account"]["handle"] for channel in channels(tenant)}


def grants(deployed: Deployed) -> list[dict[str, Any]]:
    return [item for item in deployed.items("GrantsTable") if item["sk"] == "grant"]


def test_a_person_chooses_on_a_page_and_lands_on_the_return_url(deployed: Deployed, tenant: Tenant) -> None:
    started = begun(tenant, return_url=RETURN)
    with deployed.client() as browser:
        shown = tenant.finish(started["authorization_url"], browser=browser, teams="2")
        said = page(shown, 200)
        assert "form-action 'self'" in shown.headers["content-security-policy"]
        assert watched(tenant, started)["status"] == "choosing"
        assert channels(tenant) == []
        action, hidden = form(said)
        ids = [account["id"] for account in watched(tenant, started)["accounts"]]
        given = {"state": hidden["state"], "account": ids[1:]}
        done = browser.post(httpx.URL(str(shown.url)).join(action), data=given)
        stored = deployed.contents()
        again = browser.post(httpx.URL(str(shown.url)).join(action), data=given)
        assert browser.get(str(shown.url)).headers["location"].startswith(f"{RETURN}?provider=sandbox&channel_id=chn_")
    found = watched(tenant, started)
    place = f"{RETURN}?provider=sandbox&amp;channel_id={'%2C'.join(each['id'] for each in found['channels'])}"
    assert f'content="0; url={place}"' in page(done, 200)
    assert again.text == done.text
    assert deployed.contents() == stored
    assert handles(tenant) == {"ada_team_1", "ada_team_2"}
    assert (found["status"], found["accounts"]) == ("connected", [])


def test_through_the_api_it_is_the_same_and_the_same_choice_again_is_answered_as_before(
    deployed: Deployed, tenant: Tenant
) -> None:
    started, ids = to_choose(deployed, tenant)
    first = choose(tenant, started, ids[:2])
    stored = deployed.contents()
    again = choose(tenant, started, [ids[1], ids[0], ids[0]])
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json() == watched(tenant, started)
    assert handles(tenant) == {"ada", "ada_team_1"}
    refused = choose(tenant, started, ids[:1])
    assert (refused.status_code, refused.json()["code"]) == (409, "already_chosen")
    assert deployed.contents() == stored


def test_one_login_is_one_grant_refreshed_once_for_all_its_channels(deployed: Deployed, tenant: Tenant) -> None:
    started, ids = to_choose(deployed, tenant, teams=20)
    assert choose(tenant, started, ids).status_code == 200
    assert len(channels(tenant)) == 21
    (grant,) = grants(deployed)
    assert len(grant["channel_ids"]) == 21
    deployed.run_clocks()
    asked = len(deployed.requests)
    deployed.clock.run(seconds=280)
    tokens = [each for each in deployed.requests[asked:] if each.url.path.endswith("/oauth/token")]
    assert len(tokens) == 1
    assert {channel["status"] for channel in channels(tenant)} == {"active"}


def test_each_account_posts_as_itself(deployed: Deployed, tenant: Tenant) -> None:
    started, ids = to_choose(deployed, tenant, teams=1)
    choose(tenant, started, ids)
    tenant.posted("From both", *(channel["id"] for channel in channels(tenant)), in_minutes=5)
    deployed.run_clocks()
    deployed.clock.run(minutes=6)
    shown = deployed.client().get("/sandbox/api/timeline").json()["posts"]
    assert sorted(post["handle"] for post in shown if post["text"] == "From both") == ["ada", "ada_team_1"]


def test_what_the_login_does_not_hold_is_named_and_nothing_is_connected(deployed: Deployed, tenant: Tenant) -> None:
    started, ids = to_choose(deployed, tenant)
    stored = deployed.contents()
    answer = choose(tenant, started, [ids[0], "acct-0000000000000000"])
    assert answer.status_code == 422
    assert [(fault["param"], fault["rule"]) for fault in answer.json()["errors"]] == [
        ("/account_ids/1", "account.held")
    ]
    assert deployed.contents() == stored
    assert choose(tenant, started, ids[:1]).status_code == 200


def test_nothing_is_chosen_of_a_connection_that_has_no_choice(deployed: Deployed, tenant: Tenant) -> None:
    pending, done = begun(tenant), begun(tenant)
    tenant.finish(done["authorization_url"])
    account = channels(tenant)[0]["account"]["id"]
    for started in (pending, done):
        answer = choose(tenant, started, [account])
        assert (answer.status_code, answer.json()["code"]) == (409, "not_choosing")
    assert choose(deployed.tenant(), pending, [account]).status_code == 404


def test_a_login_that_nobody_chose_from_is_gone_after_fifteen_minutes(deployed: Deployed, tenant: Tenant) -> None:
    started, ids = to_choose(deployed, tenant)
    deployed.clock.sleep(14 * 60)
    assert watched(tenant, started)["status"] == "choosing"
    deployed.clock.sleep(61)
    found = watched(tenant, started)
    assert (found["status"], found["error"]["code"], found["accounts"]) == ("failed", "connection_expired", [])
    assert choose(tenant, started, ids).json()["code"] == "not_choosing"
    kept = [item for item in deployed.items("GrantsTable") if item["sk"].startswith("login#")]
    assert {int(item["expires_epoch"]) <= deployed.clock.now().timestamp() for item in kept} <= {True}
    assert channels(tenant) == []


def test_an_unchosen_login_is_stored_sealed_and_forgotten_with_the_choice(deployed: Deployed, tenant: Tenant) -> None:
    started, ids = to_choose(deployed, tenant)
    stored = [item for item in deployed.items("GrantsTable") if item["pk"] == started["id"]]
    assert {item["sk"] for item in stored} == {"connection", "login#000"}
    assert not any(secret in repr(stored) for secret in (*ids, "ada_team_1"))
    choose(tenant, started, ids[:1])
    assert [item["sk"] for item in deployed.items("GrantsTable") if item["pk"] == started["id"]] == ["connection"]


def test_another_browser_chooses_nothing(deployed: Deployed, tenant: Tenant) -> None:
    started = begun(tenant)
    with deployed.client() as browser, deployed.client() as stranger, deployed.client() as third:
        said = page(tenant.finish(started["authorization_url"], browser=browser, teams="2"), 200)
        third.get(tenant.start())
        state = form(said)[1]["state"]
        ids = [account["id"] for account in watched(tenant, started)["accounts"]]
        stored = deployed.contents()
        for other in (stranger, third):
            given = {"state": state, "account": ids}
            assert "other_browser" in page(other.post("/v1/oauth/sandbox/accounts", data=given), 403)
        for wrong in ("", "guessed", state[:-1]):
            sent = browser.post("/v1/oauth/sandbox/accounts", data={"state": wrong, "account": ids})
            assert "state_unknown" in page(sent, 400)
        elsewhere = browser.post("/v1/oauth/mastodon/accounts", data={"state": state, "account": ids})
        assert "state_of_other_provider" in page(elsewhere, 400)
        assert deployed.contents() == stored
        none = page(browser.post("/v1/oauth/sandbox/accounts", data={"state": state}), 422)
        assert "Choose at least one" in none
        assert deployed.contents() == stored
        page(browser.post("/v1/oauth/sandbox/accounts", data={"state": state, "account": ids}), 200)


def test_five_hundred_accounts_fit(deployed: Deployed, tenant: Tenant) -> None:
    started, ids = to_choose(deployed, tenant, teams=500)
    assert len(ids) == 501
    assert choose(tenant, started, ids[:2]).status_code == 200
    assert len(channels(tenant)) == 2


def test_one_consent_heals_all_channels_that_its_login_had_connected(deployed: Deployed, tenant: Tenant) -> None:
    started, ids = to_choose(deployed, tenant, teams=3)
    choose(tenant, started, ids[:3])
    before = {channel["id"] for channel in channels(tenant)}
    again, _ = to_choose(deployed, tenant, teams=3)
    marked = [account["channel_id"] for account in watched(tenant, again)["accounts"]]
    assert marked[3] is None
    assert set(marked[:3]) == before
    choose(tenant, again, ids[:1])
    assert {channel["id"] for channel in channels(tenant)} == before, "the fourth was not asked for"
    (grant,) = grants(deployed)
    assert len(grant["channel_ids"]) == 3


def test_of_many_choices_at_once_one_is_carried_out(deployed: Deployed, tenant: Tenant) -> None:
    from concurrent.futures import ThreadPoolExecutor

    started, ids = to_choose(deployed, tenant, teams=6)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda place: choose(tenant, started, [ids[place]]), range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert len(channels(tenant)) == len(grants(deployed)) == 1


def test_where_to_choose_is_one_of_two(tenant: Tenant) -> None:
    answer = tenant.api.post("/v1/oauth/sandbox/start", json={"choose": "later", "return_url": "https://evil.example"})
    assert answer.status_code == 422
    assert {fault["param"] for fault in answer.json()["errors"]} == {"/choose", "/return_url"}


def test_without_a_return_url_the_person_is_told_to_go_back(deployed: Deployed, tenant: Tenant) -> None:
    started = begun(tenant, choose="api")
    assert "Go back to where you came from" in page(tenant.finish(started["authorization_url"], teams="1"), 200)
    assert BASE in started["authorization_url"]
