"""Filters of GET /v1/posts, by themselves and together; and how much of the tables one page may read."""

import itertools
import json
from typing import Any

import pytest

from punctual import paging
from tests.integration.api.deployed import Deployed
from tests.integration.api.lists import listed, pages
from tests.integration.api.tenant import Tenant


@pytest.fixture
def ada(tenant: Tenant) -> str:
    return tenant.connect("ada")


@pytest.fixture
def bob(tenant: Tenant) -> str:
    return tenant.connect("bob")


def test_each_filter_finds_its_posts_and_no_others(tenant: Tenant, ada: str, bob: str) -> None:
    draft = tenant.drafted("Draft", ada, labels=["spring"])["id"]
    nowhere = tenant.drafted("Nowhere yet")["id"]
    for_ada = tenant.posted("Ada", ada, labels=["spring", "sale"], external_id="1")["id"]
    for_both = tenant.posted("Both", ada, bob, in_minutes=70, labels=["spring sale"], external_id="1")["id"]
    for_bob = tenant.posted("Bob", bob, in_minutes=80, external_id="spring")["id"]
    tenant.api.post(f"/v1/posts/{for_ada}/cancel")
    found = {
        ("status", "DRAFT"): [draft, nowhere],
        ("status", "CANCELLED"): [for_ada],
        ("status", "SCHEDULED"): [for_both, for_bob],
        ("status", "ERROR"): [],
        ("channel_id", ada): [draft, for_ada, for_both],
        ("channel_id", bob): [for_both, for_bob],
        ("channel_id", "chn_unknown"): [],
        ("provider", "sandbox"): [draft, for_ada, for_both, for_bob],
        ("provider", "mastodon"): [],
        ("label", "spring"): [draft, for_ada],
        ("label", "sale"): [for_ada],
        ("label", "spring sale"): [for_both],
        ("label", "SPRING"): [],
        ("external_id", "1"): [for_ada, for_both],
        ("external_id", "spring"): [for_bob],
        ("external_id", "2"): [],
    }
    assert {(name, value): listed(tenant, **{name: value}) for name, value in found} == found


def test_filters_together_find_what_fits_them_all(tenant: Tenant, ada: str, bob: str) -> None:
    """Every combination of three filters, of posts of every kind, page by page."""
    kinds = list(itertools.product((ada, bob), ((), ("spring",)), (None, "1"), (True, False)))
    made = []
    for place, (channel, labels, external_id, is_draft) in enumerate(kinds):
        more: dict[str, Any] = {"labels": labels, "external_id": external_id}
        if is_draft:
            post = tenant.drafted(f"Draft {place}", channel, **more)
        else:
            post = tenant.posted(f"Post {place}", channel, in_minutes=60 + place, **more)
        made.append({**post, "channel_id": channel})
    wanted = {"status": "SCHEDULED", "label": "spring", "external_id": "1", "channel_id": bob, "provider": "sandbox"}
    for names in itertools.combinations(wanted, 3):
        query = {name: wanted[name] for name in names}
        fitting = {post["id"] for post in made if all(_fits(post, name, wanted[name]) for name in names)}
        for limit, order in ((2, "asc"), (3, "desc"), (100, "asc")):
            found = listed(tenant, limit=limit, order=order, **query)
            assert (set(found), len(found)) == (fitting, len(fitting)), (query, limit)


def _fits(post: dict[str, Any], name: str, value: str) -> bool:
    if name == "label":
        return value in post["labels"]
    return name == "provider" or bool(post[name] == value)


def test_a_filter_by_provider_beside_another_one_asks_for_a_delivery_there(tenant: Tenant, ada: str) -> None:
    post = tenant.posted("Hello", ada, labels=["spring"])["id"]
    nowhere = tenant.drafted("Nowhere", labels=["spring"])["id"]
    assert listed(tenant, label="spring") == [nowhere, post]
    assert listed(tenant, label="spring", provider="sandbox") == [post]
    assert listed(tenant, label="spring", provider="mastodon") == []


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_page_of_rare_posts_is_short_and_goes_on(
    deployed: Deployed, tenant: Tenant, ada: str, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One page reads so many entries and no more, however few of them fit."""
    monkeypatch.setattr(paging, "MOST_READS", 3)
    made = [tenant.posted(f"Post {n}", ada, in_minutes=60 + n / 2, labels=["spring"])["id"] for n in range(26)]
    rare = [made[0], made[10], made[11], made[24]]
    for post in rare:
        tenant.api.post(f"/v1/posts/{post}/cancel")
    queries: list[int] = []

    def counted(request: dict[str, Any]) -> None:
        if request.get("IndexName"):
            queries.append(request["Limit"])
            deployed.wire.before("query", counted)

    deployed.wire.before("query", counted)
    found = pages(tenant, lambda: queries.append(0), limit=4, label="spring", status="CANCELLED", order=order)
    deployed.wire.forget()
    assert [post["id"] for page in found for post in page] == (rare if order == "asc" else rare[::-1])
    assert any(len(page) < 4 for page in found[:-1])
    by_page = [list(group) for is_end, group in itertools.groupby(queries, lambda limit: limit == 0) if not is_end]
    assert max(len(reads) for reads in by_page) == 3
    assert {limit for reads in by_page for limit in reads} == {4}


@pytest.mark.parametrize("by", [{}, {"label": "long"}])
def test_a_page_of_long_posts_is_cut_before_it_is_too_large_to_answer(
    tenant: Tenant, ada: str, by: dict[str, str]
) -> None:
    """Lambda answers 6 MB, of JSON in JSON."""
    text = '"' * 25_000
    thread = [{"text": text}] * 2
    made = [tenant.drafted(text, ada, thread=thread, labels=["long"])["id"] for _ in range(25)]
    found = pages(tenant, limit=100, **by)
    assert [post["id"] for page in found for post in page] == sorted(made)
    sizes = [len(json.dumps(json.dumps(page))) for page in found]
    assert sum(sizes) > 6_000_000 > max(sizes)
    assert len(found) < 5
