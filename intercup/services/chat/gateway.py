"""The gateway between citizens and Rasa: one turn at a time, each answered once.

The stored draft always belongs to the last reply that the citizen saw. After a failed turn, or one
that another process may have begun, the conversation gets a new sender, and Rasa restarts from
that draft: so any turn can be repeated safely.
"""

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from intercup.db.engine import Database
from intercup.domain.dialogue import (
    begun_again,
    draft_as_json,
    draft_from_json,
    without_gone,
)
from intercup.domain.directory import Directory
from intercup.errors import InvalidInput, NotAuthenticated
from intercup.metrics import TURNS
from intercup.services.chat.conversations import (
    Message,
    OpenConversation,
    StoredMessage,
    append,
    clear,
    current_conversation,
    exchange,
    find_conversation,
    forget,
    history,
    redact,
    update_conversation,
)
from intercup.services.chat.incoming import (
    LOGIN,
    Incoming,
    accepted,
    repeated,
    says_again,
    taken_meanwhile,
)
from intercup.services.chat.metadata import MessageMetadata
from intercup.services.chat.rasa_client import (
    RasaAnswer,
    RasaClient,
    RasaUnavailable,
    TurnFailed,
    as_plain_text,
)
from intercup.services.chat.render import (
    chat_closed,
    failed_turn,
    menu_buttons,
    render,
    signals_of,
    unavailable,
)
from intercup.services.chat.reply_context import ReplyContext, reply_context_of
from intercup.services.chat.stored_drafts import all_texts, following, next_draft, with_texts
from intercup.services.ids import new_id
from intercup.services.languages import language_of
from intercup.services.limits import key_of
from intercup.services.login.address_proof import AddressProofs, Visitor
from intercup.services.login.sessions import Session
from intercup.services.notices.notices import Kind, Notices
from intercup.services.requests.rating import add_rating
from intercup.services.structures.structures import Structures
from intercup.services.tuning.collection import Collector, Heard, Noted, keep
from intercup.texts import TEXTS

# The cost of a Rasa turn grows with the turns of its conversation.
SENDER_TURNS_MAX = 20
IN_STEP_MAX = 10_000  # conversations
RATING_PAYLOAD = "rating:"
RESUME_PAYLOAD = "/request_assistance"


logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """The answer to a citizen; `retry` means that the same message may be sent again."""

    messages: list[StoredMessage]
    retry: bool = False


class ChatGateway:
    """Turns of all conversations of this process."""

    def __init__(
        self,
        database: Database,
        structures: Structures,
        rasa: RasaClient,
        proofs: AddressProofs,
        notices: Notices,
        collector: Collector | None = None,
    ) -> None:
        self._database = database
        self._notices = notices
        self._structures = structures
        self._rasa = rasa
        self._metadata = MessageMetadata(structures, proofs)
        self._secret_key = proofs.secret_key
        self._collector = collector
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        # Sender and server of each conversation whose last turn this process completed.
        self._in_step: dict[str, tuple[str, int]] = {}

    @property
    def _directory(self) -> Directory:
        return self._structures.directory

    async def open(
        self, session: Session, page: str, structure: str | None
    ) -> tuple[OpenConversation, list[StoredMessage]]:
        """Return the conversation with its history; a new one starts with a welcome."""
        if structure not in self._directory.structure_by_id:
            structure = None
        conversation, is_new = await current_conversation(self._database, session, page, structure)
        async with self._lock(conversation.id):
            if is_new:
                async with self._database.write() as writing:
                    await append(writing, conversation.id, self._first(conversation, session))
            elif session.citizen and conversation.resumes:
                await self._resume(session)
            return conversation, await history(self._database, conversation.id)

    async def post(self, session: Session, incoming: Incoming, ip: str = "") -> Answer:
        """Answer a message; the same id gives the same answer and does nothing twice.

        `ip` is the address that it came from, for the limits.

        Raises:
            NotAuthenticated: the session has no open conversation.
            InvalidInput, TooLarge, StaleChoice: the message can't be taken.
            Unavailable: the database failed.
        """
        if session.conversation_id is None:
            raise NotAuthenticated("not_authenticated")
        async with self._lock(session.conversation_id):
            async with self._database.read() as reading:
                conversation = await find_conversation(reading, session)
                if conversation is None:
                    raise NotAuthenticated("not_authenticated")
                known, newest = await exchange(reading, conversation.id, incoming.id)
            if known and known[0].author != "citizen":
                raise InvalidInput("bad_request")
            if len(known) > 1:
                return Answer(known[1:])
            if known and (taken := taken_meanwhile(known[0], newest)):
                return Answer(taken)
            if known:
                # It was stored without an answer: what was said then counts, not what comes now.
                incoming, said = repeated(incoming, known[0], newest), None
            else:
                said = accepted(incoming, newest)
                incoming = replace(incoming, repeats=says_again(incoming, newest))
            if closed := self._closed():
                return Answer(closed, retry=True)
            if incoming.payload and incoming.payload.startswith(RATING_PAYLOAD):
                return await self._rate(conversation, incoming, said)
            return await self._turn(session, conversation, incoming, said, ip)

    async def _turn(
        self,
        session: Session,
        conversation: OpenConversation,
        incoming: Incoming,
        said: Message | None,
        ip: str = "",
    ) -> Answer:
        """Ask Rasa and store its answer; without one, answer that the turn failed."""
        server = self._rasa.server_of(conversation.id)
        if self._in_step.pop(conversation.id, None) != (conversation.sender_id, server):
            conversation = await self._renewed(conversation)
        just_said = [said] if said else []
        visitor = Visitor(session.id_hash, ip)
        metadata = await self._metadata.of(conversation, incoming, visitor, session.citizen)
        try:
            conversation, heard = await self._ask_rasa(conversation, server, incoming, metadata)
        except RasaUnavailable:
            TURNS.labels("unavailable").inc()
            if said and said.author == "citizen":
                # Nobody can say what it was about: a cancel takes it along.
                draft = with_texts(conversation.draft, {incoming.id} if incoming.text else set())
                async with self._database.write() as writing:
                    await update_conversation(writing, conversation.id, draft=draft)
                    await append(writing, conversation.id, just_said)
            return Answer([unavailable(self._directory)], retry=True)
        except TurnFailed:
            TURNS.labels("failed").inc()
            return await self._begin_again(session, conversation, incoming, just_said)
        return await self._answered(session, conversation, incoming, just_said, heard, ip)

    async def _answered(
        self,
        session: Session,
        conversation: OpenConversation,
        incoming: Incoming,
        just_said: list[Message],
        heard: RasaAnswer,
        ip: str,
    ) -> Answer:
        """Store the citizen's message, the answers and the draft in one transaction."""
        signals = signals_of(heard.replies)
        known = conversation.draft.get("language")
        noticed = language_of(incoming.text or "")
        draft = next_draft(conversation.draft, signals) | {"language": noticed or known}
        directory = self._directory
        seen = without_gone(draft_from_json(draft), directory)
        context = await reply_context_of(
            self._database, directory, session, conversation, seen, signals, just_said
        )
        turns = conversation.sender_turns + 1
        is_last = bool(signals.get("ended")) or turns >= SENDER_TURNS_MAX
        sender_id = new_id() if is_last else conversation.sender_id
        given: dict[str, Any] = {"draft": draft, "updated_at": time.time()}
        noted = self._noted(session, conversation, incoming, draft, signals)
        if noted:
            given["said"] = noted.said
        if ip:  # for the limits, which the actions check when the request is sent
            given["ip_key"] = key_of(self._secret_key, "ip", ip)
        async with self._database.write() as writing:
            in_step = await update_conversation(
                writing,
                conversation.id,
                expected_sender_id=conversation.sender_id,
                sender_id=sender_id,
                sender_turns=0 if is_last else turns,
                resumes=False,
                **given,
            )
            if not in_step:  # A login has changed the conversation's sender meanwhile.
                await update_conversation(writing, conversation.id, **given)
            if noted:
                await keep(writing, conversation.id, noted)
            if signals.get("cancelled"):
                written = all_texts(conversation.draft)
                await redact(writing, conversation.id, written, TEXTS("chat.deleted"))
            hello = [_welcome_in(noticed)] if noticed and not known else []
            about = self._about_choice(conversation.draft, draft)
            messages = [*just_said, *hello, *about, *render(heard.replies, context)]
            stored = await append(writing, conversation.id, messages, answers=incoming.id)
        TURNS.labels("answered").inc()
        if in_step:
            self._note_in_step(conversation.id, (sender_id, heard.server))
        return Answer(stored[len(just_said) :])

    def _noted(
        self,
        session: Session,
        conversation: OpenConversation,
        incoming: Incoming,
        draft: dict[str, Any],
        signals: dict[str, Any],
    ) -> Noted | None:
        """Return the sentences that this turn shows to be worth a look, if any are kept."""
        if self._collector is None:
            return None
        before, after = draft_from_json(conversation.draft), draft_from_json(draft)
        turn = Heard(incoming, before, after, signals, draft["language"], session.citizen)
        return self._collector.note(conversation.said, turn, self._directory)

    async def _ask_rasa(
        self,
        conversation: OpenConversation,
        server: int,
        incoming: Incoming,
        metadata: dict[str, Any],
    ) -> tuple[OpenConversation, RasaAnswer]:
        """Return Rasa's answer, and the conversation with the sender used.

        A failing server is skipped: the second try goes to another one, if there is one.

        Raises:
            RasaUnavailable, TurnFailed: twice, within the time for one turn.
        """
        message = incoming.payload or as_plain_text(incoming.text or "")
        began, limit = time.monotonic(), self._rasa.timeout
        try:
            return conversation, await self._rasa.send(
                server, conversation.sender_id, message, metadata, self._rasa.first_try
            )
        except (RasaUnavailable, TurnFailed):
            conversation = await self._renewed(conversation)
            server = self._rasa.server_of(conversation.id)
        left = began + limit - time.monotonic()
        return conversation, await self._rasa.send(
            server, conversation.sender_id, message, metadata, left
        )

    async def _begin_again(
        self,
        session: Session,
        conversation: OpenConversation,
        incoming: Incoming,
        just_said: list[Message],
    ) -> Answer:
        """Say that the turn failed for good, and start a new draft with this one's texts."""
        logger.error("ALARM a turn of a conversation fails for good, its draft begins again")
        draft = begun_again(draft_from_json(conversation.draft))
        fresh = following(draft_as_json(draft), conversation.draft)
        answer = failed_turn(ReplyContext(self._directory, session.citizen is not None))
        async with self._database.write() as writing:
            await update_conversation(
                writing,
                conversation.id,
                draft=fresh,
                sender_id=new_id(),
                sender_turns=0,
                resumes=False,
                updated_at=time.time(),
            )
            stored = await append(
                writing, conversation.id, [*just_said, answer], answers=incoming.id
            )
        return Answer(stored[len(just_said) :])

    def _note_in_step(self, conversation_id: str, step: tuple[str, int]) -> None:
        """Note that Rasa's state matches the stored draft, so that it needs no restart."""
        if len(self._in_step) >= IN_STEP_MAX:
            self._in_step.clear()
        self._in_step[conversation_id] = step

    async def _renewed(self, conversation: OpenConversation) -> OpenConversation:
        """Give the conversation a new sender, so that Rasa restarts from the stored draft."""
        conversation = replace(conversation, sender_id=new_id(), sender_turns=0)
        async with self._database.write() as writing:
            await update_conversation(
                writing, conversation.id, sender_id=conversation.sender_id, sender_turns=0
            )
        return conversation

    def _first(self, conversation: OpenConversation, session: Session) -> list[Message]:
        """Return the notices and the welcome; of a closed chat, the reason alone."""
        if self._closed():
            return [Message(closed.text, links=closed.links) for closed in self._closed()]
        notices = [Message(text) for text in self._notices.texts(Kind.PAGES)]
        return [*notices, self._welcome(conversation, session)]

    def _closed(self) -> list[StoredMessage]:
        """Return the reason why the team has closed the chat, if it has."""
        return [chat_closed(self._directory, why) for why in self._notices.texts(Kind.CHAT)[:1]]

    def _about_choice(self, before: dict[str, Any], draft: dict[str, Any]) -> list[Message]:
        """Return the notices about a structure or category that was chosen just now."""
        return [
            Message(text)
            for kind in (Kind.CATEGORY, Kind.STRUCTURE)
            if draft.get(kind) != before.get(kind)
            for text in self._notices.texts(kind, draft.get(kind))
        ]

    def _welcome(self, conversation: OpenConversation, session: Session) -> Message:
        structure = self._directory.structure_by_id.get(conversation.proposed_structure or "")
        authenticated = session.citizen is not None
        kind = "home" if not authenticated else "booking" if structure else "portal"
        text = TEXTS(f"welcome.{kind}", structure=structure.name if structure else "")
        return Message(text, buttons=menu_buttons(ReplyContext(self._directory, authenticated)))

    async def forget(self, session: Session) -> None:
        """Delete the session's conversation, after the current turn."""
        if session.conversation_id:
            async with self._lock(session.conversation_id):
                await forget(self._database, session)

    async def _resume(self, session: Session) -> None:
        """Continue the conversation after the login; repeated at the next page if Rasa is down."""
        async with self._database.read() as reading:
            conversation = await find_conversation(reading, session)
        if conversation is None or not conversation.resumes:
            return  # Another tab has done it meanwhile.
        hello = Message(TEXTS("chat.resumed"), input={"type": LOGIN})
        if conversation.draft.get("category") or conversation.draft.get("structure"):
            await self._turn(
                session, conversation, Incoming(new_id(), payload=RESUME_PAYLOAD), hello
            )
            return
        newest = await history(self._database, conversation.id)
        was_used = any(message.author == "citizen" for message in newest)
        menu = menu_buttons(ReplyContext(self._directory, authenticated=True))
        async with self._database.write() as writing:
            if was_used:
                await append(writing, conversation.id, [replace(hello, buttons=menu)])
            else:
                # An unused conversation: the welcome after login replaces the anonymous one.
                await clear(writing, conversation.id)
                await append(writing, conversation.id, [self._welcome(conversation, session)])
            await update_conversation(writing, conversation.id, resumes=False)

    async def _rate(
        self, conversation: OpenConversation, incoming: Incoming, said: Message | None
    ) -> Answer:
        stars = (incoming.payload or "").removeprefix(RATING_PAYLOAD)
        thanks = "rating_thanks" if stars.isdigit() else "rating_skipped"
        # Without the stars: the conversation belongs to a person, and ratings are anonymous.
        just_said = [replace(said, text=TEXTS("chat.rated"))] if said else []
        async with self._database.write() as writing:
            if stars.isdigit():
                await add_rating(writing, stars, new_id())
            messages = [*just_said, Message(TEXTS(f"chat.{thanks}"))]
            stored = await append(writing, conversation.id, messages, answers=incoming.id)
        return Answer(stored[len(just_said) :])

    def _lock(self, conversation_id: str) -> asyncio.Lock:
        lock = self._locks.get(conversation_id)
        if lock is None:
            lock = self._locks[conversation_id] = asyncio.Lock()
        return lock


def _welcome_in(language: str) -> Message:
    return Message(TEXTS.section("welcome_in")[language])
