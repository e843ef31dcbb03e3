"""The service for Rasa's actions, which know only the opaque sender id."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.prepared import Prepared
from intercup.db.tables import BrowserSession, Conversation
from intercup.domain.consent import CONSENTS
from intercup.domain.dialogue import ACCESS, NO_STRUCTURE, Draft, draft_from_json
from intercup.domain.directory import Directory
from intercup.domain.mailbox import is_mailbox
from intercup.domain.request import PAGE_FACTS, Citizen, RegisteredRequest, RequestForm, texts_of
from intercup.errors import AddressMissing, NotAuthenticated
from intercup.languages.catalogues import ITALIAN
from intercup.mail.mail_settings import MailSettings
from intercup.services.attachments.store import FileDraft
from intercup.services.chat.conversations import PROBE_SENDER, read_texts
from intercup.services.chat.hearing import SHOWN_KEY
from intercup.services.chat.lease import LeaseLost
from intercup.services.chat.optional_answers import optional_of
from intercup.services.limits import Limits, key_of_inbox
from intercup.services.login.address_proof import proved_address
from intercup.services.requests.submit import IncompleteRequest, Submission, submit_request
from intercup.services.structures.structures import Structures


class _Conversation(NamedTuple):
    """A stored conversation, as far as an action reads it."""

    id: str
    person_key: str | None
    draft: dict[str, Any]
    ip_key: str | None


class _Person(NamedTuple):
    """The citizen logged in to a session."""

    id_hash: str
    person_key: str | None
    name: str | None
    surname: str | None
    email: str | None


_ROWS, _SESSIONS = cast(Table, Conversation.__table__), cast(Table, BrowserSession.__table__)
_BY_SENDER = Prepared(
    select(*(_ROWS.c[name] for name in _Conversation._fields)).where(
        _ROWS.c.sender_id == bindparam("sender")
    )
)
_BY_CONVERSATION = Prepared(
    select(*(_SESSIONS.c[name] for name in _Person._fields)).where(
        _SESSIONS.c.conversation_id == bindparam("conversation"),
        _SESSIONS.c.person_key == bindparam("person"),
    )
)


@dataclass(frozen=True)
class KnownConversation:
    """The state of a conversation for Rasa's start or restart."""

    authenticated: bool
    draft: dict[str, Any]


class ActionService:
    """The service as the actions see it."""

    def __init__(
        self,
        database: Database,
        structures: Structures,
        mails: MailSettings,
        limits: Limits,
        secret_key: bytes,
    ) -> None:
        self._structures = structures
        self._database = database
        self._mails = mails
        self._limits = limits
        self._secret_key = secret_key

    @property
    def directory(self) -> Directory:
        """Return the directory as it is now."""
        return self._structures.directory

    async def conversation_of(self, sender_id: str) -> KnownConversation:
        """Return a sender's conversation; a probe is anonymous and has no draft.

        Raises:
            LeaseLost: the conversation has another sender now, or is deleted.
        """
        if sender_id.startswith(PROBE_SENDER):
            return KnownConversation(False, {})
        async with self._database.read() as session:
            row = await _conversation_of(session, sender_id)
        return KnownConversation(row.person_key is not None, row.draft)

    async def submit(self, sender_id: str) -> RegisteredRequest:
        """Register the request whose summary a chat shows.

        Only the stored draft counts, consents included: the citizen has seen that one.

        Raises:
            AddressMissing: the login gave no address that can be used; nothing was stored.
            NotAuthenticated: the citizen's session, or the proof of the address, has ended.
            TooMany: a limit is reached; nothing was stored.
            Unavailable: nothing was stored.
            IncompleteRequest: nothing was stored.
            LeaseLost: as in `conversation_of`; nothing was stored.
        """
        now = datetime.now(UTC)
        async with self._database.read() as session:
            conversation = await _conversation_of(session, sender_id)
            draft = draft_from_json(conversation.draft)
            if draft.step != "confirmation":
                raise IncompleteRequest({})
            if draft.category == ACCESS:
                who, came_from = await self._visitor(session, conversation, now.timestamp())
            else:
                who, came_from = await _citizen(session, conversation)
            texts = await _texts_of(session, conversation, draft)
        if who is None:
            raise NotAuthenticated("not_authenticated")
        key = conversation.draft["key"]
        shown = conversation.draft.get(SHOWN_KEY, {})
        files = FileDraft(came_from.get("session", ""), who.person_key, key)
        submission = Submission(
            key=key,
            form=_form_of(draft, texts | self._optional(conversation.draft)),
            citizen=who,
            source="chat",
            conversation_id=conversation.id,
            sender_id=sender_id,
            came_from=came_from,
            draft=None if draft.category == ACCESS else files,
            language=shown.get("summary", ITALIAN),
            shown_in={each.id: shown.get(each.id, ITALIAN) for each in CONSENTS},
        )
        return await submit_request(
            self._database, self.directory, submission, self._mails, now, self._limits
        )

    def _optional(self, draft: Mapping[str, Any]) -> dict[str, str]:
        return optional_of(draft, self.directory) | {PAGE_FACTS: draft.get(PAGE_FACTS, "")}

    async def _visitor(
        self, session: AsyncSession, conversation: _Conversation, now: float
    ) -> tuple[Citizen | None, dict[str, str]]:
        """Return the citizen by the address proved before login, and its mailbox."""
        proof = await proved_address(session, conversation.id, now)
        if proof is None:
            return None, {}
        came_from = {"address": key_of_inbox(self._secret_key, proof.email)}
        return Citizen(proof.person_key, "", "", proof.email), came_from


async def _conversation_of(session: AsyncSession, sender_id: str) -> _Conversation:
    found = await _BY_SENDER.row(session, {"sender": sender_id})
    if found is None:
        raise LeaseLost
    return _Conversation(*found)


async def _texts_of(
    session: AsyncSession, conversation: _Conversation, draft: Draft
) -> dict[str, str]:
    """Return the citizen's texts by field, a line for each message."""
    written = await read_texts(session, conversation.id, draft.texts)
    return {
        name: "\n".join(written[id_] for id_ in ids.split() if id_ in written)
        for name, ids in texts_of(draft).items()
    }


async def _citizen(
    session: AsyncSession, conversation: _Conversation
) -> tuple[Citizen | None, dict[str, str]]:
    """Return the citizen logged in to the conversation, and the keys of session and IP address."""
    of = {"conversation": conversation.id, "person": conversation.person_key}
    found = await _BY_CONVERSATION.row(session, of)
    who = _Person(*found) if found else None
    if who is None or not (who.person_key and who.name and who.surname):
        return None, {}
    if not is_mailbox(who.email or ""):
        raise AddressMissing("email_unusable")
    came_from = {"session": who.id_hash} | (
        {"ip": conversation.ip_key} if conversation.ip_key else {}
    )
    return Citizen(who.person_key, who.name, who.surname, who.email or ""), came_from


def _form_of(draft: Draft, texts: dict[str, str]) -> RequestForm:
    given = {"privacy": draft.privacy, "regulation": draft.regulation}
    return RequestForm(
        category=draft.category,
        structure=None if draft.structure == NO_STRUCTURE else draft.structure,
        consents={id_: version for id_, version in given.items() if version},
        **texts,
    )
