"""The context for rendering a reply."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from intercup.db.engine import Database
from intercup.db.tables import Request
from intercup.domain.dialogue import NO_STRUCTURE, Draft, draft_as_json
from intercup.domain.directory import Directory
from intercup.services.chat.conversations import (
    Message,
    OpenConversation,
    file_draft,
    read_texts,
)
from intercup.services.chat.optional_answers import optional_of
from intercup.services.login.address_proof import proved_address
from intercup.services.login.sessions import Session
from intercup.services.requests.lookup import RequestWithState, requests_where

LISTED = 5  # requests
INPUTS_WITH_TEXT = ("summary", "description", "mail")


@dataclass(frozen=True)
class ReplyContext:
    """The part of a conversation's state that a reply shows; `texts` are the citizen's, by id."""

    directory: Directory
    authenticated: bool
    email: str | None = None
    draft: Draft = field(default_factory=Draft)
    texts: Mapping[str, str] = field(default_factory=dict)
    requests: tuple[RequestWithState, ...] = ()
    again: bool = False  # the text was too short
    optional: Mapping[str, str] = field(default_factory=dict)  # answers, by field
    draft_mark: str = ""  # names the draft in the browser
    page_structure: str | None = None

    @property
    def written(self) -> str:
        """The citizen's unsent text."""
        return self.text_of(self.draft.description or self.draft.first_message)

    def text_of(self, message_ids: str | None) -> str:
        """Return the citizen's texts with these ids, a line each."""
        ids = (message_ids or "").split()
        return "\n".join(self.texts[id_] for id_ in ids if id_ in self.texts)


async def reply_context_of(
    database: Database,
    directory: Directory,
    session: Session,
    conversation: OpenConversation,
    draft: Draft,
    signals: Mapping[str, Any],
    known: Sequence[Message],
) -> ReplyContext:
    """Collect only the context that the reply with these signals needs.

    `known` are messages of the conversation that needn't be read, and the unstored one.
    """
    citizen = session.citizen
    email = citizen.email if citizen else None
    texts = {message.id: message.text for message in known}
    requests: list[RequestWithState] = []
    receipt = signals.get("show") == "receipt"  # The draft is already the next one.
    shows_texts = signals.get("input") in INPUTS_WITH_TEXT or signals.get("links")
    unknown = draft.texts - texts.keys() if shows_texts else None
    if unknown:
        async with database.read() as reading:
            texts |= await read_texts(reading, conversation.id, unknown)
    if draft.address or (receipt and conversation.draft.get("address")):
        async with database.read() as reading:
            proof = await proved_address(reading, conversation.id, time.time())
        email = proof.email if proof else email
    here = Request.conversation_id == conversation.id
    own = Request.person_key == citizen.person_key if citizen else None
    if receipt:
        requests = await requests_where(database, here, 1)
    elif signals.get("earlier") and own is not None:
        # On a shared computer the conversation may have another person's.
        requests = await requests_where(database, and_(here, own, _may_be_meant(draft)), 1)
    elif signals.get("show") == "requests":
        # Before login the person is unknown: only requests from this conversation.
        requests = await requests_where(database, here if own is None else own, LISTED)
    optional = optional_of(conversation.draft | draft_as_json(draft), directory)
    return ReplyContext(
        directory,
        citizen is not None,
        email,
        draft,
        texts,
        tuple(requests),
        "again" in signals,
        optional,
        file_draft(session, conversation).mark,
        conversation.proposed_structure,
    )


def _may_be_meant(draft: Draft) -> ColumnElement[bool]:
    """Choose requests of the draft's category that are about no other structure than the draft."""
    same = Request.category == draft.category
    if draft.structure in (None, NO_STRUCTURE):
        return same
    return and_(same, or_(Request.structure == draft.structure, Request.structure.is_(None)))
