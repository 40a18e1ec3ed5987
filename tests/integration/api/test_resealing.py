"""The key that seals grants, changed by the stack's parameters; and no ciphertext outside of the grants table."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.api.deployed import Deployed, forget

ANOTHER = "arn:aws:kms:eu-central-1:123456789012:key/another"


@pytest.fixture
def moved() -> Iterator[Deployed]:
    """A stack that was deployed without a key of one's own, and is about to be deployed with one."""
    with pytest.MonkeyPatch.context() as patch:
        found = Deployed(patch)
        found.kms.create_key(ANOTHER)
        yield found
    forget()


def deploy(deployed: Deployed, **parameters: str) -> None:
    deployed.stack.set(**parameters)
    forget()


def test_a_key_of_ones_own_takes_over_while_posts_go_out(moved: Deployed) -> None:
    moved.run_clocks()
    tenant = moved.tenant()
    channel = tenant.connect("ada")
    deploy(moved, GrantsKeyArn=ANOTHER)
    post = tenant.posted("Hello", channel, in_minutes=10)
    moved.clock.run(minutes=12)
    assert tenant.api.get(f"/v1/posts/{post['id']}").json()["status"] == "COMPLETED"
    said = moved.invoke("ResealerFunction", {})
    assert said["after"] is None
    assert said["failed"] == 0
    sealed = {item["sealed_under"] for item in moved.items("GrantsTable") if "sealed_under" in item}
    assert sealed == {ANOTHER}


def test_the_stacks_own_key_opens_nothing_more_once_all_is_sealed_anew(moved: Deployed) -> None:
    tenant = moved.tenant()
    channel = tenant.connect("ada")
    deploy(moved, GrantsKeyArn=ANOTHER)
    moved.invoke("ResealerFunction", {"everything": True})
    deploy(moved, GrantsKeyArn="", RetiredGrantsKeyArn=ANOTHER)
    assert tenant.api.delete(f"/v1/channels/{channel}").json()["revoked"] is True


@pytest.mark.parametrize("event", [{"everything": "perhaps"}, {"after": 7}, {"unknown": 1}])
def test_the_resealer_takes_nothing_else(moved: Deployed, event: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        moved.invoke("ResealerFunction", event)
