"""The chats as stored: the only memory that counts. Rasa's own is rebuilt from it."""

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import BrowserSession, ChatMessage, Conversation, Request
from intercup.services.sessions import Session, new_id

HISTORY_MAX = 500  # messages shown again after a reload
RECENT = 30  # messages that surely hold the last thing the citizen said


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


def new_draft() -> dict[str, Any]:
    """Make an empty draft; its key makes the submission of it idempotent."""
    return {"key": new_id()}


async def current_conversation(
    database: Database, session: Session, page: str, structure: str | None
) -> tuple[Conversation, bool]:
    """Return the session's chat, made if there is none, and whether it is new."""
    now = time.time()
    if session.conversation_id:
        async with database.read() as reading:
            row = await reading.get(Conversation, session.conversation_id)
        if row and row.ended_at is None:
            if (row.page, row.proposed_structure) != (page, structure):
                row.page, row.proposed_structure = page, structure
                async with database.write() as writing:
                    await writing.execute(
                        update(Conversation)
                        .where(Conversation.id == row.id)
                        .values(page=page, proposed_structure=structure)
                    )
            return row, False
    row = Conversation(
        id=new_id(),
        sender=new_id(),
        sender_turns=0,
        person_key=session.citizen.person_key if session.citizen else None,
        page=page,
        proposed_structure=structure,
        draft=new_draft(),
        resumes=False,
        created_at=now,
        updated_at=now,
    )
    async with database.write() as writing:
        writing.add(row)
        await writing.flush()
        await writing.execute(
            update(BrowserSession)
            .where(BrowserSession.id_hash == session.id_hash)
            .values(conversation_id=row.id)
        )
    return row, True


async def find_conversation(database: Database, session: Session | None) -> Conversation | None:
    """Return the session's open chat."""
    if session is None or session.conversation_id is None:
        return None
    async with database.read() as reading:
        row = await reading.get(Conversation, session.conversation_id)
    return row if row and row.ended_at is None else None


async def history(
    database: Database, conversation_id: str, after: int = -1, limit: int = HISTORY_MAX
) -> list[ChatMessage]:
    """Return the newest messages after a position, oldest first."""
    async with database.read() as reading:
        rows = await reading.scalars(
            select(ChatMessage)
            .where(ChatMessage.conversation_id == conversation_id, ChatMessage.seq > after)
            .order_by(ChatMessage.seq.desc())
            .limit(limit)
        )
        return list(reversed(rows.all()))


async def exchange(
    reading: AsyncSession, conversation_id: str, message_id: str
) -> tuple[list[ChatMessage], list[ChatMessage]]:
    """Return a citizen's message, if known, followed by its answers; and the newest messages."""
    newest = (
        select(func.max(ChatMessage.seq))
        .where(ChatMessage.conversation_id == conversation_id)
        .scalar_subquery()
    )
    rows = await reading.scalars(
        select(ChatMessage)
        .where(
            ChatMessage.conversation_id == conversation_id,
            or_(
                ChatMessage.id == message_id,
                ChatMessage.answers == message_id,
                ChatMessage.seq > newest - RECENT,
            ),
        )
        .order_by(ChatMessage.seq)
    )
    lines = list(rows.all())
    known = [line for line in lines if message_id in (line.id, line.answers)]
    return known, lines[-RECENT:]


async def append(
    session: AsyncSession, conversation_id: str, messages: list[Message], answers: str | None = None
) -> list[ChatMessage]:
    """Add messages at the end of a chat."""
    newest = (
        select(func.coalesce(func.max(ChatMessage.seq), -1))
        .where(ChatMessage.conversation_id == conversation_id)
        .scalar_subquery()
    )
    # The lock keeps two writers from taking the same position.
    locked = select(newest).where(Conversation.id == conversation_id).with_for_update()
    first = (await session.execute(locked)).scalar_one() + 1
    rows = [
        ChatMessage(
            conversation_id=conversation_id,
            seq=first + offset,
            id=message.id,
            author=message.author,
            text=message.text,
            buttons=list(message.buttons),
            links=list(message.links),
            input=message.input,
            answers=answers if message.author == "bot" else None,
            created_at=time.time(),
        )
        for offset, message in enumerate(messages)
    ]
    session.add_all(rows)
    return rows


async def add_event(
    session: AsyncSession, conversation_id: str, event: dict[str, str], office: str
) -> None:
    """Add a delivery's end to the chat, unless the chat is gone; the web gives it its words."""
    if await session.get(Conversation, conversation_id) is None:
        return
    message = Message("", input={"type": "delivery", "office": office, **event})
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
        await writing.execute(
            delete(ChatMessage).where(ChatMessage.conversation_id == session.conversation_id)
        )
        await writing.execute(
            delete(Conversation).where(Conversation.id == session.conversation_id)
        )
