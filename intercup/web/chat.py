"""The chat's routes: session, messages, events, forget."""

import asyncio
import json
import time
from bisect import bisect_left
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from aiohttp import hdrs, web
from pydantic import UUID4, BaseModel, ConfigDict, Field, model_validator

from intercup.domain.normalise import TEXT_MAX
from intercup.domain.request import page_facts_of
from intercup.errors import NotAuthenticated, Unavailable
from intercup.languages.catalogues import direction, languages
from intercup.languages.visitor import IS_CHOSEN, LANGUAGE
from intercup.services.chat.conversations import (
    OpenConversation,
    StoredMessage,
    find_conversation,
    history,
)
from intercup.services.chat.hearing import listen
from intercup.services.chat.incoming import Incoming
from intercup.services.chat.returning import newest_beginning
from intercup.services.login.sessions import Session, find_session
from intercup.texts import told
from intercup.web.app_keys import CHAT, DATABASE, FLOODS, NEW_MESSAGES, STREAMS
from intercup.web.chat_texts import chat_language
from intercup.web.client_ip import address_of
from intercup.web.json_body import Nothing, read_json
from intercup.web.language import keep_language, kept_language
from intercup.web.session_cookie import (
    current_session,
    session_cookie,
    session_or_new,
    set_session_cookie,
)
from intercup.web.streams import Stream

EVENTS_POLL = 1.0  # seconds between two queries, unless the database tells of new messages
EVENTS_KEEPALIVE = 15  # polls between two comments that keep the connection open
EVENTS_RETRY = 60_000  # milliseconds before a replaced stream reconnects
_BRIEF = ("select", "textarea", "rating")  # shown only while they are open
_EVENTS = ("delivery", "addition", "mark", "forward", "readdress")  # stored without words
WINDOW = 24_000  # bytes of messages that an opened page gets at once, beside the current turn
EVENTS_OVERLAP = 5  # messages repeated at a connection; the widget recognises their ids


class PostedMessage(BaseModel):
    """A message posted by the widget: a text, or a button's payload.

    What the page knows comes only with "Invia", pressed or typed.
    """

    model_config = ConfigDict(extra="forbid", strict=False)

    id: UUID4
    text: Annotated[str, Field(max_length=8_000)] | None = None
    payload: Annotated[str, Field(max_length=500)] | None = None
    page_facts: Annotated[str, Field(max_length=TEXT_MAX)] = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.payload is None):
            raise ValueError("text or payload")
        return self


async def get_session(request: web.Request) -> web.Response:
    """Open the chat: return the citizen's name and the conversation's messages."""
    leaves = request.query.get("expired") == "leave"
    session, cookie = await session_or_new(request, leave_expired=leaves)
    page, since = request.query.get("page", "home"), request.query.get("from", "")
    structure, is_shown = request.query.get("structure"), "shown" in request.query
    return await _opened(
        request, session, cookie, page, structure, _position(since), is_shown=is_shown
    )


def _position(text: str) -> int | None:
    """Read a message's position in its conversation."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


async def _opened(
    request: web.Request,
    session: Session,
    cookie: str | None,
    page: str,
    structure: str | None,
    since: int | None = None,
    *,
    is_shown: bool = False,
) -> web.Response:
    page = page if page in ("home", "portal", "booking", "assistance", "requests") else "home"
    conversation, messages = await request.app[CHAT].open(
        session, page, structure, is_shown=is_shown
    )
    body = {
        "authenticated": session.citizen is not None,
        "citizen": {"name": session.citizen.name} if session.citizen else None,
        "conversation": conversation.id,
        "language": chat_language(),
    } | _window(messages, since, is_shown=is_shown)
    response = web.json_response(body)
    if cookie:
        set_session_cookie(request.app, response, cookie)
    return response


async def post_message(request: web.Request) -> web.Response:
    """Answer a citizen's message, or refuse it at once if too many are being answered."""
    posted, turns = await read_json(request, PostedMessage), request.app[CHAT].turns
    turns.check()
    with turns.one():
        session = await current_session(request)
    if session is None:
        raise NotAuthenticated("not_authenticated")
    ip = address_of(request)
    request.app[FLOODS].messages.take(session.id_hash)
    request.app[FLOODS].messages_ip.take(ip)
    incoming = Incoming(
        str(posted.id), posted.text, posted.payload, page_facts=page_facts_of(posted.page_facts)
    )
    answer = await request.app[CHAT].post(session, incoming, ip)
    messages = [as_json(message) for message in answer.messages]
    body: dict[str, Any] = {"messages": messages, "language": chat_language()}
    if answer.retry:
        body["retry"] = True
    response = web.json_response(body)
    noticed = answer.language if answer.language in languages() else None
    if noticed and not IS_CHOSEN.get() and noticed != kept_language(request):
        keep_language(request.app, response, noticed, is_noticed=True)
    return response


async def post_forget(request: web.Request) -> web.Response:
    """Delete the conversation and open a new one."""
    await read_json(request, Nothing)
    session, conversation = await _conversation_of(request)
    request.app[FLOODS].chats.take(address_of(request))
    await request.app[CHAT].forget(session)
    fresh = Session(session.id_hash, None, session.citizen)
    return await _opened(request, fresh, None, conversation.page, conversation.proposed_structure)


async def get_events(request: web.Request) -> web.StreamResponse:
    """Stream new messages of the conversation: from other tabs, and delivery states."""
    # A tab reopens streams by itself, so a stream is no sign of a person.
    session, conversation = await _conversation_of(request, touch=False)
    database = request.app[DATABASE]
    last = request.headers.get("Last-Event-ID", "")
    after = _position(last)
    if after is None:
        newest = await history(database, conversation.id, limit=EVENTS_OVERLAP)
        after = newest[newest_beginning(newest)].seq - 1 if newest else -1
    with (
        request.app[STREAMS].one(session.id_hash, address_of(request)) as stream,
        request.app[NEW_MESSAGES].wake(conversation.id, stream),
    ):
        response = web.StreamResponse(
            headers={hdrs.CONTENT_TYPE: "text/event-stream", hdrs.CACHE_CONTROL: "no-store"}
        )
        await response.prepare(request)
        with suppress(ConnectionError, Unavailable):  # The browser reconnects by itself.
            await _send_events(request, response, conversation, after, stream)
    return response


async def _send_events(
    request: web.Request,
    response: web.StreamResponse,
    conversation: OpenConversation,
    after: int,
    stream: Stream,
) -> None:
    """Write new messages while the session has the conversation and the stream isn't replaced."""
    news, next_check = request.app[NEW_MESSAGES], 0.0
    while not (stream.is_replaced or stream.is_over):
        stream.clear()
        messages = await history(request.app[DATABASE], conversation.id, after)
        if any(map(_is_event, messages)):
            now = await _still(request, conversation)
            if now is None:
                return
            listen(now.draft, None)  # They are worded now, in the language as it is now.
        for message in messages:
            after = message.seq
            data = json.dumps(as_json(message), ensure_ascii=False)
            await response.write(f"id: {message.seq}\nevent: message\ndata: {data}\n\n".encode())
        if time.monotonic() >= next_check:
            if not await _still(request, conversation):
                return
            await response.write(b": here\n\n")
            next_check = time.monotonic() + EVENTS_KEEPALIVE * EVENTS_POLL
        polls = EVENTS_KEEPALIVE if news.is_listening else 1
        with suppress(TimeoutError):
            async with asyncio.timeout(polls * EVENTS_POLL):
                await stream.wait()
    if stream.is_replaced:  # This tab waits before it reconnects and replaces another one.
        await response.write(f"retry: {EVENTS_RETRY}\n\n".encode())


async def _still(request: web.Request, conversation: OpenConversation) -> OpenConversation | None:
    """Return the conversation as it is now, if the browser's session is valid and still has it."""
    database = request.app[DATABASE]
    session = await find_session(database, session_cookie(request), time.time(), touch=False)
    async with database.read() as reading:
        found = await find_conversation(reading, session)
    return found if found and found.id == conversation.id else None


async def _conversation_of(
    request: web.Request, *, touch: bool = True
) -> tuple[Session, OpenConversation]:
    session = await current_session(request, touch=touch)
    async with request.app[DATABASE].read() as reading:
        conversation = await find_conversation(reading, session)
    if session is None or conversation is None:
        raise NotAuthenticated("not_authenticated")
    return session, conversation


def _window(messages: list[StoredMessage], since: int | None, *, is_shown: bool) -> dict[str, Any]:
    """Return the newest messages since the chat last began, or those since a position.

    A page that has shown those before keeps them.

    `earlier` is the position from which to ask for some more; missing with the first message.
    Lists and questions that are answered come without their options.
    """
    turn = _current_turn(messages)
    shown = [
        as_json(replace(message, input=None) if index < turn and _is_brief(message) else message)
        for index, message in enumerate(messages)
    ]
    start = turn if since is None else bisect_left([message.seq for message in messages], since)
    if since is None:
        beginning = 0 if is_shown else newest_beginning(messages)
        start = max(beginning, min(start, _start_of_window(shown, len(shown))))
    window: dict[str, Any] = {"messages": shown[start:]}
    return window | ({"earlier": messages[_start_of_window(shown, start)].seq} if start else {})


def _current_turn(messages: list[StoredMessage]) -> int:
    """Return the index of the first message after the citizen's last one."""
    authors = [message.author for message in messages]
    return len(authors) - authors[::-1].index("citizen") if "citizen" in authors else 0


def _is_event(message: StoredMessage) -> bool:
    return message.input is not None and message.input["type"] in _EVENTS


def _is_brief(message: StoredMessage) -> bool:
    return message.input is not None and message.input["type"] in _BRIEF


def _start_of_window(shown: list[dict[str, Any]], end: int) -> int:
    """Return the index from which the messages before `end` fit into a window; at least one."""
    size, start = 0, end
    while start and (start == end or size <= WINDOW):
        start -= 1
        size += len(json.dumps(shown[start]))
    return start


def as_json(message: StoredMessage) -> dict[str, Any]:
    """Return a message in the widget's format."""
    shown: dict[str, Any] = {
        "id": message.id,
        "from": message.author,
        "text": message.text,
        "buttons": message.buttons,
        "links": message.links,
        **_direction_of(message),
        "time": datetime.fromtimestamp(message.created_at, UTC).isoformat(timespec="seconds"),
    }
    if message.input and _is_event(message):
        shown["text"] = _event_text(message.input)
        shown |= {"lang": LANGUAGE.get(), "dir": direction(LANGUAGE.get())}
        if message.input["type"] != "addition" and message.input.get("role") == "office":
            shown["about"] = message.input["number"]
    elif message.input:
        shown["input"] = message.input | {"brief": True} if _is_brief(message) else message.input
    return shown


def _direction_of(message: StoredMessage) -> dict[str, str]:
    """Return the language and direction of a message's controls, and of its text if it differs."""
    if message.author != "bot":
        return {}
    shown = {"lang": message.language, "dir": direction(message.language)}
    of_text = message.text_language
    if of_text in (None, message.language):
        return shown
    return shown | {"text_lang": of_text}


def _event_text(event: dict[str, str]) -> str:
    if event["type"] in ("forward", "readdress"):
        sender, day = event["from"], event["day"]
        key = "chat.forwarded" if event["type"] == "forward" else "chat.readdressed"
        return told(key, number=event["number"], sender=sender, office=event["office"], day=day)
    key = f"chat.{event['type']}_{event['role']}_{event['state']}"
    return told(key, number=event["number"], office=event["office"])


def add_routes(app: web.Application) -> None:
    """Add the chat's routes."""
    app.router.add_get("/chat/session", get_session)
    app.router.add_post("/chat/messages", post_message)
    app.router.add_post("/chat/forget", post_forget)
    app.router.add_get("/chat/events", get_events)
