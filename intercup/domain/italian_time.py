"""Dates and times in Italy's time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")


def italian_day(moment: datetime) -> str:
    """Format the Italian date of a moment."""
    return f"{moment.astimezone(ROME):%d/%m/%Y}"


def italian_time(moment: datetime) -> str:
    """Format a moment in Italian time, to the second."""
    return f"{moment.astimezone(ROME):%d/%m/%Y alle %H:%M:%S}"
