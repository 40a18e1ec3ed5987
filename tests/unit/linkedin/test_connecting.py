"""Which scopes are asked for: LinkedIn refuses a consent that names one which the app does not have."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import ValidationError

from punctual.linkedin_api import little
from punctual.linkedin_api.network import COMMUNITY_SCOPES
from punctual.providers.base import Consent
from punctual.providers.linkedin import LinkedInApp
from tests.unit.test_every_provider import ACCOUNT, GRANT, no_network, provider

APP = {"client_id": "id", "client_secret": "secret"}


def asked(name: str, **fields: str) -> list[str]:
    found = provider(name, no_network)
    model: Any = found.spec.app_fields
    app = found.app(model.model_validate({**APP, **fields}))
    consent = Consent(app=app, redirect_uri="https://punctual.example/", state="s", code_challenge="c")
    return parse_qs(urlsplit(found.authorization_url(consent)).query)["scope"][0].split(" ")


def test_a_self_served_app_asks_for_what_its_products_have():
    assert asked("linkedin") == ["openid", "profile", "w_member_social"]


def test_members_and_pages_of_an_approved_app_ask_for_the_same():
    assert asked("linkedin", product="community_management") == asked("linkedin_page") == [*COMMUNITY_SCOPES]


def test_what_else_an_app_has_is_asked_for_once():
    more = asked("linkedin", more_scopes="r_member_social w_member_social")
    assert more == ["openid", "profile", "w_member_social", "r_member_social"]


@pytest.mark.parametrize("given", [{"product": "ads"}, {"more_scopes": "a,b"}, {"more_scopes": " a"}])
def test_an_app_that_cannot_be_is_refused(given):
    with pytest.raises(ValidationError):
        LinkedInApp.model_validate({**APP, **given})


def test_who_a_member_is_may_be_said_by_either_permission():
    found: Any = provider("linkedin", no_network)
    assert found.covers(["r_basicprofile"], "openid")
    assert not found.covers(["r_basicprofile"], "w_member_social")


def test_a_page_to_mention_is_found_by_its_name_or_address():
    sent: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        page = {"id": 2414183, "localizedName": "Devtestco", "vanityName": "johnson-&-johnson"}
        return httpx.Response(200, json={"elements": [page, {"id": 1}, "?"]})

    found = provider("linkedin_page", respond)
    for query in ("johnson-&-johnson", "https://www.linkedin.com/company/johnson-&-johnson/"):
        (option,) = found.options("organizations", query, GRANT, ACCOUNT)
        assert option.value == "@[Devtestco](urn:li:organization:2414183)"
        assert sent[-1].url.raw_path == b"/rest/organizations?q=vanityName&vanityName=johnson-%26-johnson"
    assert found.options("organizations", "", GRANT, ACCOUNT) == ()
    assert found.options("organizations", "two words", GRANT, ACCOUNT) == ()
    assert len(sent) == 2


def test_a_page_is_mentioned_whatever_it_calls_itself():
    """A name is for strangers to choose: this one would else mention another, or nobody."""
    name = "Acme](urn:li:organization:7) @[Labs] \\"
    found = provider(
        "linkedin_page", lambda _: httpx.Response(200, json={"elements": [{"id": 1, "localizedName": name}]})
    )
    (option,) = found.options("organizations", "acme", GRANT, ACCOUNT)
    (mention,) = little.shown_on_site(option.value).entities
    assert (mention.url, little.shown_on_site(option.value).text) == ("https://www.linkedin.com/company/1/", name)


def test_what_names_no_page_is_passed_over():
    target = {"id": 1, "localizedName": "Acme"}
    rows = [
        {"role": "ADMINISTRATOR", "organizationalTarget~": {**target, "id": ["1"]}},
        {"role": "ADMINISTRATOR", "organizationalTarget~": {**target, "id": "1/../2"}},
        {"role": ["ADMINISTRATOR"], "organizationalTarget~": target},
        {"role": "ADMINISTRATOR", "organizationalTarget~": target},
    ]
    found = provider("linkedin_page", lambda _: httpx.Response(200, json={"elements": rows}))
    assert [account.id for account in found.accounts(GRANT)] == ["1"]
