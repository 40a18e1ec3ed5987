from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies

from punctual.atproto.record_keys import record_key

DUE_AT = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
DIGITS = "234567abcdefghijklmnopqrstuvwxyz"


def number(key: str) -> int:
    value = 0
    for digit in key:
        value = value * 32 + DIGITS.index(digit)
    return value


def test_it_lies_within_its_second():
    since_epoch = timedelta(microseconds=number(record_key(DUE_AT, "dlv_1-1")) >> 10)

    assert timedelta() <= datetime(1970, 1, 1, tzinfo=UTC) + since_epoch - DUE_AT < timedelta(seconds=1)


def test_the_same_delivery_has_the_same_key_and_no_other_has_it():
    keys = {record_key(DUE_AT, f"dlv_{n}-1") for n in range(1000)}

    assert len(keys) == 1000
    assert record_key(DUE_AT, "dlv_7-1") in keys


@given(strategies.integers(0, 2**33), strategies.text(max_size=20))
def test_a_later_second_has_a_later_key_of_13_digits(second: int, seed: str):
    one = record_key(datetime.fromtimestamp(second, UTC), seed)
    other = record_key(datetime.fromtimestamp(second + 1, UTC), "another")

    assert len(one) == len(other) == 13
    assert one < other
    assert one[0] in "234567abcdefghij"


@given(strategies.integers(0, 2**33), strategies.integers(0, 3), strategies.text(max_size=20))
def test_a_key_lies_behind_the_one_it_follows_and_near_its_own_second(second: int, later: int, seed: str):
    parent = record_key(datetime.fromtimestamp(second, UTC), "parent")
    moment = datetime.fromtimestamp(second + later, UTC)

    key = record_key(moment, seed, parent)

    assert parent < key
    assert len(key) == 13
    assert record_key(moment, "any") < record_key(moment + timedelta(seconds=2), seed, parent)
    assert number(key) - number(parent) <= (later + 1) * 1_000_000 << 10


def test_keys_that_follow_one_key_differ():
    parent = record_key(DUE_AT, "dlv_1-1")

    assert len({record_key(DUE_AT, f"dlv_{n}-1", parent) for n in range(1000)}) == 1000


@pytest.mark.parametrize("other", ["", "self", "3m6", "x" * 14, "0" * 13])
def test_a_key_of_another_form_is_followed_by_none(other: str):
    assert record_key(DUE_AT, "dlv_1-1", other) == record_key(DUE_AT, "dlv_1-1")
