"""The numbers of the retry rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercup.domain.retry import (
    CHANNEL_PAUSE_LONGEST,
    FIRST_DELAY,
    GIVE_UP_AFTER,
    LEASE,
    LONGEST_DELAY,
    GiveUp,
    Wait,
    channel_pause,
    next_try,
)

CHANCES = st.floats(0, 1, exclude_max=True)


def test_the_numbers_are_those_promised() -> None:
    assert (FIRST_DELAY, LONGEST_DELAY) == (30, 3600)
    assert GIVE_UP_AFTER == 5 * 24 * 3600
    assert LEASE > 600


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (9, 3600), (10_000, 3600)],
)
def test_the_delay_doubles_up_to_an_hour(attempts: int, seconds: float) -> None:
    assert next_try(attempts, 0, 0.5) == Wait(seconds)


def test_the_delay_varies_by_a_fifth_either_way() -> None:
    assert next_try(1, 0, 0.0) == Wait(24)
    longest = next_try(1, 0, 0.999999)
    assert isinstance(longest, Wait)
    assert 35.9 < longest.seconds < 36


@given(st.integers(1, 10**6), st.floats(-1e9, GIVE_UP_AFTER, exclude_max=True), CHANCES)
def test_a_young_delivery_always_waits_within_the_bounds(
    attempts: int, age: float, chance: float
) -> None:
    decision = next_try(attempts, age, chance)
    assert isinstance(decision, Wait)
    assert 0.8 * FIRST_DELAY <= decision.seconds <= 1.2 * LONGEST_DELAY


@given(st.integers(1, 10**6), st.floats(GIVE_UP_AFTER, 1e12), CHANCES)
def test_after_five_days_a_person_takes_over(attempts: int, age: float, chance: float) -> None:
    assert next_try(attempts, age, chance) == GiveUp()


def test_a_clock_set_back_does_not_give_up() -> None:
    assert isinstance(next_try(3, -86_400, 0.5), Wait)


def test_the_relay_rests_longer_after_each_failure_up_to_five_minutes() -> None:
    assert [channel_pause(failures) for failures in (1, 2, 3, 7, 8, 10_000)] == [
        *(5, 10, 20),
        *(CHANNEL_PAUSE_LONGEST,) * 3,
    ]
