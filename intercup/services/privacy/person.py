"""Data of one person: search and erasure (docs/adr/0014)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.tables import (
    Addition,
    AddressProof,
    AnswerQuestion,
    Attachment,
    BrowserSession,
    ChatMessage,
    Consent,
    Conversation,
    Delivery,
    DeskEvent,
    Forward,
    ForwardLink,
    KeptSentence,
    OfficeMark,
    PecReceipt,
    QuestionRefusal,
    Request,
    StaffMember,
    StaffSession,
    Use,
)
from intercup.domain.delivery import NOT_SENT, DeliveryState, check_transition
from intercup.domain.request import REQUEST_FIELDS
from intercup.services.ids import person_key
from intercup.services.limits import key_of, key_of_inbox

ERASED = "erased"


@dataclass(frozen=True)
class Wanted:
    """The wanted person, by fiscal number, or by an address proved or given by a provider."""

    secret_key: bytes
    fiscal_number: str | None = None
    email: str | None = None

    @property
    def key(self) -> str:
        """The key stored in place of the identity; before login it is derived from the address."""
        if self.fiscal_number:
            return person_key(self.secret_key, self.fiscal_number)
        return key_of(self.secret_key, "address", self.email or "")

    @property
    def in_clear(self) -> str:
        """The value that names the person in the opened SPID register."""
        return self.fiscal_number or self.email or ""


@dataclass(frozen=True)
class Found:
    """The rows about a person, without the sealed register."""

    requests: Sequence[Request]
    consents: Sequence[Consent]
    deliveries: Sequence[Delivery]
    receipts: Sequence[PecReceipt]
    forwards: Sequence[Forward]
    marks: Sequence[OfficeMark]
    additions: Sequence[Addition]
    attachments: Sequence[Attachment]
    questions: Sequence[AnswerQuestion]
    refusals: Sequence[QuestionRefusal]
    sessions: Sequence[BrowserSession]
    conversations: Sequence[Conversation]
    messages: Sequence[ChatMessage]
    sentences: Sequence[KeptSentence]
    proofs: Sequence[AddressProof]
    uses: Sequence[Use]
    # Those of a member of the team stay: the log is the administration's proof of access.
    staff: Sequence[StaffMember]
    desk_sessions: Sequence[StaffSession]
    desk_events: Sequence[DeskEvent]

    @property
    def not_sent(self) -> int:
        """The number of unsent request mails, held ones included."""
        return sum(d.role != "code" and d.state in NOT_SENT for d in self.deliveries)

    def counts(self) -> dict[str, int]:
        """Return the number of rows by field name."""
        return {name: len(rows) for name, rows in vars(self).items()}


async def find(session: AsyncSession, wanted: Wanted) -> Found:
    """Find a person's rows in every table."""

    def is_theirs(table: type[Request | BrowserSession | AddressProof]) -> ColumnElement[bool]:
        same_key = table.person_key == wanted.key
        if wanted.email is None:
            return same_key
        return or_(same_key, func.lower(table.email) == wanted.email.lower())

    requests = await _all(session, Request, is_theirs(Request))
    sessions = await _all(session, BrowserSession, is_theirs(BrowserSession))
    # An unproved address doesn't show whose conversation it is.
    is_proved = AddressProof.proved_at.is_not(None)
    proved = await _all(session, AddressProof, is_theirs(AddressProof) & is_proved)
    conversation_ids = [row.conversation_id for row in requests] + [
        row.conversation_id for row in sessions
    ]
    conversation_ids += [row.conversation_id for row in proved]
    is_conversation = or_(
        Conversation.person_key == wanted.key, Conversation.id.in_(filter(None, conversation_ids))
    )
    conversations = await _all(session, Conversation, is_conversation)
    ids = [row.id for row in conversations]
    of_chats = AddressProof.conversation_id.in_(ids)
    of_sessions = AddressProof.session_hash.in_([row.id_hash for row in sessions])
    proofs = await _all(session, AddressProof, or_(is_theirs(AddressProof), of_chats, of_sessions))
    numbers = [row.number for row in requests]
    emails = {(wanted.email or "").lower(), *(row.email.lower() for row in requests)}
    emails |= {(row.email or "").lower() for row in sessions}
    emails |= {row.email.lower() for row in proved}
    emails.discard("")
    # Uses are counted by address, and after login by person and session.
    keys = {wanted.key, *(row.person_key for row in requests)}
    keys |= {row.person_key for row in sessions if row.person_key}
    keys |= {key_of_inbox(wanted.secret_key, email) for email in emails}
    keys |= {row.id_hash for row in sessions} | {*numbers}
    codes = (Delivery.role == "code") & func.lower(Delivery.recipient).in_(emails)
    staff = await _all(session, StaffMember, StaffMember.person_key.in_(keys))
    names = [row.name for row in staff]
    of_member = StaffSession.person_key.in_([row.person_key for row in staff])
    deliveries = await _all(session, Delivery, or_(Delivery.request_number.in_(numbers), codes))
    of_mails = PecReceipt.delivery_id.in_([row.id for row in deliveries])
    return Found(
        requests=requests,
        consents=await _all(session, Consent, Consent.request_number.in_(numbers)),
        deliveries=deliveries,
        receipts=await _all(session, PecReceipt, of_mails),
        forwards=await _all(session, Forward, Forward.request_number.in_(numbers)),
        marks=await _all(session, OfficeMark, OfficeMark.request_number.in_(numbers)),
        additions=await _all(session, Addition, Addition.request_number.in_(numbers)),
        attachments=await _all(
            session,
            Attachment,
            or_(
                Attachment.request_number.in_(numbers),
                Attachment.session_hash.in_([row.id_hash for row in sessions]),
            ),
        ),
        questions=await _all(session, AnswerQuestion, AnswerQuestion.request_number.in_(numbers)),
        refusals=await _all(session, QuestionRefusal, QuestionRefusal.person_key.in_(keys)),
        sessions=sessions,
        conversations=conversations,
        messages=await _all(session, ChatMessage, ChatMessage.conversation_id.in_(ids)),
        sentences=await _all(session, KeptSentence, KeptSentence.conversation_id.in_(ids)),
        proofs=proofs,
        uses=await _all(session, Use, Use.who.in_(keys)),
        staff=staff,
        desk_sessions=await _all(session, StaffSession, of_member),
        desk_events=await _all(session, DeskEvent, DeskEvent.who.in_(names)),
    )


async def _all[Row](
    session: AsyncSession, table: type[Row], condition: ColumnElement[bool]
) -> Sequence[Row]:
    return (await session.scalars(select(table).where(condition))).all()


async def erase(session: AsyncSession, found: Found) -> None:
    """Delete a person's rows; requests keep number, dates, kind and consents, anonymously.

    A member of the team stays one, and so does what the desk's log says until its time is over.
    """
    for request in found.requests:
        request.person_key = request.name = request.surname = request.email = ""
        request.conversation_id = request.protocol_number = request.protocol_day = None
        for name in REQUEST_FIELDS:
            setattr(request, name, "")
        request.submission_key = request.number  # unique, and derived from nothing
    numbers = [row.number for row in found.requests]
    await session.execute(
        update(Consent).where(Consent.request_number.in_(numbers)).values(conversation_id=None)
    )
    await session.execute(delete(ForwardLink).where(ForwardLink.request_number.in_(numbers)))
    await session.execute(
        delete(Attachment).where(Attachment.id.in_([row.id for row in found.attachments]))
    )
    for row in (*found.questions, *found.refusals):
        await session.delete(row)
    for forward in found.forwards:
        forward.note = ""
    for addition in found.additions:
        addition.text = addition.form_key = ""
    for delivery in found.deliveries:
        if delivery.role == "code":
            await session.delete(delivery)
        else:
            _empty(delivery)
    await session.flush()
    await session.execute(
        delete(BrowserSession).where(
            BrowserSession.id_hash.in_([row.id_hash for row in found.sessions])
        )
    )
    for proof in found.proofs:
        await session.delete(proof)
    await session.flush()
    ids = [row.id for row in found.conversations]
    await session.execute(
        update(BrowserSession)
        .where(BrowserSession.conversation_id.in_(ids))
        .values(conversation_id=None)
    )
    # With their messages and the sentences kept from them.
    await session.execute(delete(Conversation).where(Conversation.id.in_(ids)))
    await session.execute(delete(Use).where(Use.id.in_([row.id for row in found.uses])))


def _empty(delivery: Delivery) -> None:
    """Empty a mail except office and state; an unsent one will never be sent."""
    delivery.raw = b""
    if delivery.role != "office":
        delivery.recipient = f"{ERASED}:{delivery.id}"
    if delivery.state in NOT_SENT:
        check_transition([delivery.state], DeliveryState.FAILED)
        delivery.state, delivery.last_error = DeliveryState.FAILED, ERASED
        delivery.lease_owner = delivery.lease_until = None
