"""What platforms call their posts, and where they say that these are, goes into addresses: only what fits is taken."""

from typing import Any

import httpx
import pytest

from punctual.facebook_api import posts
from punctual.providers.base import Account, Published
from tests.unit.facebook.platform import NOW, outgoing
from tests.unit.test_every_provider import GRANT, provider

ACCOUNT = Account(id="1", handle="@kim")
SITES = {
    "instagram": "https://www.instagram.com/p/D/",
    "instagram_login": "https://www.instagram.com/p/D/",
    "threads": "https://www.threads.com/@kim/post/D",
}


def shown(name: str, permalink: Any) -> str:
    found = provider(name, lambda _: httpx.Response(200, json={"permalink": permalink}))
    return found.permalink(Published(platform_id="9", url=""), GRANT, ACCOUNT)


@pytest.mark.parametrize("name", SITES)
def test_a_posts_address_is_one_at_its_platform(name: str) -> None:
    own = SITES[name]
    assert shown(name, own) == own
    host = own.split("/")[2]
    strange: list[Any] = [
        "javascript:alert(1)",
        f"https://{host}.evil.example/",
        f"https://{host}@evil.example/",
        own[6:],
    ]
    strange += [own.replace("https", "http"), own + "x" * 2000, own + "\n", "https://xn--/", ["?"], None]
    assert [shown(name, each) for each in strange] == [""] * len(strange)


@pytest.mark.parametrize("told", ["../me", "1?fields=access_token", "..", ["1"], "1" * 300])
def test_a_post_of_facebooks_whose_id_fits_no_address_is_not_taken_for_ours(told: Any) -> None:
    row = {"id": told, "message": "Hello", "created_time": NOW.isoformat()}
    assert posts.found_among([row], outgoing()) is None
    assert posts.found_among([{**row, "id": "102_1"}], outgoing()) == Published(platform_id="102_1", url="")


def test_what_a_post_of_facebooks_shows_may_be_anything() -> None:
    assert list(posts._targets({"data": [{"subattachments": ["?"], "target": {"id": "1"}}]})) == ["1"]
