"""The chats as stored: the only memory that counts. Rasa's own is rebuilt from it."""

import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Table, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import BrowserSession, ChatMessage, Conversation, Request
from intercup.domain.request import DESCRIPTION_MIN
from intercup.errors import NotAuthenticated
from intercup.services.ids import new_id
from intercup.services.login.sessions import Session

HISTORY_MAX = 500  # messages shown again after a reload
RECENT = 12  # messages up to the newest reply that surely hold what it answers


@dataclass(frozen=True)
class Message:
    """A line of a chat, ready to be stored. `input` describes what the widget draws under it."""

    text: str
    author: str = "bot"
    id: str = field(default_factory=lambda: str(uuid4()))
    buttons: tuple[dict[str, str], ...] = ()
    links: tuple[dict[str, str], ...] = ()
    input: dict[str, Any] | None = None

    @property
    def offers(self) -> dict[str, str]:
        """The payloads that may be sent back, each with its title."""
        found = {button["payload"]: button["title"] for button in self.buttons}
        found.update(_choices_in(self.input))
        return found


def _choices_in(part: Any) -> dict[str, str]:
    """Collect every {title, payload} of an input, however deep."""
    if isinstance(part, list | tuple):
        return {key: title for item in part for key, title in _choices_in(item).items()}
    if not isinstance(part, dict):
        return {}
    if "payload" in part:
        return {part["payload"]: part["title"]}
    return {key: title for item in part.values() for key, title in _choices_in(item).items()}


@dataclass(frozen=True)
class Line(Message):
    """A stored message, at its position in the chat."""

    seq: int = -1
    answers: str | None = None
    created_at: float = 0.0


@dataclass(frozen=True)
class Chat:
    """A citizen's chat as stored."""

    id: str
    sender_id: str
    sender_turns: int
    page: str
    proposed_structure: str | None
    draft: dict[str, Any]
    resumes: bool


# Built once: to build a statement takes longer than to run it, and these run at every turn.
_CHATS, _LINES = cast(Table, Conversation.__table__), cast(Table, ChatMessage.__table__)
_OF_CHAT = _LINES.c.conversation_id == bindparam("chat")
_LINE_COLUMNS = [_LINES.c[f.name] for f in fields(Line)]
_NEWEST = select(func.coalesce(func.max(_LINES.c.seq), -1)).where(_OF_CHAT).scalar_subquery()
_NEWEST_REPLY = (
    select(func.coalesce(func.max(_LINES.c.seq), -1))
    .where(_OF_CHAT, _LINES.c.author == "bot")
    .scalar_subquery()
)
_NEWEST_LOCKED = select(_NEWEST).where(_CHATS.c.id == bindparam("chat")).with_for_update()
_ADD_LINES = insert(_LINES)
_OPEN_CHAT = select(*(_CHATS.c[f.name] for f in fields(Chat))).where(
    _CHATS.c.id == bindparam("chat"), _CHATS.c.ended_at.is_(None)
)
_HISTORY = (
    select(*_LINE_COLUMNS)
    .where(_OF_CHAT, _LINES.c.seq > bindparam("after"))
    .order_by(_LINES.c.seq.desc())
    .limit(bindparam("limit"))
)
_EXCHANGE = (
    select(*_LINE_COLUMNS)
    .where(
        _OF_CHAT,
        or_(
            _LINES.c.id == bindparam("message"),
            _LINES.c.answers == bindparam("message"),
            _LINES.c.seq > _NEWEST_REPLY - RECENT,
        ),
    )
    .order_by(_LINES.c.seq)
)


def new_draft() -> dict[str, Any]:
    """Make an empty draft; its key makes the submission of it idempotent."""
    return {"key": new_id()}


def keyed(draft: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Give a draft the key of the one that it goes on from."""
    return {**draft, "key": before.get("key") or new_id()}


async def current_chat(
    database: Database, session: Session, page: str, structure: str | None
) -> tuple[Chat, bool]:
    """Return the session's chat, made if there is none, and whether it is new."""
    async with database.read() as reading:
        chat = await find_chat(reading, session)
    if chat is None:
        return await _start_chat(database, session, page, structure), True
    if (chat.page, chat.proposed_structure) != (page, structure):
        chat = replace(chat, page=page, proposed_structure=structure)
        async with database.write() as writing:
            await update_chat(writing, chat.id, page=page, proposed_structure=structure)
    return chat, False


async def _start_chat(
    database: Database, session: Session, page: str, structure: str | None
) -> Chat:
    now = time.time()
    chat = Chat(new_id(), new_id(), 0, page, structure, new_draft(), resumes=False)
    person_key = session.citizen.person_key if session.citizen else None
    async with database.write() as writing:
        await writing.execute(
            insert(_CHATS).values(
                **vars(chat), person_key=person_key, created_at=now, updated_at=now
            )
        )
        await writing.execute(
            update(BrowserSession)
            .where(BrowserSession.id_hash == session.id_hash)
            .values(conversation_id=chat.id)
        )
    return chat


async def find_chat(reading: AsyncSession, session: Session | None) -> Chat | None:
    """Return the session's open chat."""
    if session is None or session.conversation_id is None:
        return None
    found = await reading.execute(_OPEN_CHAT, {"chat": session.conversation_id})
    row = found.one_or_none()
    return Chat(*row) if row else None


async def update_chat(
    writing: AsyncSession, chat_id: str, *, expected_sender_id: str | None = None, **values: Any
) -> bool:
    """Change columns of a chat, if it still has the expected sender; return whether it had."""
    wanted = [_CHATS.c.id == chat_id]
    if expected_sender_id is not None:
        wanted.append(_CHATS.c.sender_id == expected_sender_id)
    changed = await writing.execute(
        update(_CHATS).where(*wanted).values(**values).returning(_CHATS.c.id)
    )
    return changed.one_or_none() is not None


async def history(
    database: Database, chat_id: str, after: int = -1, limit: int = HISTORY_MAX
) -> list[Line]:
    """Return the newest messages after a position, oldest first."""
    async with database.read() as reading:
        found = await reading.execute(_HISTORY, {"chat": chat_id, "after": after, "limit": limit})
        return [_line(row) for row in reversed(found.all())]


async def exchange(
    reading: AsyncSession, chat_id: str, message_id: str
) -> tuple[list[Line], list[Line]]:
    """Return a citizen's message, if known, followed by its answers; and the newest messages."""
    found = await reading.execute(_EXCHANGE, {"chat": chat_id, "message": message_id})
    lines = [_line(row) for row in found]
    known = [line for line in lines if message_id in (line.id, line.answers)]
    return known, lines


async def read_texts(
    reading: AsyncSession, chat_id: str, message_ids: Collection[str]
) -> dict[str, str]:
    """Return the texts of some of a chat's messages by their ids."""
    found = await reading.execute(
        select(_LINES.c.id, _LINES.c.text).where(
            _LINES.c.conversation_id == chat_id, _LINES.c.id.in_(message_ids)
        )
    )
    return {row.id: row.text for row in found}


def _line(row: Any) -> Line:
    values = row._asdict()
    buttons, links = tuple(values.pop("buttons")), tuple(values.pop("links"))
    return Line(**values, buttons=buttons, links=links)


async def append(
    writing: AsyncSession, chat_id: str, messages: Sequence[Message], answers: str | None = None
) -> list[Line]:
    """Add messages at the end of a chat."""
    # The lock keeps two writers from taking the same position.
    newest = (await writing.execute(_NEWEST_LOCKED, {"chat": chat_id})).scalar_one_or_none()
    if newest is None:
        raise NotAuthenticated("not_authenticated")  # It was forgotten meanwhile.
    lines = [
        Line(
            message.text,
            message.author,
            message.id,
            message.buttons,
            message.links,
            message.input,
            seq=newest + offset,
            answers=answers if message.author == "bot" else None,
            created_at=time.time(),
        )
        for offset, message in enumerate(messages, 1)
    ]
    await writing.execute(_ADD_LINES, [vars(line) | {"conversation_id": chat_id} for line in lines])
    return lines


async def redact(
    writing: AsyncSession, chat_id: str, message_ids: Collection[str], text: str
) -> None:
    """Put another text in the place of what the citizen wrote, wherever the chat repeats it."""
    found = await writing.scalars(select(ChatMessage).where(ChatMessage.conversation_id == chat_id))
    lines = list(found)
    written = {line.text for line in lines if line.id in message_ids}
    # The longest first, as one may be part of another; a shorter one was never a description.
    quoted = sorted((each for each in written if len(each) >= DESCRIPTION_MIN), key=len)[::-1]
    for line in lines:
        line.text = text if line.id in message_ids else _without(line.text, quoted, text)
        line.input = _without(line.input, quoted, text)
        line.links = _without(line.links, quoted, text)


def _without(part: Any, written: list[str], text: str) -> Any:
    """Replace what was written in every string of a message; a mail begun loses its body."""
    if isinstance(part, list):
        return [_without(item, written, text) for item in part]
    if isinstance(part, dict):
        return {name: _without(value, written, text) for name, value in part.items()}
    if not isinstance(part, str):
        return part
    if part.startswith("mailto:"):
        return part.partition("&body=")[0]
    for each in written:
        part = part.replace(each, text)
    return part


async def clear(writing: AsyncSession, chat_id: str) -> None:
    """Delete all messages of a chat."""
    await writing.execute(delete(ChatMessage).where(ChatMessage.conversation_id == chat_id))


async def add_event(
    session: AsyncSession, conversation_id: str, event: dict[str, str], office: str
) -> None:
    """Add what happened to a request to its chat, unless that is gone; the web gives it words."""
    message = Message("", input={"type": event["kind"], "office": office, **event})
    with suppress(NotAuthenticated):
        await append(session, conversation_id, [message])


async def forget(database: Database, session: Session) -> None:
    """Delete the session's chat. Registered requests stay, without their link to it."""
    async with database.write() as writing:
        await writing.execute(
            update(BrowserSession)
            .where(BrowserSession.id_hash == session.id_hash)
            .values(conversation_id=None)
        )
        await writing.execute(
            update(Request)
            .where(Request.conversation_id == session.conversation_id)
            .values(conversation_id=None)
        )
        if session.conversation_id:
            await clear(writing, session.conversation_id)
        await writing.execute(
            delete(Conversation).where(Conversation.id == session.conversation_id)
        )
