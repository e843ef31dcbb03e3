"""Working days, here: `python -m … 1795859000 5` prints `delivered_before`, or nothing.

The worker runs it once an hour as a process of its own: the calendar takes 18 MB, as its package
loads those of all countries.
"""

import sys
from datetime import UTC, datetime, time

from intercup.domain.italian_time import ROME

PROVINCE = "PA"  # whose holidays, besides the national ones, aren't working days
HOURS = range(8, 19)  # of a working day, in Italy


def delivered_before(now: datetime, days: int) -> float | None:
    """Return the moment since whose day so many working days have passed; None out of hours."""
    from holidays import country_holidays

    here, calendar = now.astimezone(ROME), country_holidays("IT", subdiv=PROVINCE)
    if here.hour not in HOURS or not calendar.is_working_day(here.date()):
        return None
    day = calendar.get_nth_working_day(here.date(), -days)
    return datetime.combine(day, time(), ROME).timestamp()


if __name__ == "__main__":
    moment = datetime.fromtimestamp(float(sys.argv[1]), UTC)
    sys.stdout.write(str(delivered_before(moment, int(sys.argv[2])) or ""))
