"""Satisfaction answers, of the chat and of the form alike."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.tables import Rating

STARS = ("1", "2", "3", "4", "5")


def add_rating(writing: AsyncSession, stars: str) -> None:
    """Store an answer with its day alone, so that it can't be matched with a person."""
    writing.add(Rating(stars=int(stars), day=f"{datetime.now(UTC):%Y-%m-%d}"))
