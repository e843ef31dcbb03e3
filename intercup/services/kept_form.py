"""What was typed in the plain form and not sent, kept with its session."""

from sqlalchemy import update

from intercup.db.engine import Database
from intercup.db.tables import BrowserSession


async def keep_form(database: Database, id_hash: str | None, values: dict[str, str] | None) -> bool:
    """Keep the fields, or none any more; False when there is no citizen's session to keep them in.

    The session may have expired: only the same person gets them back, at the next login.
    """
    async with database.write() as session:
        kept = await session.execute(
            update(BrowserSession)
            .where(BrowserSession.id_hash == id_hash, BrowserSession.person_key.is_not(None))
            .values(kept_form=values)
            .returning(BrowserSession.id_hash)
        )
        return kept.one_or_none() is not None
