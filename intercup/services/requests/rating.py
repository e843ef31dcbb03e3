"""Satisfaction ratings of chat and form.

Source: the questions of Designers Italia's model for municipalities, "Valutazione dei servizi".
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import Rating
from intercup.domain.normalise import normalise
from intercup.errors import InvalidInput

STARS = ("1", "2", "3", "4", "5")
SATISFIED = 4  # stars from which the question is about what was good
REASONS = ("clear", "complete", "progress", "technical", "other")
DETAILS_MAX = 200  # characters
KEY_MAX = 64  # characters


@dataclass(frozen=True)
class Explanation:
    """The explanation of the stars; each part may be empty."""

    reason: str
    details: str

    def checked(self) -> tuple[str, str]:
        """Return reason and details as they are stored.

        Raises:
            InvalidInput: the reason was not offered, or the details are too long.
        """
        details = normalise(self.details)
        if self.reason not in ("", *REASONS):
            raise InvalidInput("bad_request")
        if len(details) > DETAILS_MAX:
            raise InvalidInput("details_long")
        return self.reason, details


async def save_rating(
    database: Database, stars: str, key: str, explanation: Explanation | None = None
) -> None:
    """Store a rating in a transaction of its own; see add_rating."""
    for may_race in (True, False):
        try:
            async with database.write() as writing:
                return await add_rating(writing, stars, key, explanation)
        except IntegrityError:
            # The second of two simultaneous clicks finds the first one's row.
            if not may_race:
                raise


async def add_rating(
    writing: AsyncSession, stars: str, key: str, explanation: Explanation | None = None
) -> None:
    """Store a rating, or add the explanation to the rating with this random key.

    Only the day is stored, so that it can't be matched with a person.

    Raises:
        InvalidInput: the answer was not offered, or is too long.
    """
    if stars not in STARS or len(key) > KEY_MAX:
        raise InvalidInput("bad_request")
    row = await writing.scalar(select(Rating).where(Rating.key == key))
    if row is None:
        row = Rating(key=key, day=f"{datetime.now(UTC):%Y-%m-%d}")
        writing.add(row)
    row.stars = int(stars)
    if explanation:
        row.reason, row.details = explanation.checked()
