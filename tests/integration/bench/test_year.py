"""The simulated year: the same from the same seed, and within what its assumptions allow."""

from dataclasses import replace

from bench.year import Assumptions, Year, simulated

WEEKS = 28  # days
FEW = Assumptions(citizens=500_000)
CALM = replace(FEW, failures=0)


def test_the_same_assumptions_bring_the_same_year() -> None:
    assert simulated(FEW, days=WEEKS) == simulated(FEW, days=WEEKS)


def test_as_many_come_as_the_assumptions_say() -> None:
    found = simulated(CALM, days=WEEKS)
    expected = CALM.chats * WEEKS / 365
    assert abs(found.chats / expected - 1) < 0.05
    assert abs(found.requests / expected / CALM.sending - 1) < 0.05


def test_twice_the_citizens_bring_twice_the_chats() -> None:
    once, twice = (
        simulated(replace(CALM, citizens=count), days=WEEKS) for count in (500_000, 1_000_000)
    )
    assert 1.9 < twice.chats / once.chats < 2.1


def test_the_peak_is_the_busiest_minute_and_comes_with_a_failure() -> None:
    calm, failing = (simulated(replace(FEW, failures=n), days=WEEKS) for n in (0, 52))
    for found in (calm, failing):
        assert found.usual_turns <= found.peak_turns
        assert 0 < found.peak_chats <= found.peak_open
        assert found.busiest_day <= found.requests <= found.chats
    assert failing.peak_turns > 2 * calm.peak_turns
    assert 8 <= hour_of(calm) <= 18


def hour_of(found: Year) -> int:
    return int(found.peak[11:13])
