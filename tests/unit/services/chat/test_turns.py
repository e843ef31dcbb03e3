"""The number of turns at the same time: fewer while the oldest shows that they are slow."""

from contextlib import ExitStack

import pytest

from intercup.errors import Unavailable
from intercup.services.chat.turns import AGAIN, AT_ONCE, FEW, SLOW, Turns


class Clock:
    """A clock that only the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def take(turns: Turns, under_way: ExitStack, count: int) -> None:
    for _ in range(count):
        turns.check()
        under_way.enter_context(turns.one())


def test_a_burst_is_taken_up_to_the_limit_and_refused_with_seconds_to_wait() -> None:
    turns = Turns()
    with ExitStack() as under_way:
        take(turns, under_way, AT_ONCE)
        with pytest.raises(Unavailable) as refused:
            turns.check()
        assert refused.value.retry_after == AGAIN
    turns.check()


def test_while_the_oldest_is_slow_only_a_few_are_taken() -> None:
    clock = Clock()
    turns = Turns(clock)
    with ExitStack() as others:
        with turns.one():
            clock.now = SLOW + 0.1
            take(turns, others, FEW - 1)
            with pytest.raises(Unavailable):
                turns.check()
        take(turns, others, FEW)
