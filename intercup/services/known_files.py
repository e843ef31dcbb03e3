"""Files of releases that this database has met.

A release that restores the text that a desk's change replaced looks like a way back to the release
before, where the change must hold again. The files of a way back were met before.
"""

import hashlib

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_MEET = text(
    "INSERT INTO known_files (subject, sha256, seen_at) VALUES (:subject, :sha256, :now)"
    " ON CONFLICT (subject, sha256) DO UPDATE SET seen_at = known_files.seen_at"
    " RETURNING seen_at"
)


async def first_met(writing: AsyncSession, subject: str, content: str, now: float) -> float:
    """Return when a subject's files were met for the first time, which may be now."""
    met = {"subject": subject, "sha256": hashlib.sha256(content.encode()).hexdigest(), "now": now}
    return float((await writing.execute(_MEET, met)).scalar_one())
