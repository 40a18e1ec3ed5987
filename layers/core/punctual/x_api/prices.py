"""What X asks for a post, as it lists it since 20 April 2026: https://docs.x.com/x-api/getting-started/pricing

Prices change: the app's own stand in https://console.x.com.
"""

from punctual.providers.terms import Cost
from punctual.x_api.links import links

_POST = Cost(micros=15_000, why="A post.")
_WITH_LINK = Cost(micros=200_000, why="A post with a link.")
_SUMMONED = Cost(micros=10_000, why="A reply to who mentioned or quoted the account.")


def of_post(text: str, *, is_summoned: bool) -> Cost:
    if links(text):
        return _WITH_LINK
    return _SUMMONED if is_summoned else _POST
