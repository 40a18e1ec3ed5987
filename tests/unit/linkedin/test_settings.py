"""What a post may be, and what it may carry then."""

from typing import Any

import pytest
from pydantic import ValidationError

from punctual.linkedin_api.settings import MemberSettings, PageSettings
from punctual.providers.base import Account
from punctual.providers.media import NO_MEDIA
from tests.unit.test_every_provider import no_network, provider

ACCOUNT = Account(id="1", handle="Kim")
POLL = {"question": "Q", "options": ["a", "b"]}
ARTICLE = {"source": "https://example.com/", "title": "T"}
SHARE = "urn:li:share:7141138937766391808"


@pytest.mark.parametrize(
    "given",
    [
        {"visibility": "CONNECTIONS"},
        {"poll": POLL, "article": ARTICLE},
        {"poll": POLL, "reshare_of": SHARE},
        {"poll": {**POLL, "options": ["a"]}},
        {"poll": {**POLL, "options": ["a"] * 5}},
        {"poll": {**POLL, "options": ["a", "b" * 31]}},
        {"poll": {**POLL, "options": ["a", " "]}},
        {"poll": {**POLL, "question": "?" * 141}},
        {"poll": {**POLL, "duration": "TWO_DAYS"}},
        {"article": {"source": "example.com", "title": "T"}},
        {"article": {"source": "javascript:alert(1)", "title": "T"}},
        {"article": {"source": "https://example.com/a b", "title": "T"}},
        {"article": {"source": "https://example.com/"}},
        {"reshare_of": "7141138937766391808"},
        {"reshare_of": "urn:li:share:1/../../x"},
        {"title": ""},
        {"colour": "red"},
    ],
)
def test_what_linkedin_does_not_take_is_refused(given):
    with pytest.raises(ValidationError):
        PageSettings.model_validate(given)


def test_members_have_connections_and_pages_have_none():
    assert MemberSettings.model_validate({"visibility": "CONNECTIONS"}).visibility == "CONNECTIONS"


@pytest.mark.parametrize("name", ["linkedin", "linkedin_page"])
def test_what_a_post_may_carry_depends_on_what_it_is(name):
    found = provider(name, no_network)

    def rules(given: dict[str, Any], kind: Any = "post") -> Any:
        return found.media_rules(found.spec.settings.model_validate(given), ACCOUNT, kind)

    assert rules({}).max_items == 20
    assert rules({"poll": POLL}) == rules({"reshare_of": SHARE}) == rules({}, "comment") == NO_MEDIA
    of_article = rules({"article": ARTICLE})
    assert (of_article.max_items, of_article.video, of_article.animation) == (1, None, None)


@pytest.mark.parametrize("name", ["linkedin", "linkedin_page"])
def test_every_setting_says_what_it_is_for(name):
    schema = provider(name, no_network).spec.settings.model_json_schema()
    models = [schema, *schema["$defs"].values()]
    assert [
        field for model in models for field, about in model["properties"].items() if "description" not in about
    ] == []
