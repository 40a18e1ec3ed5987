import itertools

import pytest

from punctual.states import UNFINISHED, DeliveryStatus, PostStatus, roll_up

S = DeliveryStatus


@pytest.mark.parametrize(
    ("deliveries", "post"),
    [
        ([], PostStatus.DRAFT),
        ([S.SCHEDULED], PostStatus.SCHEDULED),
        ([S.SCHEDULED, S.READY], PostStatus.SCHEDULED),
        ([S.PUBLISHING, S.SCHEDULED], PostStatus.PUBLISHING),
        ([S.COMPLETED, S.READY], PostStatus.PUBLISHING),
        ([S.COMPLETED, S.COMPLETED], PostStatus.COMPLETED),
        ([S.HELD, S.HELD], PostStatus.HELD),
        ([S.COMPLETED, S.ERROR], PostStatus.PARTIAL),
        ([S.COMPLETED, S.UNCONFIRMED], PostStatus.PARTIAL),
        ([S.PARTIAL], PostStatus.PARTIAL),
        ([S.ERROR, S.UNCONFIRMED], PostStatus.UNCONFIRMED),
        ([S.CANCELLED, S.MISSED], PostStatus.MISSED),
        ([S.ERROR, S.HELD], PostStatus.HELD),
        ([S.CANCELLED, S.ERROR], PostStatus.ERROR),
    ],
)
def test_a_posts_state_follows_from_its_deliveries(deliveries: list[DeliveryStatus], post: PostStatus) -> None:
    assert roll_up(deliveries) is post


def test_every_combination_has_a_state_whatever_the_order() -> None:
    for combination in itertools.combinations_with_replacement(DeliveryStatus, 3):
        found = {roll_up(order) for order in itertools.permutations(combination)}
        assert len(found) == 1
        if set(combination) & UNFINISHED:
            assert found <= {PostStatus.SCHEDULED, PostStatus.PUBLISHING}
