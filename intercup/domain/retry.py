"""The retry rules, as pure functions: time and chance are arguments."""

from dataclasses import dataclass

FIRST_DELAY = 30.0  # seconds
LONGEST_DELAY = 60 * 60.0  # seconds
JITTER = 0.2  # share of the delay, either way
GIVE_UP_AFTER = 5 * 24 * 3600.0  # seconds since the first attempt
CHANNEL_PAUSE_FIRST = 5.0  # seconds
CHANNEL_PAUSE_LONGEST = 5 * 60.0  # seconds
BREAKS_OF_THE_RELAY = 2  # disconnects during one mail that still count as the relay's fault
PROBES = 3  # mails sent to a failing relay to test it
LEASE = 11 * 60.0  # seconds; longer than the 600 s allowed for the answer to the final dot


@dataclass(frozen=True)
class Wait:
    """Try again after this many seconds."""

    seconds: float


@dataclass(frozen=True)
class GiveUp:
    """Leave it to a person."""


def next_try(attempts: int, age_seconds: float, chance: float) -> Wait | GiveUp:
    """Decide what follows the failed attempt number `attempts` (from 1).

    `chance` is uniform in [0, 1). A clock that jumped back gives a negative age: still young.
    """
    return _wait(FIRST_DELAY * 2 ** min(attempts - 1, 16), age_seconds, chance)


def next_try_of_sender(age_seconds: float, chance: float) -> Wait | GiveUp:
    """Decide the next attempt for a mail that the relay refused because of us.

    No attempt is counted: the next wait is as long as the mail's age.
    """
    return _wait(max(FIRST_DELAY, age_seconds), age_seconds, chance)


def _wait(delay: float, age_seconds: float, chance: float) -> Wait | GiveUp:
    if age_seconds >= GIVE_UP_AFTER:
        return GiveUp()
    return Wait(min(delay, LONGEST_DELAY) * (1 + JITTER * (2 * chance - 1)))


def is_fault_of_mail(breaks: int) -> bool:
    """Return True if repeated disconnects are caused by this mail."""
    return breaks > BREAKS_OF_THE_RELAY


def channel_pause(failures: int) -> float:
    """Return the relay's pause in seconds after this many failures in a row (from 1)."""
    return min(CHANNEL_PAUSE_FIRST * 2.0 ** min(failures - 1, 16), CHANNEL_PAUSE_LONGEST)
