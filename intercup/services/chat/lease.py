"""The lease on a conversation: one turn at a time, in any process (docs/adr/0020).

Its fencing token is the `sender_id`: whoever takes the lease without having had the last turn
changes it, so that nothing written or sent under the former one counts any more.
"""

from dataclasses import fields
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, case, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.prepared import Prepared
from intercup.db.tables import BrowserSession, Conversation
from intercup.errors import NotAuthenticated
from intercup.services.chat.conversations import OpenConversation
from intercup.services.ids import new_id
from intercup.services.login.sessions import Session

LEASE_MARGIN = 5.0  # seconds of a turn for everything except Rasa


class LeaseLost(Exception):
    """Another process has the conversation's turn; nothing was stored, and a retry may work."""


_ROWS, _SESSIONS = cast(Table, Conversation.__table__), cast(Table, BrowserSession.__table__)
_IS_OF_SESSION = exists().where(
    _SESSIONS.c.id_hash == bindparam("session"), _SESSIONS.c.conversation_id == _ROWS.c.id
)
_IS_OPEN = (_ROWS.c.id == bindparam("conversation")) & _ROWS.c.ended_at.is_(None) & _IS_OF_SESSION
_OPEN = Prepared(select(_ROWS.c.id).where(_IS_OPEN))
_IN_STEP = _ROWS.c.sender_id == bindparam("known")
_TAKE = Prepared(
    update(_ROWS)
    .where(
        _IS_OPEN,
        # A clock set back must not prolong a lease.
        or_(
            _ROWS.c.leased_until.is_(None),
            _ROWS.c.leased_until < bindparam("now"),
            _ROWS.c.leased_until > bindparam("longest"),
        ),
    )
    .values(
        leased_until=bindparam("until"),
        sender_id=case((_IN_STEP, _ROWS.c.sender_id), else_=bindparam("fresh")),
        sender_turns=case((_IN_STEP, _ROWS.c.sender_turns), else_=0),
    )
    .returning(*(_ROWS.c[f.name] for f in fields(OpenConversation)))
)
_CURRENT = Prepared(
    select(_ROWS.c.id).where(_ROWS.c.sender_id == bindparam("sender")).with_for_update()
)


async def take_lease(
    writing: AsyncSession, session: Session, known_sender: str, now: float, seconds: float
) -> OpenConversation:
    """Take the lease on the session's conversation; it gets a new sender unless this is known.

    Raises:
        LeaseLost: another process has it.
        NotAuthenticated: the session has no open conversation.
    """
    of_session = {"conversation": session.conversation_id, "session": session.id_hash}
    values: dict[str, Any] = {"now": now, "until": now + seconds, "longest": now + 2 * seconds}
    values |= {"known": known_sender, "fresh": new_id()}
    if row := await _TAKE.row(writing, of_session | values):
        return OpenConversation(*row)
    if await _OPEN.row(writing, of_session) is None:
        raise NotAuthenticated("not_authenticated")
    raise LeaseLost


async def update_leased(
    writing: AsyncSession, conversation: OpenConversation, **values: Any
) -> None:
    """Change columns of a conversation while its lease lasts.

    Raises:
        LeaseLost: another process has taken it; this transaction must end.
    """
    new = {f"new_{name}": value for name, value in values.items()}
    of = {"conversation": conversation.id, "sender": conversation.sender_id}
    if await _changing(tuple(values)).row(writing, of | new) is None:
        raise LeaseLost


@cache
def _changing(columns: tuple[str, ...]) -> Prepared:
    """Return the statement that changes some columns; few sets of them occur."""
    new = {name: bindparam(f"new_{name}", type_=_ROWS.c[name].type) for name in columns}
    is_current = _ROWS.c.sender_id == bindparam("sender")
    is_this = _ROWS.c.id == bindparam("conversation")
    return Prepared(update(_ROWS).where(is_this, is_current).values(new).returning(_ROWS.c.id))


async def end_turn(writing: AsyncSession, conversation: OpenConversation, **values: Any) -> None:
    """Give the lease back with these changes; see `update_leased`."""
    await update_leased(writing, conversation, leased_until=None, **values)


async def check_sender(writing: AsyncSession, sender_id: str) -> None:
    """Check, until the transaction ends, that a sender is still its conversation's.

    Raises:
        LeaseLost: it isn't.
    """
    if await _CURRENT.row(writing, {"sender": sender_id}) is None:
        raise LeaseLost
