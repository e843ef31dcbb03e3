"""Moments as a person in Italy reads them."""

from datetime import datetime
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")


def italian_day(moment: datetime) -> str:
    """Write the day that a moment has in Italy."""
    return f"{moment.astimezone(ROME):%d/%m/%Y}"


def italian_time(moment: datetime) -> str:
    """Write a moment as it is in Italy, to the second."""
    return f"{moment.astimezone(ROME):%d/%m/%Y alle %H:%M:%S}"
