"""The gateway between citizens and Rasa: one turn at a time, each answered once.

The stored draft always belongs to the last reply that the citizen saw. After a failed turn, or one
that another process may have begun, the conversation gets a new sender, and Rasa restarts from
that draft: so any turn can be repeated safely. A turn has the conversation's lease: what it stores
counts only while nobody else has taken that. No transaction is open while Rasa works.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.domain.dialogue import (
    begun_again,
    draft_as_json,
    draft_from_json,
    without_gone,
)
from intercup.domain.directory import Directory
from intercup.domain.figures import TurnFacts
from intercup.domain.request import PAGE_FACTS
from intercup.errors import InvalidInput, NotAuthenticated, StaleChoice
from intercup.languages.catalogues import ITALIAN
from intercup.languages.visitor import IS_CHOSEN, LANGUAGE
from intercup.metrics import TURNS
from intercup.services.answers.wordings import Wordings
from intercup.services.attachments.store import FileDraft, drop_files, ids_of, waiting_files
from intercup.services.chat.conversations import (
    Message,
    OpenConversation,
    StoredMessage,
    append,
    clear,
    current_conversation,
    exchange,
    file_draft,
    forget,
    history,
    redact,
    unsent_seal,
    unsent_text,
)
from intercup.services.chat.hearing import listen, shown_in
from intercup.services.chat.incoming import (
    ENDS_CHOICES,
    Incoming,
    accepted,
    repeated,
    says_again,
    taken_meanwhile,
)
from intercup.services.chat.inputs import draw_input
from intercup.services.chat.lease import (
    LEASE_MARGIN,
    LeaseLost,
    end_turn,
    take_lease,
    update_leased,
)
from intercup.services.chat.metadata import MessageMetadata
from intercup.services.chat.optional_answers import KEY
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
    question_at,
    render,
    signals_of,
    unavailable,
)
from intercup.services.chat.reply_context import ReplyContext, reply_context_of
from intercup.services.chat.returning import BEGINS_ANEW, is_left
from intercup.services.chat.stored_drafts import (
    all_texts,
    following,
    new_draft,
    next_draft,
    with_texts,
)
from intercup.services.chat.turns import Turns
from intercup.services.chat.words import welcome_in
from intercup.services.figures.counting import TurnCounts
from intercup.services.ids import new_id
from intercup.services.limits import key_of
from intercup.services.login.address_proof import AddressProofs, Visitor
from intercup.services.login.sessions import Session
from intercup.services.notices.notices import Kind, Notices
from intercup.services.requests.rating import add_rating
from intercup.services.structures.structures import Structures
from intercup.services.tuning.collection import Collector, Heard, Noted, keep
from intercup.texts import told

# The cost of a Rasa turn grows with the turns of its conversation.
SENDER_TURNS_MAX = 20
IN_STEP_MAX = 10_000  # conversations
LEASE_POLL = 0.1  # seconds between two tries for the lease
RESUME_SECONDS = 2.0  # for which a page waits for Rasa
RATING_PAYLOAD = "rating:"
RESUME_PAYLOAD = "/request_assistance"


logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """The answer to a citizen; `retry` means that the same message may be sent again.

    `language` is the one that the citizen writes in, if the conversation has noticed any.
    """

    messages: list[StoredMessage]
    retry: bool = False
    language: str | None = None


class ChatGateway:
    """Turns of all conversations of this process."""

    def __init__(
        self,
        database: Database,
        structures: Structures,
        rasa: RasaClient,
        proofs: AddressProofs,
        notices: Notices,
        wordings: Wordings,
        counts: TurnCounts,
        collector: Collector | None = None,
    ) -> None:
        self._database = database
        self._notices = notices
        self._wordings = wordings
        self._structures = structures
        self._rasa = rasa
        self._metadata = MessageMetadata(structures, proofs)
        self._secret_key = proofs.secret_key
        self._counts = counts
        self._collector = collector
        self._lease_seconds = rasa.timeout + LEASE_MARGIN
        self.turns = Turns()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        # Sender and server of each conversation whose last turn this process completed.
        self._in_step: dict[str, tuple[str, int]] = {}

    @property
    def _directory(self) -> Directory:
        return self._structures.directory

    async def open(
        self, session: Session, page: str, structure: str | None, *, is_shown: bool = False
    ) -> tuple[OpenConversation, list[StoredMessage]]:
        """Return the conversation with its history; a new one starts with a welcome.

        So does one that the citizen comes back to, unless the page has shown it all the time. While
        the chat is closed, an unused one ends with the reason, which isn't stored.
        """
        if structure not in self._directory.structure_by_id:
            structure = None
        conversation = await current_conversation(
            self._database, session, page, structure, self._first(structure, session)
        )
        if session.citizen and conversation.resumes:
            with suppress(LeaseLost):  # The next page resumes it.
                await self._alone(conversation.id, lambda: self._resume(session))
        messages = await history(self._database, conversation.id)
        if any(message.author == "citizen" for message in messages):
            draft = draft_from_json(conversation.draft)
            is_asked = draft.step is not None
            if is_asked and IS_CHOSEN.get() and _asks_in_another_language(messages):
                with suppress(LeaseLost):
                    await self._alone(conversation.id, lambda: self._ask_again(session))
                messages = await history(self._database, conversation.id)
            elif is_left(draft, messages, time.time()) and not (is_shown or self._closed()):
                with suppress(LeaseLost):
                    messages = await self._alone(conversation.id, lambda: self._begin_anew(session))
            return conversation, messages
        if any(message.language != LANGUAGE.get() for message in messages):
            with suppress(LeaseLost):
                messages = await self._alone(conversation.id, lambda: self._greet_again(session))
        return conversation, [*messages, *self._closed()]

    async def _ask_again(self, session: Session) -> None:
        """Repeat the open question, if there is one, in the language chosen meanwhile.

        Rasa isn't asked: to it any message is an answer, or a miss, and it may be down.
        """
        conversation = await self._lease(session)
        newest = await history(self._database, conversation.id)
        draft = draft_from_json(conversation.draft)
        if draft.step is None or self._closed() or not _asks_in_another_language(newest):
            await self._give_back(conversation)
            return
        question = question_at(draft.step)
        drawn = signals_of([question])
        changed = conversation.draft | shown_in(conversation.draft, drawn)
        seen = without_gone(draft, self._directory)
        context = await reply_context_of(
            self._database, self._directory, session, conversation, seen, drawn, newest
        )
        async with self._database.write() as writing:
            await end_turn(writing, conversation, draft=changed)
            await append(
                writing, conversation.id, render(self._wordings.worded([question]), context)
            )

    async def _greet_again(self, session: Session) -> list[StoredMessage]:
        """Replace the first messages of an unused conversation, in the visitor's language."""
        conversation = await self._lease(session)
        newest = await history(self._database, conversation.id)
        is_unused = all(message.author == "bot" for message in newest)
        async with self._database.write() as writing:
            await end_turn(writing, conversation)
            if is_unused:
                await clear(writing, conversation.id)
                first = self._first(conversation.proposed_structure, session)
                newest = await append(writing, conversation.id, first)
        return newest

    async def _begin_anew(self, session: Session) -> list[StoredMessage]:
        """Welcome a citizen who comes back, below the messages of before."""
        conversation = await self._lease(session)
        newest = await history(self._database, conversation.id)
        draft = draft_from_json(conversation.draft)
        first, *more = self._first(conversation.proposed_structure, session)
        welcome = [replace(first, input=BEGINS_ANEW), *more]
        async with self._database.write() as writing:
            await end_turn(writing, conversation)
            if is_left(draft, newest, time.time()):  # Another tab may have been faster.
                newest += await append(writing, conversation.id, welcome)
        return newest

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
        try:
            return await self._alone(
                session.conversation_id, lambda: self._counted(session, incoming, ip)
            )
        except LeaseLost:
            return Answer([unavailable(self._directory)], retry=True)

    async def _alone[T](self, conversation_id: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do work that takes the conversation's lease, again after each LeaseLost.

        Raises:
            LeaseLost: for longer than the lease of a process that has died.
        """
        async with self._lock(conversation_id):
            until = time.monotonic() + self._lease_seconds + 1
            while True:
                try:
                    return await work()
                except LeaseLost:
                    if time.monotonic() > until:
                        raise
                await asyncio.sleep(LEASE_POLL)

    async def _counted(self, session: Session, incoming: Incoming, ip: str) -> Answer:
        """Answer a message as one of the turns under way.

        One that has waited for its conversation's turn takes the place of that.
        """
        with self.turns.one():
            return await self._post(session, incoming, ip)

    async def _leased(
        self, writing: AsyncSession, session: Session, page_facts: str = ""
    ) -> OpenConversation:
        """Take the lease on the session's conversation; its sender is new, or Rasa is in step.

        The facts wait in the row for the submission; the draft that each turn ends with has none.
        """
        sender, server = self._in_step.get(session.conversation_id or "", ("", 0))
        if server != self._rasa.server_of(session.conversation_id or ""):
            sender = ""
        taken = await take_lease(writing, session, sender, time.time(), self._lease_seconds)
        draft = {name: value for name, value in taken.draft.items() if name != PAGE_FACTS}
        is_asked = draft.get("step") == "confirmation"
        given = draft | ({PAGE_FACTS: page_facts} if page_facts and is_asked else {})
        if given != taken.draft:  # A process that died may have left those of its turn.
            await update_leased(writing, taken, draft=given)
        return replace(taken, draft=draft)

    async def _post(self, session: Session, incoming: Incoming, ip: str) -> Answer:
        async with self._database.write(is_synced=False) as writing:
            conversation = await self._leased(writing, session, incoming.page_facts)
            language = listen(conversation.draft, None).language
            known, newest = await exchange(writing, conversation.id, incoming.id)
            if known and known[0].author != "citizen":
                raise InvalidInput("bad_request")
            answers = known[1:] or (known and taken_meanwhile(known[0], newest))
            if answers:
                await writing.rollback()
                return Answer(answers, language=language)
            if known:
                # It was stored without an answer: what was said then counts, not what comes now.
                incoming, said = repeated(incoming, known[0], newest), None
            else:
                said = accepted(incoming, newest)
                incoming = replace(incoming, repeats=says_again(incoming, newest))
            if closed := self._closed():
                await writing.rollback()
                return Answer(closed, retry=True, language=language)
        if incoming.payload and incoming.payload.startswith(RATING_PAYLOAD):
            return replace(await self._rate(conversation, incoming, said), language=language)
        return await self._turn(session, conversation, incoming, said, newest, ip)

    async def _turn(
        self,
        session: Session,
        conversation: OpenConversation,
        incoming: Incoming,
        said: Message | None,
        newest: Sequence[Message] = (),
        ip: str = "",
        seconds: float | None = None,
    ) -> Answer:
        """Ask Rasa and store its answer; without one, answer that the turn failed.

        `newest` are the conversation's newest messages, as far as they were read; `seconds` what
        Rasa has instead of its timeout.

        Raises:
            LeaseLost: nothing was stored.
        """
        self._in_step.pop(conversation.id, None)
        just_said = [said] if said else []
        incoming = replace(incoming, listened=listen(conversation.draft, incoming.text))
        visitor = Visitor(session.id_hash, ip, LANGUAGE.get())
        metadata = await self._metadata.of(conversation, incoming, visitor, session.citizen)
        began, seconds = time.monotonic(), seconds or self._rasa.timeout
        first = seconds * self._rasa.first_share
        try:
            heard = await self._ask_rasa(conversation, incoming, metadata, first)
        except (RasaUnavailable, TurnFailed):
            conversation = await self._renewed(conversation)
            left = began + seconds - time.monotonic()
            try:
                heard = await self._ask_rasa(conversation, incoming, metadata, left)
            except RasaUnavailable:
                return await self._unanswered(conversation, incoming, just_said)
            except TurnFailed:
                return await self._begin_again(session, conversation, incoming, just_said)
        return await self._answered(session, conversation, incoming, just_said, newest, heard, ip)

    async def _answered(
        self,
        session: Session,
        conversation: OpenConversation,
        incoming: Incoming,
        just_said: list[Message],
        newest: Sequence[Message],
        heard: RasaAnswer,
        ip: str,
    ) -> Answer:
        """Store the citizen's message, the answers and the draft in one transaction."""
        signals = signals_of(heard.replies)
        listened = incoming.listened
        draft = next_draft(conversation.draft, signals)
        draft |= listened.kept | shown_in(conversation.draft, signals)
        directory = self._directory
        before, after = draft_from_json(conversation.draft), draft_from_json(draft)
        seen = without_gone(after, directory)
        context = await reply_context_of(
            self._database, directory, session, conversation, seen, signals, [*newest, *just_said]
        )
        turns = conversation.sender_turns + 1
        is_last = bool(signals.get("ended")) or turns >= SENDER_TURNS_MAX
        sender_id = new_id() if is_last else conversation.sender_id
        given: dict[str, Any] = {"draft": draft, "updated_at": time.time()}
        turn = Heard(incoming, before, after, signals, listened.foreign, session.citizen)
        noted = self._noted(conversation, turn)
        if noted:
            given["said"] = noted.said
        if ip:  # for the limits, which the actions check when the request is sent
            given["ip_key"] = key_of(self._secret_key, "ip", ip)
        async with self._database.write() as writing:
            await end_turn(
                writing,
                conversation,
                sender_id=sender_id,
                sender_turns=0 if is_last else turns,
                resumes=False,
                **given,
            )
            if noted:
                await keep(writing, conversation.id, noted)
            if signals.get("cancelled"):
                written = all_texts(conversation.draft)
                await redact(writing, conversation.id, written, told("chat.deleted"))
                await drop_files(writing, file_draft(session, conversation))
            hello = [welcome_in(listened.language or "")] if listened.is_new else []
            about = self._about_choice(conversation.draft, draft)
            answers = render(self._wordings.worded(heard.replies), context)
            messages = [*just_said, *hello, *about, *answers]
            stored = await append(writing, conversation.id, messages, answers=incoming.id)
        TURNS.labels("answered").inc()
        is_text = incoming.text is not None
        self._counts.note(
            TurnFacts(before, after, is_text, incoming.payload, signals, heard.replies)
        )
        self._note_in_step(conversation.id, (sender_id, heard.server))
        return Answer(stored[len(just_said) :], language=listened.language)

    def _noted(self, conversation: OpenConversation, turn: Heard) -> Noted | None:
        """Return the sentences that this turn shows to be worth a look, if any are kept."""
        if self._collector is None:
            return None
        return self._collector.note(conversation.said, turn, self._directory)

    async def _ask_rasa(
        self,
        conversation: OpenConversation,
        incoming: Incoming,
        metadata: dict[str, Any],
        seconds: float,
    ) -> RasaAnswer:
        """Return the answer of the conversation's server, or of another if that has failed."""
        return await self._rasa.send(
            self._rasa.server_of(conversation.id),
            conversation.sender_id,
            incoming.payload or as_plain_text(incoming.text or ""),
            metadata,
            seconds,
        )

    async def _unanswered(
        self, conversation: OpenConversation, incoming: Incoming, just_said: list[Message]
    ) -> Answer:
        """Store the citizen's words and say that they may be sent again."""
        said = [message for message in just_said if message.author == "citizen"]
        if said or not just_said:  # A page that resumes a conversation is no message.
            TURNS.labels("unavailable").inc()
        # Nobody can say what it was about: a cancel takes it along.
        texts = {incoming.id} if said and incoming.text else set()
        draft = with_texts(conversation.draft, texts)
        async with self._database.write() as writing:
            await end_turn(writing, conversation, draft=draft)
            if said:
                await append(writing, conversation.id, said)
        return Answer([unavailable(self._directory)], retry=True)

    async def _begin_again(
        self,
        session: Session,
        conversation: OpenConversation,
        incoming: Incoming,
        just_said: list[Message],
    ) -> Answer:
        """Say that the turn failed for good, and start a new draft with this one's texts."""
        TURNS.labels("failed").inc()
        logger.error("ALARM a turn of a conversation fails for good, its draft begins again")
        draft = begun_again(draft_from_json(conversation.draft))
        fresh = following(draft_as_json(draft), conversation.draft) | incoming.listened.kept
        answer = failed_turn(ReplyContext(self._directory, session.citizen is not None))
        async with self._database.write() as writing:
            await end_turn(
                writing,
                conversation,
                draft=fresh,
                sender_id=new_id(),
                sender_turns=0,
                resumes=False,
                updated_at=time.time(),
            )
            stored = await append(
                writing, conversation.id, [*just_said, answer], answers=incoming.id
            )
        return Answer(stored[len(just_said) :], language=incoming.listened.language)

    def _note_in_step(self, conversation_id: str, step: tuple[str, int]) -> None:
        """Note that Rasa's state matches the stored draft, so that it needs no restart."""
        if len(self._in_step) >= IN_STEP_MAX:
            self._in_step.clear()
        self._in_step[conversation_id] = step

    async def _renewed(self, conversation: OpenConversation) -> OpenConversation:
        """Give the conversation a new sender, so that Rasa restarts from the stored draft."""
        renewed = replace(conversation, sender_id=new_id(), sender_turns=0)
        async with self._database.write() as writing:
            await update_leased(writing, conversation, sender_id=renewed.sender_id, sender_turns=0)
        return renewed

    def _first(self, structure_id: str | None, session: Session) -> list[Message]:
        """Return the notices and the welcome."""
        notices = [_notice(text) for text in self._notices.texts(Kind.PAGES)]
        return [*notices, self._welcome(structure_id, session)]

    def _closed(self) -> list[StoredMessage]:
        """Return the reason why the team has closed the chat, if it has."""
        return [chat_closed(self._directory, why) for why in self._notices.texts(Kind.CHAT)[:1]]

    def _about_choice(self, before: dict[str, Any], draft: dict[str, Any]) -> list[Message]:
        """Return the notices about a structure or category that was chosen just now."""
        return [
            _notice(text)
            for kind in (Kind.CATEGORY, Kind.STRUCTURE)
            if draft.get(kind) != before.get(kind)
            for text in self._notices.texts(kind, draft.get(kind))
        ]

    def _welcome(self, structure_id: str | None, session: Session) -> Message:
        structure = self._directory.structure_by_id.get(structure_id or "")
        authenticated = session.citizen is not None
        kind = "home" if not authenticated else "booking" if structure else "portal"
        text = told(f"welcome.{kind}", structure=structure.name if structure else "")
        return Message(text, buttons=menu_buttons(ReplyContext(self._directory, authenticated)))

    async def forget(self, session: Session) -> None:
        """Delete the session's conversation, after the current turn."""
        if session.conversation_id:
            with suppress(LeaseLost):
                await self._alone(session.conversation_id, lambda: self._lease(session))
            await forget(self._database, session)

    async def _lease(self, session: Session) -> OpenConversation:
        async with self._database.write(is_synced=False) as writing:
            return await self._leased(writing, session)

    async def _give_back(self, conversation: OpenConversation) -> None:
        """End a lease that changed nothing."""
        async with self._database.write() as writing:
            await end_turn(writing, conversation)

    async def _resume(self, session: Session) -> None:
        """Continue the conversation after the login; left to the next page while Rasa is down."""
        conversation = await self._lease(session)
        if not conversation.resumes:  # Another tab has done it meanwhile.
            await self._give_back(conversation)
            return
        hello = Message(told("chat.resumed"), input={"type": ENDS_CHOICES})
        if conversation.draft.get("category") or conversation.draft.get("structure"):
            if self._rasa.is_failing:
                await self._give_back(conversation)
                return
            again = Incoming(new_id(), payload=RESUME_PAYLOAD)
            seconds = min(RESUME_SECONDS, self._rasa.timeout)
            await self._turn(session, conversation, again, hello, seconds=seconds)
            return
        newest = await history(self._database, conversation.id)
        was_used = any(message.author == "citizen" for message in newest)
        menu = menu_buttons(ReplyContext(self._directory, authenticated=True))
        async with self._database.write() as writing:
            await end_turn(writing, conversation, resumes=False)
            if was_used:
                await append(writing, conversation.id, [replace(hello, buttons=menu)])
            else:
                # An unused conversation: the welcome after login replaces the anonymous one.
                await clear(writing, conversation.id)
                welcome = self._welcome(conversation.proposed_structure, session)
                await append(writing, conversation.id, [welcome])

    async def _rate(
        self, conversation: OpenConversation, incoming: Incoming, said: Message | None
    ) -> Answer:
        stars = (incoming.payload or "").removeprefix(RATING_PAYLOAD)
        thanks = "rating_thanks" if stars.isdigit() else "rating_skipped"
        # Without the stars: the conversation belongs to a person, and ratings are anonymous.
        just_said = [replace(said, text=told("chat.rated"))] if said else []
        async with self._database.write() as writing:
            await end_turn(writing, conversation)
            if stars.isdigit():
                await add_rating(writing, stars, new_id())
            messages = [*just_said, Message(told(f"chat.{thanks}"))]
            stored = await append(writing, conversation.id, messages, answers=incoming.id)
        return Answer(stored[len(just_said) :])

    async def keep_optional(self, session: Session, answers: dict[str, str]) -> None:
        """Keep optional answers in the draft and show its summary again, without Rasa.

        Raises:
            StaleChoice: the conversation isn't at its summary any more, or has a turn under way.
        """
        try:
            await self._alone(
                session.conversation_id or "", lambda: self._keep_optional(session, answers)
            )
        except LeaseLost as error:
            raise StaleChoice("stale_choice") from error

    async def _keep_optional(self, session: Session, answers: dict[str, str]) -> None:
        conversation = await self._lease(session)
        draft = draft_from_json(conversation.draft)
        if draft.step != "confirmation":
            await self._give_back(conversation)
            raise StaleChoice("stale_choice")
        drawn = {"input": "summary"}
        kept = {KEY: answers} | shown_in(conversation.draft, drawn)
        changed = replace(conversation, draft=conversation.draft | kept)
        seen = without_gone(draft, self._directory)
        context = await reply_context_of(
            self._database, self._directory, session, changed, seen, drawn, []
        )
        given = Message(told("chat.optional_given"), author="citizen")
        summary = draw_input("summary", Message(told("chat.optional_added")), context)
        async with self._database.write() as writing:
            await end_turn(writing, conversation, draft=changed.draft)
            await append(writing, conversation.id, [given, summary], answers=given.id)

    async def end_added(self, session: Session, seal: str, number: str) -> None:
        """End the draft with this seal, added to the request with this number, and say so.

        Its text stays in the chat. A draft that is gone, has another text meanwhile or a turn under
        way goes on.
        """
        with suppress(LeaseLost, NotAuthenticated):
            await self._alone(
                session.conversation_id or "", lambda: self._end_added(session, seal, number)
            )

    async def _end_added(self, session: Session, seal: str, number: str) -> None:
        conversation = await self._lease(session)
        draft = file_draft(session, conversation)
        text = await unsent_text(self._database, session, draft.mark)
        if unsent_seal(draft.mark, text) != seal:
            await self._give_back(conversation)
            return
        listened = listen(conversation.draft, None)
        menu = menu_buttons(ReplyContext(self._directory, authenticated=True))
        async with self._database.write() as writing:
            had_files = bool(await waiting_files(writing, draft))
            said = told("chat.added_without_files" if had_files else "chat.added", number=number)
            # To a new sender Rasa begins anew, from the empty draft.
            await end_turn(
                writing,
                conversation,
                draft=new_draft() | listened.kept,
                sender_id=new_id(),
                sender_turns=0,
            )
            await drop_files(writing, draft)
            over = Message(said, buttons=menu, input={"type": ENDS_CHOICES})
            await append(writing, conversation.id, [over])

    async def change_files(
        self,
        session: Session,
        mark: str,
        change: Callable[[FileDraft], Awaitable[None]],
        late: Message | None = None,
    ) -> None:
        """Change the files of the draft with this mark, between two turns.

        The chat says `late` if the draft is gone: the summary that the file was for is, too.

        Raises:
            StaleChoice: it was sent or dropped, or a turn takes too long.
        """
        try:
            await self._alone(
                session.conversation_id or "",
                lambda: self._change_files(session, mark, change, late),
            )
        except LeaseLost as error:
            raise StaleChoice("stale_choice") from error

    async def _change_files(
        self,
        session: Session,
        mark: str,
        change: Callable[[FileDraft], Awaitable[None]],
        late: Message | None,
    ) -> None:
        conversation = await self._lease(session)
        draft = file_draft(session, conversation)
        is_gone = False
        try:
            async with self._database.read() as reading:
                ids, waiting = await ids_of(reading, draft), await waiting_files(reading, draft)
            # Files that don't wait have gone with a request whose turn isn't stored yet.
            is_gone = draft.mark != mark or len(ids) > len(waiting)
            if is_gone:
                raise StaleChoice("stale_choice")
            await change(draft)
        finally:
            async with self._database.write() as writing:
                await end_turn(writing, conversation)
                if late and is_gone:
                    await append(writing, conversation.id, [late])

    def _lock(self, conversation_id: str) -> asyncio.Lock:
        lock = self._locks.get(conversation_id)
        if lock is None:
            lock = self._locks[conversation_id] = asyncio.Lock()
        return lock


def _asks_in_another_language(messages: Sequence[Message]) -> bool:
    """Return True if the newest answer was said in another language than the visitor's."""
    answers = (message for message in reversed(messages) if message.author == "bot")
    newest = next(answers, None)
    return newest is not None and newest.language != LANGUAGE.get()


def _notice(text: str) -> Message:
    """Return the technical team's own words."""
    return Message(text, text_language=ITALIAN)
