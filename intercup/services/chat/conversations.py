"""The stored conversations, the only authoritative memory; Rasa's own is rebuilt from it."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Table, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.prepared import Prepared
from intercup.db.tables import BrowserSession, ChatMessage, Conversation, Request
from intercup.domain.dialogue import draft_from_json
from intercup.domain.request import DESCRIPTION_MIN
from intercup.errors import NotAuthenticated
from intercup.languages.visitor import LANGUAGE
from intercup.services.attachments.store import FileDraft, drop_files
from intercup.services.chat.stored_drafts import new_draft
from intercup.services.ids import hash_of, new_id
from intercup.services.login.sessions import Session

HISTORY_MAX = 500  # messages shown again after a reload
PROBE_SENDER = "probe-"  # begins the ids of conversations that only try if all works
RECENT = 12  # newest messages; enough to contain the last reply and its question


@dataclass(frozen=True)
class Message:
    """A message to be stored. `input` describes the rich input under it."""

    text: str
    author: str = "bot"
    id: str = field(default_factory=lambda: str(uuid4()))
    buttons: tuple[dict[str, str], ...] = ()
    links: tuple[dict[str, str], ...] = ()
    input: dict[str, Any] | None = None
    language: str = field(default_factory=LANGUAGE.get)
    text_language: str | None = None  # of the text, if that has another than buttons and input

    @property
    def offers(self) -> dict[str, str]:
        """The offered payloads, each with its title."""
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
class StoredMessage(Message):
    """A stored message, at its position in the conversation."""

    seq: int = -1
    answers: str | None = None
    created_at: float = 0.0


@dataclass(frozen=True)
class OpenConversation:
    """A citizen's conversation that accepts another turn."""

    id: str
    sender_id: str
    sender_turns: int
    page: str
    proposed_structure: str | None
    draft: dict[str, Any]
    resumes: bool
    said: dict[str, Any] | None = None


_CONVERSATIONS, _MESSAGES = cast(Table, Conversation.__table__), cast(Table, ChatMessage.__table__)
_OF_CONVERSATION = _MESSAGES.c.conversation_id == bindparam("conversation")
_MESSAGE_COLUMNS = [_MESSAGES.c[f.name] for f in fields(StoredMessage)]
_NEWEST = Prepared(select(func.coalesce(func.max(_MESSAGES.c.seq), -1)).where(_OF_CONVERSATION))
_NEWEST_REPLY = (
    select(_MESSAGES.c.seq)
    .where(_OF_CONVERSATION, _MESSAGES.c.author == "bot")
    .order_by(_MESSAGES.c.seq.desc())
    .limit(1)
    .scalar_subquery()
)
_RECENT = func.coalesce(_NEWEST_REPLY, -1) - RECENT
_IS_MESSAGE = _MESSAGES.c.id == bindparam("message")
_TEXT = Prepared(select(_MESSAGES.c.text).where(_OF_CONVERSATION, _IS_MESSAGE))
_OLD = (
    select(_MESSAGES.c.seq)
    .where(_OF_CONVERSATION, _IS_MESSAGE, _MESSAGES.c.seq <= _RECENT)
    .scalar_subquery()
)
_LOCK = (
    select(_CONVERSATIONS.c.id)
    .where(_CONVERSATIONS.c.id == bindparam("conversation"))
    .with_for_update()
)
_ADD_MESSAGE = Prepared(insert(_MESSAGES).values({c.name: bindparam(c.name) for c in _MESSAGES.c}))
_OPEN_CONVERSATION = Prepared(
    select(*(_CONVERSATIONS.c[f.name] for f in fields(OpenConversation))).where(
        _CONVERSATIONS.c.id == bindparam("conversation"), _CONVERSATIONS.c.ended_at.is_(None)
    )
)
_HISTORY = Prepared(
    select(*_MESSAGE_COLUMNS)
    .where(_OF_CONVERSATION, _MESSAGES.c.seq > bindparam("after"))
    .order_by(_MESSAGES.c.seq.desc())
    .limit(bindparam("limit"))
)
_EXCHANGE = Prepared(
    select(*_MESSAGE_COLUMNS)
    .where(
        _OF_CONVERSATION,
        # The answers follow their message: most turns read no older one, however long the chat.
        _MESSAGES.c.seq >= func.coalesce(_OLD, _RECENT + 1),
        or_(
            _IS_MESSAGE,
            _MESSAGES.c.answers == bindparam("message"),
            _MESSAGES.c.seq > _RECENT,
        ),
    )
    .order_by(_MESSAGES.c.seq)
)


async def current_conversation(
    database: Database, session: Session, page: str, structure: str | None, first: list[Message]
) -> OpenConversation:
    """Return the session's conversation; a new one starts with the first messages."""
    async with database.read() as reading:
        conversation = await find_conversation(reading, session)
    if conversation is None:
        conversation = await _start_conversation(database, session, page, structure, first)
    if (conversation.page, conversation.proposed_structure) != (page, structure):
        conversation = replace(conversation, page=page, proposed_structure=structure)
        async with database.write() as writing:
            await writing.execute(
                update(Conversation)
                .where(Conversation.id == conversation.id)
                .values(page=page, proposed_structure=structure)
            )
    return conversation


async def _start_conversation(
    database: Database, session: Session, page: str, structure: str | None, first: list[Message]
) -> OpenConversation:
    """Create the session's conversation, or return the one that another tab has just created."""
    now = time.time()
    conversation = OpenConversation(
        new_id(), new_id(), 0, page, structure, new_draft(), resumes=False
    )
    person_key = session.citizen.person_key if session.citizen else None
    async with database.write() as writing:
        await writing.execute(
            insert(_CONVERSATIONS).values(
                **vars(conversation), person_key=person_key, created_at=now, updated_at=now
            )
        )
        changed = await writing.execute(
            update(BrowserSession)
            .where(
                BrowserSession.id_hash == session.id_hash,
                BrowserSession.conversation_id.is_not_distinct_from(session.conversation_id),
            )
            .values(conversation_id=conversation.id)
            .returning(BrowserSession.id_hash)
        )
        if changed.one_or_none() is not None:
            await append(writing, conversation.id, first)
            return conversation
        await writing.rollback()
    async with database.read() as reading:
        other = select(BrowserSession.conversation_id).where(
            BrowserSession.id_hash == session.id_hash
        )
        session = replace(session, conversation_id=await reading.scalar(other))
        found = await find_conversation(reading, session)
    if found is None:
        raise NotAuthenticated("not_authenticated")
    return found


async def find_conversation(
    reading: AsyncSession, session: Session | None
) -> OpenConversation | None:
    """Return the session's open conversation."""
    if session is None or session.conversation_id is None:
        return None
    row = await _OPEN_CONVERSATION.row(reading, {"conversation": session.conversation_id})
    return OpenConversation(*row) if row else None


def file_draft(session: Session, conversation: OpenConversation) -> FileDraft:
    """Return the draft with which the conversation's files wait."""
    person_key = session.citizen.person_key if session.citizen else ""
    return FileDraft(session.id_hash, person_key, conversation.draft["key"])


async def history(
    database: Database, conversation_id: str, after: int = -1, limit: int = HISTORY_MAX
) -> list[StoredMessage]:
    """Return the newest messages after a position, oldest first."""
    async with database.read() as reading:
        found = await _HISTORY.rows(
            reading, {"conversation": conversation_id, "after": after, "limit": limit}
        )
    return [_stored(row) for row in reversed(found)]


async def exchange(
    reading: AsyncSession, conversation_id: str, message_id: str
) -> tuple[list[StoredMessage], list[StoredMessage]]:
    """Return a citizen's message, if known, followed by its answers; and the newest messages."""
    of_message = {"conversation": conversation_id, "message": message_id}
    found = await _EXCHANGE.rows(reading, of_message)
    messages = [_stored(row) for row in found]
    known = [message for message in messages if message_id in (message.id, message.answers)]
    return known, messages


async def read_texts(
    reading: AsyncSession, conversation_id: str, message_ids: Collection[str]
) -> dict[str, str]:
    """Return the texts of some of a conversation's messages by their ids."""
    found = {}
    for id_ in message_ids:  # few
        if row := await _TEXT.row(reading, {"conversation": conversation_id, "message": id_}):
            found[id_] = row[0]
    return found


async def unsent_text(database: Database, session: Session, mark: str) -> str:
    """Return what the citizen has written for the draft with this mark, while that is open."""
    async with database.read() as reading:
        conversation = await find_conversation(reading, session)
        if conversation is None or file_draft(session, conversation).mark != mark:
            return ""
        draft = draft_from_json(conversation.draft)
        ids = (draft.description or draft.first_message or "").split()
        texts = await read_texts(reading, conversation.id, ids)
    return "\n".join(texts[id_] for id_ in ids if id_ in texts)


def unsent_seal(mark: str, text: str) -> str:
    """Return what tells whether the draft with this mark still has this text."""
    return hash_of(f"{mark}\0{text}")


def _stored(row: Any) -> StoredMessage:
    text, author, id_, buttons, links, *more = row
    return StoredMessage(text, author, id_, tuple(buttons), tuple(links), *more)


async def append(
    writing: AsyncSession,
    conversation_id: str,
    messages: Sequence[Message],
    answers: str | None = None,
) -> list[StoredMessage]:
    """Add messages at the end of a conversation.

    This transaction must have written or locked the conversation's row before, so that no other
    takes the same position.
    """
    (newest,) = await _NEWEST.row(writing, {"conversation": conversation_id})
    stored = [
        StoredMessage(
            message.text,
            message.author,
            message.id,
            message.buttons,
            message.links,
            message.input,
            message.language,
            message.text_language,
            seq=newest + offset,
            answers=answers if message.author == "bot" else None,
            created_at=time.time(),
        )
        for offset, message in enumerate(messages, 1)
    ]
    rows = [vars(message) | {"conversation_id": conversation_id} for message in stored]
    await _ADD_MESSAGE.run_each(writing, rows)
    return stored


async def redact(
    writing: AsyncSession, conversation_id: str, message_ids: Collection[str], text: str
) -> None:
    """Replace the citizen's texts by another text, wherever the conversation repeats them."""
    found = await writing.scalars(
        select(ChatMessage).where(ChatMessage.conversation_id == conversation_id)
    )
    messages = list(found)
    written = {message.text for message in messages if message.id in message_ids}
    # Longest first, as one may contain another; too short a text was never a description.
    quoted = sorted((each for each in written if len(each) >= DESCRIPTION_MIN), key=len)[::-1]
    for message in messages:
        message.text = text if message.id in message_ids else _without(message.text, quoted, text)
        message.input = _without(_without_optional(message.input), quoted, text)
        message.links = _without(message.links, quoted, text)


def _without_optional(given: dict[str, Any] | None) -> dict[str, Any] | None:
    """Drop the optional answers from a summary."""
    if not given or "rows" not in given:
        return given
    return given | {"rows": [row for row in given["rows"] if "optional" not in row]}


def _without(part: Any, written: list[str], text: str) -> Any:
    """Replace the texts in every string of a message; a prepared mail loses its body."""
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


async def clear(writing: AsyncSession, conversation_id: str) -> None:
    """Delete all messages of a conversation."""
    await writing.execute(delete(ChatMessage).where(ChatMessage.conversation_id == conversation_id))


async def add_event(
    session: AsyncSession, conversation_id: str, event: dict[str, str], office: str
) -> None:
    """Add a request's event to its conversation, if that still exists; the web adds the text."""
    # A statement of its own: PostgreSQL reads the newest position as of the statement's start.
    if (await session.execute(_LOCK, {"conversation": conversation_id})).one_or_none():
        message = Message("", input={"type": event["kind"], "office": office, **event})
        await append(session, conversation_id, [message])


async def forget(database: Database, session: Session) -> None:
    """Delete the session's conversation. Registered requests stay, without their link to it."""
    async with database.write() as writing:
        if conversation := await find_conversation(writing, session):
            await drop_files(writing, file_draft(session, conversation))
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
