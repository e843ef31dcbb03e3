"""The working days after which a citizen is asked: national holidays and those of Palermo."""

from datetime import datetime

import pytest

from intercup.domain.italian_time import ROME
from intercup.services.requests.working_days import delivered_before

# A day and hour; the first day, after five whole working days, that is too late to be asked about.
CASES = (
    ("2026-11-27 10", "2026-11-20"),
    ("2026-12-15 10", "2026-12-07"),  # 8 December
    ("2026-07-16 08", "2026-07-08"),  # Santa Rosalia, in Palermo alone
    ("2027-01-07 18", "2026-12-29"),  # 1 and 6 January
    ("2026-10-26 10", "2026-10-19"),  # the clocks went back the day before
    ("2026-11-28 10", None),  # Saturday
    ("2026-12-08 10", None),
    ("2026-07-15 10", None),
    ("2026-11-27 07", None),
    ("2026-11-27 19", None),
)


def test_whole_working_days_have_passed() -> None:
    found = []
    for hour, _ in CASES:
        now = datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=ROME)
        before = delivered_before(now, 5)
        at = datetime.fromtimestamp(before, ROME) if before else None
        assert at is None or at.hour == 0
        found.append((hour, at and f"{at:%Y-%m-%d}"))
    assert tuple(found) == CASES


@pytest.mark.parametrize("days", [1, 30])
def test_any_number_of_days(days: int) -> None:
    assert delivered_before(datetime(2026, 11, 27, 10, tzinfo=ROME), days)
