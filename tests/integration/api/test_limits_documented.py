"""Where the `type` of a problem leads."""

import httpx

from punctual.problem_types import PROBLEM_TYPES
from tests.integration.api.deployed import BASE, Deployed
from tests.integration.api.tenant import Tenant


def test_a_problems_type_leads_to_its_explanation(deployed: Deployed, tenant: Tenant) -> None:
    problem = tenant.api.get("/v1/posts/post_none").json()
    url = httpx.URL(BASE).join("/v1/posts/post_none").join(problem["type"])
    with deployed.client() as nobody:
        answer = nobody.get(url)
    assert (answer.status_code, url.fragment) == (200, "not_found")
    assert answer.headers["content-type"].startswith("text/html")
    assert [code for code in PROBLEM_TYPES if f'<tr id="{code}">' not in answer.text] == []
