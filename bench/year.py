"""`make bench ARGS=year`: a year of a region's citizens, minute by minute, from assumptions.

Those who seek assistance come by chance, at a rate that follows month, weekday and hour and rises
while the booking platform fails. Nothing runs: the figures are counted, not measured.
"""

import json
import math
import random
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from bench.filling import CHATS
from bench.report import RESULTS
from intercup.domain.italian_time import ROME

SEED = 2027
MINUTES = 60 * 24  # of a day
# Weights beside each other, chosen as those of a telephone desk that is also open at night.
HOURS = (
    *(0.1, 0.05, 0.05, 0.05, 0.1, 0.2, 0.6, 1.5, 3.2, 4.0, 4.0, 3.6),
    *(2.8, 2.0, 2.2, 2.6, 2.6, 2.2, 1.8, 1.4, 1.2, 1.0, 0.7, 0.3),
)
WEEKDAYS = (1.6, 1.2, 1.1, 1.05, 1.0, 0.35, 0.2)  # from Monday
MONTHS = (1.2, 1.1, 1.1, 1.0, 1.0, 0.95, 0.9, 0.6, 1.15, 1.15, 1.05, 0.8)


@dataclass(frozen=True)
class Assumptions:
    """All that the simulation rests on; shares are of what stands before them."""

    citizens: int = 5_000_000
    booking: float = 0.5  # book in a year
    bookings: float = 3.0  # each
    assistance: float = 0.05  # of the bookings
    sending: float = 1 / CHATS  # of the chats
    turns: float = 9.0  # of a chat
    chat_minutes: float = 6.0  # on average
    failures: int = 12  # of the booking platform in a year, on weekdays from 8 to 16
    failure_minutes: int = 120
    failure_times: float = 8.0  # as many as otherwise

    @property
    def chats(self) -> float:
        """The expected chats of a year without failures; forms are counted as chats."""
        return self.citizens * self.booking * self.bookings * self.assistance


@dataclass(frozen=True)
class Year:
    """The figures of a year; the peak is the minute with the most turns."""

    chats: int
    requests: int
    busiest_day: int  # requests
    peak: str  # the minute, in Italy
    peak_chats: int  # that began in it
    peak_open: int
    peak_turns: float  # a second
    usual_turns: float  # a second, in the busiest minute of the year's median day
    most_requests: int  # in a minute


def simulated(given: Assumptions, year: int = SEED, days: int = 365) -> Year:
    """Let the chats of a year come, take their turns and end, from its first day on."""
    chance = random.Random(SEED)  # noqa: S311
    began, minutes = datetime(year, 1, 1, tzinfo=ROME), days * MINUTES
    dates = [began + timedelta(days=day) for day in range(days)]
    hours = [_weight(date, hour) for date in dates for hour in range(24)]
    a_minute = given.chats * days / 365 / (sum(hours) * 60)
    failing = _failures(given, chance, dates)
    chats, opened, requests, turns = ([0] * minutes, [0] * minutes, [0] * minutes, [0.0] * minutes)
    for minute in range(minutes):
        times = given.failure_times if minute in failing else 1.0
        chats[minute] = _poisson(chance, a_minute * hours[minute // 60] * times)
        for _ in range(chats[minute]):
            length = 1 + math.floor(chance.expovariate(1 / given.chat_minutes))
            end = min(minute + length, minutes)
            for each in range(minute, end):
                opened[each] += 1
                turns[each] += given.turns / length
            requests[end - 1] += chance.random() < given.sending
    each_day = [slice(day * MINUTES, (day + 1) * MINUTES) for day in range(days)]
    peak = max(range(minutes), key=turns.__getitem__)
    return Year(
        chats=sum(chats),
        requests=sum(requests),
        busiest_day=max(sum(requests[day]) for day in each_day),
        peak=f"{began + timedelta(minutes=peak):%Y-%m-%d %H:%M}",
        peak_chats=chats[peak],
        peak_open=opened[peak],
        peak_turns=round(turns[peak] / 60, 2),
        usual_turns=round(median(max(turns[day]) for day in each_day) / 60, 2),
        most_requests=max(requests),
    )


def _weight(day: datetime, hour: int) -> float:
    return MONTHS[day.month - 1] * WEEKDAYS[day.weekday()] * HOURS[hour]


def _failures(given: Assumptions, chance: random.Random, dates: list[datetime]) -> set[int]:
    """Return the minutes in which the booking platform fails."""
    weekdays = [day for day, date in enumerate(dates) if date.weekday() < 5]
    minutes: set[int] = set()
    for day in chance.sample(weekdays, round(given.failures * len(dates) / 365)):
        first = day * MINUTES + 60 * chance.randrange(8, 16)
        minutes.update(range(first, first + given.failure_minutes))
    return minutes


def _poisson(chance: random.Random, rate: float) -> int:
    """Return how many come, by Knuth's method."""
    least, product, count = math.exp(-rate), chance.random(), 0
    while product > least:
        product *= chance.random()
        count += 1
    return count


def write() -> None:
    """Simulate, and store the year under today's date."""
    given, when = Assumptions(), datetime.now(UTC)
    kept = {
        "when": when.isoformat(timespec="seconds"),
        "assumptions": asdict(given),
        "year": asdict(simulated(given)),
    }
    text = json.dumps(kept, indent=2) + "\n"
    (RESULTS / f"year-{when:%Y-%m-%d}.json").write_text(text, "utf-8")
