"""Deletion by retention period, in small transactions, so that citizens needn't wait.

It may run at any time, any number of times, on several machines at once.
"""

import logging
from collections.abc import AsyncIterator, Sequence

from sqlalchemy import func, select

from intercup.db.engine import Database
from intercup.services.privacy.purge_rules import RULES, Rule

logger = logging.getLogger(__name__)


async def due(database: Database, now: float) -> dict[str, int]:
    """Count the rows due by each rule."""
    counts = {}
    for rule in RULES:
        async with database.read() as session:
            query = select(func.count()).select_from(rule.key.class_).where(rule.due(now))
            counts[rule.name] = await session.scalar(query) or 0
    return counts


async def purge(database: Database, now: float, rules: Sequence[Rule] = RULES) -> dict[str, int]:
    """Apply the rules and return the number of rows deleted by each.

    Raises:
        Unavailable: the database failed; the next run deletes the rest.
    """
    counts = {}
    for rule in rules:
        counts[rule.name] = sum([count async for count in _apply(database, rule, now)])
    logger.info("purge: %s", ", ".join(f"{name} {count}" for name, count in counts.items()))
    return counts


async def _apply(database: Database, rule: Rule, now: float) -> AsyncIterator[int]:
    # The keys are read outside of the transaction, which checks the condition again.
    wanted = select(rule.key).where(rule.due(now)).limit(rule.batch)
    while True:
        async with database.read() as session:
            found = (await session.scalars(wanted)).all()
        if not found:
            return
        async with database.write() as session:
            again = select(rule.key).where(rule.key.in_(found), rule.due(now))
            keys = list(await session.scalars(again.with_for_update()))
            await rule.work(session, keys)
        yield len(keys)
