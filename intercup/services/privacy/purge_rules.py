"""Deletion rules, one for each kind of data."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from intercup.db.tables import (
    AddressProof,
    Attachment,
    AttachmentContent,
    Base,
    BounceReport,
    BrowserSession,
    Conversation,
    Delivery,
    DeskEvent,
    KeptSentence,
    MailboxChange,
    Model,
    PendingLogin,
    QuestionRefusal,
    Rating,
    Request,
    SpidExchange,
    StaffSession,
    StructureVersion,
    Training,
    Use,
    Wording,
)
from intercup.domain.delivery import FINAL, NOT_SENT
from intercup.domain.italian_time import ROME
from intercup.domain.versions import RELEASED
from intercup.services.figures.counting import add_figures, month_of
from intercup.services.figures.reading import request_counts
from intercup.services.login.session_expiry import ABSOLUTE_LIMIT, IDLE_LIMIT
from intercup.services.models.store import outlived
from intercup.services.models.training import ACTIVE
from intercup.services.privacy.retention import (
    ADDRESS_PROOF,
    BOUNCE_REPORT,
    CODE_MAIL,
    LIMITED_USE,
    MAILBOX_CHANGE,
    PENDING_LOGIN,
    TRAINING,
    kept,
)
from intercup.services.staff.sessions import session_ended as staff_session_ended
from intercup.services.structures.fields import OF_CENTRAL, OFFICES
from intercup.services.tuning.collection import cut_loose

FILES_AT_ONCE = 4  # contents of some megabytes each, overwritten while others wait to write

type Work = Callable[[AsyncSession, list[Any]], Awaitable[None]]

_ADD_TO_COUNT = text(
    "INSERT INTO monthly_counts (month, category, structure, requests)"
    " VALUES (:month, :category, :structure, 1)"
    " ON CONFLICT (month, category, structure)"
    " DO UPDATE SET requests = monthly_counts.requests + 1"
)


@dataclass(frozen=True)
class Rule:
    """A condition for rows due at a moment, and the action on their keys."""

    name: str  # as `intercup purge` shows it
    key: Any
    due: Callable[[float], ColumnElement[bool]]
    work: Work
    batch: int = 200  # rows a transaction


def _deleted(key: Any) -> Work:
    async def work(session: AsyncSession, keys: list[Any]) -> None:
        await session.execute(delete(key.class_).where(key.in_(keys)))

    return work


def _before(column: Any, now: float, age: timedelta) -> ColumnElement[bool]:
    return column < now - age.total_seconds()  # type: ignore[no-any-return]


def _session_ended(now: float) -> ColumnElement[bool]:
    return or_(
        BrowserSession.created_at < now - ABSOLUTE_LIMIT,
        and_(
            BrowserSession.person_key.is_not(None),
            BrowserSession.seen_at < now - IDLE_LIMIT,
        ),
    )


async def _end_sessions(session: AsyncSession, keys: list[Any]) -> None:
    """Delete sessions; their conversations end at the session's last use."""
    rows = await session.execute(
        delete(BrowserSession)
        .where(BrowserSession.id_hash.in_(keys))
        .returning(BrowserSession.conversation_id, BrowserSession.seen_at)
    )
    for conversation_id, seen_at in rows.all():
        await session.execute(
            update(Conversation)
            .where(Conversation.id == conversation_id, Conversation.ended_at.is_(None))
            .values(ended_at=seen_at)
        )


def _conversation_ended(now: float) -> ColumnElement[bool]:
    has_session = exists().where(BrowserSession.conversation_id == Conversation.id)
    # A conversation that lost its session to another person's login ended with its last turn.
    last_use = func.coalesce(Conversation.ended_at, Conversation.updated_at)
    return and_(~has_session, _before(last_use, now, kept().conversation))


async def _delete_conversations(session: AsyncSession, keys: list[Any]) -> None:
    """Delete conversations with messages and proofs; requests and sentences stay, unlinked."""
    await cut_loose(session, keys)
    await session.execute(
        update(Request).where(Request.conversation_id.in_(keys)).values(conversation_id=None)
    )
    await session.execute(delete(Conversation).where(Conversation.id.in_(keys)))


def _proof_ended(now: float) -> ColumnElement[bool]:
    last_use = func.coalesce(AddressProof.proved_at, AddressProof.expires_at)
    return _before(last_use, now, ADDRESS_PROOF)


def _body_ended(now: float) -> ColumnElement[bool]:
    """Choose bodies of sent mails and of undeliverable copies, never of mails still due."""
    final = Delivery.state.in_(FINAL)
    # created_at precedes sent_at, so its index serves both conditions.
    return and_(
        _before(Delivery.created_at, now, kept().mail_body),
        _before(func.coalesce(Delivery.sent_at, Delivery.created_at), now, kept().mail_body),
        final,
        Delivery.raw != b"",
    )


async def _empty_bodies(session: AsyncSession, keys: list[Any]) -> None:
    await session.execute(update(Delivery).where(Delivery.id.in_(keys)).values(raw=b""))


def _file_ended(_: float) -> ColumnElement[bool]:
    """Choose files of requests whose mails have no body any more."""
    has_body = exists().where(
        Delivery.request_number == Attachment.request_number, Delivery.raw != b""
    )
    without = select(Attachment.id).where(Attachment.request_number.is_not(None), ~has_body)
    return AttachmentContent.attachment_id.in_(without)


def _unsent_file_ended(now: float) -> ColumnElement[bool]:
    ended = select(BrowserSession.id_hash).where(_session_ended(now))
    return Attachment.session_hash.in_(ended)


def _code_ended(now: float) -> ColumnElement[bool]:
    return and_(
        _before(Delivery.created_at, now, CODE_MAIL),
        Delivery.role.in_(("code", "alarm", "mailbox")),
    )


def _register_ended(now: float) -> ColumnElement[bool]:
    """Choose old requests, except those with a mail that worker or team must still send."""
    not_sent = exists().where(
        Delivery.request_number == Request.number, Delivery.state.in_(NOT_SENT)
    )
    return and_(_before(Request.created_at, now, kept().register), ~not_sent)


async def _count_requests(session: AsyncSession, keys: list[Any]) -> None:
    """Delete requests, with consents and mails, and add them to the counts of their months."""
    months: dict[str, list[str]] = {}
    chosen = select(Request.number, Request.created_at).where(Request.number.in_(keys))
    for number, created_at in await session.execute(chosen):
        months.setdefault(month_of(created_at), []).append(number)
    for month, numbers in sorted(months.items()):
        counts = await request_counts(session, Request.number.in_(numbers))
        # Categories and structures have the counts below.
        figures = {
            (month, kind, cell): count
            for (kind, cell), count in counts.items()
            if kind not in ("category", "structure")
        }
        await add_figures(session, figures)
    rows = await session.execute(
        delete(Request)
        .where(Request.number.in_(keys))
        .returning(Request.created_at, Request.category, Request.structure)
    )
    for created_at, category, structure in rows.all():
        month = month_of(created_at)
        values = {"month": month, "category": category, "structure": structure or ""}
        await session.execute(_ADD_TO_COUNT, values)


def _refusal_ended(now: float) -> ColumnElement[bool]:
    """Choose old wishes not to be asked, of persons without a request."""
    has_request = exists().where(Request.person_key == QuestionRefusal.person_key)
    return and_(_before(QuestionRefusal.refused_at, now, kept().register), ~has_request)


def _details_ended(now: float) -> ColumnElement[bool]:
    last = datetime.fromtimestamp(now, UTC) - kept().ratings
    return and_(Rating.day < f"{last:%Y-%m-%d}", Rating.details != "")


async def _empty_details(session: AsyncSession, keys: list[Any]) -> None:
    await session.execute(update(Rating).where(Rating.id.in_(keys)).values(details=""))


def pending_login_ended(now: float) -> ColumnElement[bool]:
    """Choose logins too old for an answer; each new login deletes them too."""
    return _before(PendingLogin.issue_instant, now, PENDING_LOGIN)


def _without_names(table: type[Base], *names: str) -> Work:
    """Return the work that empties the names of versions, which stay."""

    async def empty(session: AsyncSession, keys: list[Any]) -> None:
        chosen = update(table).where(table.id.in_(keys))  # type: ignore[attr-defined]
        await session.execute(chosen.values(dict.fromkeys(names, "")))

    return empty


def _mailbox_superseded(now: float) -> ColumnElement[bool]:
    """Return the condition of a mailbox that isn't in use; it may be a person's."""
    later = aliased(StructureVersion)
    is_mailbox = or_(
        *(StructureVersion.field.endswith(f"/{name}") for name in (*OFFICES, *OF_CENTRAL))
    )
    newer = exists().where(later.field == StructureVersion.field, later.id > StructureVersion.id)
    return and_(_before(StructureVersion.at, now, kept().desk_log), is_mailbox, newer)


def _sentence_ended(now: float) -> ColumnElement[bool]:
    return KeptSentence.until < f"{datetime.fromtimestamp(now, ROME):%Y-%m-%d}"


SPID_RULE = Rule(
    "accessi SPID",
    SpidExchange.request_id,
    lambda now: _before(SpidExchange.answered_at, now, kept().spid_register),
    _deleted(SpidExchange.request_id),
)
RULES = (
    Rule(
        "allegati non inviati",
        Attachment.id,
        _unsent_file_ended,
        _deleted(Attachment.id),
        FILES_AT_ONCE,
    ),
    Rule("sessioni", BrowserSession.id_hash, _session_ended, _end_sessions),
    Rule("conversazioni", Conversation.id, _conversation_ended, _delete_conversations),
    Rule(
        "indirizzi verificati",
        AddressProof.subject,
        _proof_ended,
        _deleted(AddressProof.subject),
    ),
    Rule("testi delle e-mail", Delivery.id, _body_ended, _empty_bodies),
    Rule(
        "allegati",
        AttachmentContent.attachment_id,
        _file_ended,
        _deleted(AttachmentContent.attachment_id),
        FILES_AT_ONCE,
    ),
    Rule("e-mail con un codice", Delivery.id, _code_ended, _deleted(Delivery.id)),
    Rule("richieste", Request.number, _register_ended, _count_requests),
    Rule(
        "rinunce alla domanda sulla risposta",
        QuestionRefusal.person_key,
        _refusal_ended,
        _deleted(QuestionRefusal.person_key),
    ),
    Rule("frasi", KeptSentence.id, _sentence_ended, _deleted(KeptSentence.id)),
    Rule(
        "addestramenti",
        Training.id,
        lambda now: and_(_before(Training.asked_at, now, TRAINING), Training.state.not_in(ACTIVE)),
        _deleted(Training.id),
    ),
    Rule("modelli", Model.sha256, outlived, _deleted(Model.sha256), FILES_AT_ONCE),
    Rule("parole delle valutazioni", Rating.id, _details_ended, _empty_details),
    SPID_RULE,
    Rule(
        "accessi non completati",
        PendingLogin.relay_state,
        pending_login_ended,
        _deleted(PendingLogin.relay_state),
    ),
    Rule(
        "contatori dei limiti",
        Use.id,
        lambda now: _before(Use.used_at, now, LIMITED_USE),
        _deleted(Use.id),
    ),
    Rule(
        "rapporti di consegna letti",
        BounceReport.sha256,
        lambda now: _before(BounceReport.seen_at, now, BOUNCE_REPORT),
        _deleted(BounceReport.sha256),
    ),
    Rule(
        "sessioni del presidio",
        StaffSession.id_hash,
        staff_session_ended,
        _deleted(StaffSession.id_hash),
    ),
    Rule(
        "registro del presidio",
        DeskEvent.id,
        lambda now: _before(DeskEvent.at, now, kept().desk_log),
        _deleted(DeskEvent.id),
    ),
    Rule(
        "nomi nella storia delle risposte",
        Wording.id,
        # The name of no person says that a release took the version over.
        lambda now: and_(
            _before(Wording.at, now, kept().desk_log), Wording.who.not_in(("", RELEASED))
        ),
        _without_names(Wording, "who"),
    ),
    Rule(
        "nomi nella storia delle strutture",
        StructureVersion.id,
        lambda now: and_(
            _before(StructureVersion.at, now, kept().desk_log),
            StructureVersion.who.not_in(("", RELEASED)),
        ),
        _without_names(StructureVersion, "who", "confirmed_by"),
    ),
    Rule(
        "caselle superate nella storia delle strutture",
        StructureVersion.id,
        _mailbox_superseded,
        _deleted(StructureVersion.id),
    ),
    Rule(
        "cambi di casella non confermati",
        MailboxChange.id,
        lambda now: _before(MailboxChange.at, now, MAILBOX_CHANGE),
        _deleted(MailboxChange.id),
    ),
)
