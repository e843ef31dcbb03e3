"""A test citizen's talk in `rasa shell`: what the gateway does for a browser's chat, in the demo.

Rasa's terminal sends neither metadata nor drafts to a database, so here the texts are stored,
each message gets its metadata, and the draft of a reply is stored when the next message comes.
"""

import time
from dataclasses import dataclass, field, replace
from typing import Any

from rasa_sdk.executor import ActionExecutor

from intercup.db.engine import Database
from intercup.domain.normalise import normalise
from intercup.domain.request import Citizen
from intercup.services.chat.conversations import (
    Message,
    OpenConversation,
    append,
    current_conversation,
    find_conversation,
)
from intercup.services.chat.incoming import Incoming
from intercup.services.chat.lease import LeaseLost, update_leased
from intercup.services.chat.metadata import MessageMetadata
from intercup.services.chat.render import signals_of
from intercup.services.chat.stored_drafts import next_draft
from intercup.services.login.address_proof import AddressProofs, Visitor
from intercup.services.login.sessions import Session, find_session, log_in
from intercup.services.structures.structures import Structures
from intercup.settings import Settings

PAGE = "/assistenza"


@dataclass(frozen=True)
class ShellCitizen:
    """A logged-in test citizen with an open conversation, whose id for Rasa is `sender_id`."""

    session: Session
    sender_id: str


async def begin_talk(database: Database, citizen: Citizen) -> ShellCitizen:
    """Log a test citizen in and open a conversation."""
    cookie = await log_in(database, None, citizen, time.time())
    session = await find_session(database, cookie, time.time())
    assert session is not None  # noqa: S101 - narrows the type; it has just begun.
    conversation = await current_conversation(database, session, PAGE, None, [])
    return ShellCitizen(replace(session, conversation_id=conversation.id), conversation.sender_id)


@dataclass
class ShellTalk:
    """The turns of one conversation. `heard` are the metadata by Rasa's id of the message."""

    database: Database
    session: Session
    heard: dict[str, dict[str, Any]] = field(default_factory=dict)
    signals: dict[str, Any] = field(default_factory=dict)

    async def conversation(self) -> OpenConversation:
        """Return the conversation as stored.

        Raises:
            LeaseLost: it is deleted.
        """
        async with self.database.read() as reading:
            found = await find_conversation(reading, self.session)
        if found is None:
            raise LeaseLost
        return found

    async def hear(self, tracker: dict[str, Any], metadata: MessageMetadata) -> None:
        """Give the tracker's messages their metadata; store the newest one if it is new."""
        said = [event for event in tracker["events"] if event["event"] == "user"]
        if said and (newest := said[-1])["message_id"] not in self.heard:
            await self._take(newest["message_id"], newest.get("text") or "", metadata)
        for event in said:
            event["metadata"] = self.heard.get(event["message_id"], {})
        if said:
            tracker["latest_message"]["metadata"] = said[-1]["metadata"]

    async def _take(self, id_: str, text: str, metadata: MessageMetadata) -> None:
        conversation = await self._with_draft_of_last_reply()
        is_button = text.startswith("/")
        incoming = Incoming(id_, payload=text) if is_button else Incoming(id_, text=text)
        visitor = Visitor(self.session.id_hash, "")
        given = await metadata.of(conversation, incoming, visitor, self.session.citizen)
        async with self.database.write() as writing:
            await update_leased(writing, conversation, updated_at=time.time())
            message = Message(normalise(text), author="citizen", id=id_)
            await append(writing, conversation.id, [message])
        self.heard[id_] = given

    async def _with_draft_of_last_reply(self) -> OpenConversation:
        """Store the draft that the citizen has seen; what is sent is made of that one."""
        conversation = await self.conversation()
        signals, self.signals = self.signals, {}
        draft = next_draft(conversation.draft, signals)
        async with self.database.write() as writing:
            await update_leased(writing, conversation, draft=draft, updated_at=time.time())
        return await self.conversation()

    def said(self, responses: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Keep the signals of an action's responses; return those for the terminal."""
        self.signals |= signals_of(responses)
        return [each for each in responses if "draft" not in (each.get("custom") or {})]


class ShellExecutor(ActionExecutor):  # type: ignore[misc]
    """Runs actions for a test citizen's conversation; for every other one as always."""

    def __init__(
        self,
        citizen: ShellCitizen,
        database: Database,
        structures: Structures,
        settings: Settings,
    ) -> None:
        super().__init__()
        self._sender_id = citizen.sender_id
        proofs = AddressProofs(database, settings.secret_key, settings.mails)
        self._metadata = MessageMetadata(structures, proofs)
        self._talk = ShellTalk(database, citizen.session)

    async def run(self, action_call: dict[str, Any], *more: Any, **others: Any) -> Any:
        """Run an action; see the base class."""
        if action_call["tracker"]["sender_id"] != self._sender_id:
            return await super().run(action_call, *more, **others)
        await self._talk.hear(action_call["tracker"], self._metadata)
        result = await super().run(action_call, *more, **others)
        if result:
            result.responses = self._talk.said(result.responses)
        return result
