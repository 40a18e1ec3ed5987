"""One platform that hangs must not keep the others' grants waiting."""

from contextlib import ExitStack

from punctual.turns import Turns


def names(turns: Turns[str], stack: ExitStack, count: int) -> list[str | None]:
    """What workers get that begin now, and do not end."""
    return [stack.enter_context(turns.take()) for _ in range(count)]


def test_one_worker_goes_round_the_kinds_and_keeps_each_ones_order() -> None:
    turns = Turns([("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1")])
    taken = []
    for _ in range(5):
        with turns.take() as work:
            taken.append(work)
    assert taken == ["a1", "b1", "a2", "a3", None]


def test_one_kind_alone_has_all_the_workers() -> None:
    with ExitStack() as stack:
        assert names(Turns([("a", str(number)) for number in range(8)]), stack, 8) == [str(n) for n in range(8)]


def test_a_kind_that_hangs_gets_no_more_workers_than_the_one_beside_it() -> None:
    work = [("hangs", "hangs") for _ in range(100)] + [("fine", "fine") for _ in range(100)]
    turns = Turns(work)
    with ExitStack() as hanging:
        at_work = []
        for _ in range(40):
            turn = turns.take()
            taken = turn.__enter__()
            at_work.append(taken)
            if taken == "hangs":
                hanging.push(turn)
            else:
                turn.__exit__(None, None, None)
        assert at_work.count("hangs") == 1, "while the other has work, which is done at once"
    with ExitStack() as stack:
        assert names(turns, stack, 10).count("hangs") in (4, 5)


def test_a_turn_ends_also_with_a_fault() -> None:
    turns = Turns([("a", "a1"), ("a", "a2"), ("b", "b1"), ("b", "b2")])
    try:
        with turns.take():
            raise ValueError
    except ValueError:
        pass
    with ExitStack() as stack:
        assert names(turns, stack, 3) == ["b1", "a2", "b2"]
