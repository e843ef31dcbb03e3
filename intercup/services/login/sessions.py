"""Browser sessions: their citizens and limits."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, select, update

from intercup.db.engine import Database
from intercup.db.prepared import Prepared
from intercup.db.tables import Attachment, BrowserSession, Conversation, PendingLogin
from intercup.domain.dialogue import after_login, draft_as_json, draft_from_json
from intercup.domain.request import Citizen
from intercup.services.ids import hash_of, new_id
from intercup.services.login.session_expiry import is_over

SEEN_EVERY = 60.0  # seconds between two updates of a session's last use


_ROWS = cast(Table, BrowserSession.__table__)
_FIND = Prepared(select(*_ROWS.c).where(_ROWS.c.id_hash == bindparam("id_hash")))


@dataclass(frozen=True)
class Session:
    """A browser's session; `citizen` is None before login; after CIE its e-mail is empty."""

    id_hash: str
    conversation_id: str | None
    citizen: Citizen | None
    # Unsent values of the plain form, by field.
    kept_form: dict[str, str] | None = field(default=None, compare=False)


async def find_session(
    database: Database, cookie: str | None, now: float, *, touch: bool = True
) -> Session | None:
    """Return the cookie's session if it is still valid; `touch` updates its last use."""
    if not cookie:
        return None
    async with database.read() as session:
        found = await _FIND.row(session, {"id_hash": hash_of(cookie)})
    row = SimpleNamespace(zip(_ROWS.c.keys(), found, strict=True)) if found else None
    if row is None or is_over(row, now):
        return None
    if touch and now - row.seen_at > SEEN_EVERY:
        async with database.write() as session:
            await session.execute(
                update(BrowserSession)
                .where(BrowserSession.id_hash == row.id_hash)
                .values(seen_at=now)
            )
    return _as_session(row)


def _as_session(row: Any) -> Session:
    citizen = None
    if row.person_key and row.name and row.surname and row.email is not None:
        citizen = Citizen(row.person_key, row.name, row.surname, row.email)
    return Session(row.id_hash, row.conversation_id, citizen, row.kept_form)


async def start_session(database: Database, now: float) -> tuple[str, Session]:
    """Create an anonymous session; return it with its cookie."""
    cookie = new_id()
    row = BrowserSession(id_hash=hash_of(cookie), created_at=now, seen_at=now)
    async with database.write() as session:
        session.add(row)
    return cookie, _as_session(row)


async def log_in(database: Database, old_hash: str | None, citizen: Citizen, now: float) -> str:
    """Create the citizen's session, with the old one's conversation; return its cookie.

    The old session may have expired during the login: its conversation continues all the same.
    The same person's files go on waiting.
    """
    cookie = new_id()
    row = BrowserSession(
        id_hash=hash_of(cookie),
        created_at=now,
        seen_at=now,
        person_key=citizen.person_key,
        name=citizen.name,
        surname=citizen.surname,
        email=citizen.email,
    )
    async with database.write() as session:
        old = None
        if old_hash:  # Locked, as a file may be joining it.
            old = await session.get(BrowserSession, old_hash, with_for_update=True)
        if old:
            # Another person's conversation in this browser must not continue.
            if old.person_key in (None, citizen.person_key):
                row.conversation_id, row.kept_form = old.conversation_id, old.kept_form
            session.add(row)
            await session.flush()
            if old.person_key == citizen.person_key:
                await session.execute(
                    update(Attachment)
                    .where(Attachment.session_hash == old_hash)
                    .values(session_hash=row.id_hash)
                )
            await session.delete(old)
            await session.flush()
            # Another login started in the same browser continues from the new session.
            await session.execute(
                update(PendingLogin)
                .where(PendingLogin.session_hash == old_hash)
                .values(session_hash=row.id_hash)
            )
        session.add(row)
        if row.conversation_id:
            # A new sender makes Rasa restart from the draft, now as logged in.
            conversation = await session.get_one(Conversation, row.conversation_id)
            conversation.person_key, conversation.sender_id, conversation.sender_turns = (
                citizen.person_key,
                new_id(),
                0,
            )
            conversation.leased_until = None
            conversation.draft = {
                **conversation.draft,
                **draft_as_json(after_login(draft_from_json(conversation.draft))),
            }
            conversation.resumes = True
    return cookie


async def log_out(database: Database, current: Session, now: float) -> None:
    """End the session and its conversation."""
    async with database.write() as session:
        await session.execute(
            update(Conversation)
            .where(Conversation.id == current.conversation_id)
            .values(ended_at=now)
        )
        await session.execute(
            delete(BrowserSession).where(BrowserSession.id_hash == current.id_hash)
        )


async def keep_form(database: Database, id_hash: str | None, values: dict[str, str] | None) -> bool:
    """Store the form's fields, or clear them; return False without a citizen's session.

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
