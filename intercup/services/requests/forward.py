"""Forward a request to the competent office by the link in a mail. Source: brief §2.3."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil

from cryptography.fernet import InvalidToken
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import Consent, Delivery, Forward, ForwardLink, Request
from intercup.domain.attachment import FileKind, StoredFile, mail_name
from intercup.domain.consent import ConsentText
from intercup.domain.directory import Directory, Office
from intercup.domain.forwarding import (
    HOPS_MAX,
    ForwardForm,
    Hop,
    destination_of,
    had_it_before,
    problems_of_forward,
)
from intercup.domain.italian_time import italian_day
from intercup.domain.normalise import normalise
from intercup.errors import Gone, Incomplete, NotForwardable, TooMany
from intercup.mail.compose import FilesWay, RequestMail, message_id_of
from intercup.mail.compose_forward import ForwardMail, compose_forward
from intercup.mail.mail_settings import MailSettings
from intercup.services.attachments.store import contents_of
from intercup.services.chat.conversations import add_event
from intercup.services.delivery.outbox import OfficeMail, queue_mail
from intercup.services.ids import hash_of
from intercup.services.limits import LINK_LIMITS, take
from intercup.services.requests.forward_links import add_link, find_link
from intercup.services.requests.lookup import RequestWithState, read_requests
from intercup.services.requests.submit import mail_about, with_files
from intercup.services.tuning.sentence_seal import SentenceSeal

logger = logging.getLogger(__name__)


class IncompleteForward(Incomplete):
    """A form that names no office."""


@dataclass(frozen=True)
class LinkedRequest:
    """A request as seen by the office whose mail, at a hop, contains the link.

    `read_by` are the addresses of the offices that have had it; `files` those that this office's
    mail didn't hold, as long as they are kept.
    """

    entry: RequestWithState
    hop: int
    read_by: frozenset[str]
    files: tuple[StoredFile, ...] = ()

    @property
    def office_name(self) -> str:
        hops = self.entry.hops[: self.hop]
        return hops[-1].to_office if hops else self.entry.request.office_name

    @property
    def forwarded(self) -> Hop | None:
        """The hop by which this office, from any of its addresses, has already forwarded it."""
        return self.entry.hops[self.hop] if len(self.entry.hops) > self.hop else None

    @property
    def is_last_office(self) -> bool:
        return self.hop >= HOPS_MAX

    def had_by(self, office: Office) -> bool:
        """Return True if the office has had the request."""
        names = {self.entry.request.office_name, *(hop.to_office for hop in self.entry.hops)}
        return had_it_before(office, names, self.read_by)


@dataclass(frozen=True)
class ForwardOrder:
    """An office's order to forward; the same key and content forward once."""

    token: str
    key: str
    form: ForwardForm

    @property
    def form_key(self) -> str:
        """Derive the key from link and content: a changed form has another key."""
        form = self.form
        parts = (self.token, self.key, form.destination, form.structure, form.note)
        return hash_of("\0".join(parts))


async def look_at_link(database: Database, token: str, now: datetime) -> LinkedRequest:
    """Return a link's request, without side effects, as mail scanners open every link.

    Raises:
        NotFound, Gone: the link can't be used.
    """
    async with database.read() as session:
        return await _behind(session, await find_link(session, token, now))


async def forward_request(
    database: Database,
    directory: Directory,
    order: ForwardOrder,
    mails: MailSettings,
    now: datetime,
) -> LinkedRequest:
    """Forward the request; hop and mails are on disk when this returns.

    Raises:
        NotFound, Gone: the link can't be used.
        TooMany, IncompleteForward: nothing was sent.
        NotForwardable: it was already forwarded elsewhere, or too often.
    """
    order = replace(order, form=replace(order.form, note=normalise(order.form.note)))
    await count_use(database, "forward", order.token, now)
    async with database.write() as session:
        link, request, linked = await lock_linked(session, order.token, now)
        if linked.forwarded or linked.is_last_office:
            if not await _is_repeated(session, order):
                raise NotForwardable("not_forwardable")
            return linked
        passing = Passing(
            from_office=linked.office_name,
            office=destination(directory, order.form, linked),
            note=order.form.note,
            form_key=order.form_key,
            entry=linked.entry,
        )
        await send_forward(session, directory, request, passing, mails, now)
        return await _behind(session, link)


async def take_file(
    database: Database, seal: SentenceSeal, token: str, id_: str, now: datetime
) -> tuple[str, FileKind, bytes]:
    """Return a file's name in mails, kind and content, for the office that has the request.

    Raises:
        NotFound, Gone: the link can't be used, or the file isn't there any more.
        TooMany: the link was used too often.
    """
    await count_use(database, "file", token, now)
    linked = await look_at_link(database, token, now)
    for position, file in enumerate(linked.entry.files, 1):
        if file.id == id_ and file in linked.files:
            try:
                (content,) = await contents_of(database, seal, [file])
                if content is not None:
                    return mail_name(position, file.kind), file.kind, content
            except InvalidToken:
                logger.exception(
                    "ALARM a file of request %s can't be opened", linked.entry.request.number
                )
    raise Gone("files_gone")


async def lock_linked(
    writing: AsyncSession, token: str, now: datetime
) -> tuple[ForwardLink, Request, LinkedRequest]:
    """Return a link and its request, locked: one office acts on it at a time.

    Raises:
        NotFound, Gone: the link can't be used.
    """
    link = await find_link(writing, token, now)
    request = await writing.get_one(Request, link.request_number, with_for_update=True)
    return link, request, await _behind(writing, link)


async def count_use(database: Database, action: str, token: str, now: datetime) -> None:
    """Count an attempt, even a failing one, in a transaction of its own.

    Raises:
        NotFound, Gone: the link can't be used.
        TooMany: the link was used too often.
    """
    async with database.write() as session:
        link = await find_link(session, token, now)
        who = {"link": link.token_hash}
        wait = await take(session, action, LINK_LIMITS, who, now.timestamp())
        if wait:
            raise TooMany("forward_limited", retry_after=ceil(wait))


async def _behind(session: AsyncSession, link: ForwardLink) -> LinkedRequest:
    (entry,) = await read_requests(session, Request.number == link.request_number)
    return await linked_request(session, entry, link.hop)


async def linked_request(session: AsyncSession, entry: RequestWithState, hop: int) -> LinkedRequest:
    """Return a request as the office of a hop sees it."""
    read_by = await session.scalars(
        select(Delivery.recipient).where(
            Delivery.request_number == entry.request.number, Delivery.role == "office"
        )
    )
    # A mail to another address of the office may have gone without them.
    by_page = select(Delivery.id).where(
        Delivery.request_number == entry.request.number,
        Delivery.hop == hop,
        Delivery.addition == 0,
        Delivery.role == "office",
        Delivery.attached.is_(False),
    )
    gives = len(entry.hops) == hop and await session.scalar(by_page.limit(1))
    files = tuple(file for file in entry.files if file.is_kept) if gives else ()
    return LinkedRequest(entry, hop, frozenset(read_by), files)


async def _is_repeated(session: AsyncSession, order: ForwardOrder) -> bool:
    earlier = select(Forward.hop).where(Forward.form_key == order.form_key)
    return await session.scalar(earlier) is not None


def destination(directory: Directory, form: ForwardForm, linked: LinkedRequest) -> Office:
    """Return the office that a form names.

    Raises:
        IncompleteForward: there is none, or it has already had the request.
    """
    problems = problems_of_forward(form, directory)
    if not problems:
        office = destination_of(form, directory)
        if not linked.had_by(office):
            return office
        field = "destination" if form.destination == "platform" else "structure"
        problems = {field: "office_had_it"}
    raise IncompleteForward(problems)


@dataclass(frozen=True)
class Passing:
    """A forward: origin, destination, note, and the request as it was before."""

    from_office: str
    office: Office
    note: str
    form_key: str
    entry: RequestWithState
    event: str = "forward"  # or "readdress": the message in the conversation

    @property
    def hop(self) -> int:
        return len(self.entry.hops) + 1


async def send_forward(
    writing: AsyncSession,
    directory: Directory,
    request: Request,
    passing: Passing,
    mails: MailSettings,
    now: datetime,
) -> None:
    """Add hop, mail and link for the new office, the copy, and a message in the conversation."""
    writing.add(
        Forward(
            request_number=request.number,
            hop=passing.hop,
            from_office=passing.from_office,
            to_office=passing.office.name,
            note=passing.note,
            form_key=passing.form_key,
            created_at=now.timestamp(),
        )
    )
    files = passing.entry.files
    original = await _original(writing, directory, request, mails, files)
    original = replace(original, texts=original.texts + passing.entry.labelled_additions)
    mail = _mail_of(original, passing, now)
    link = await add_link(writing, request.number, passing.hop, mails.base_url, now)
    link = with_files(link, files, mails)
    office_mail = OfficeMail(
        hop=passing.hop,
        office=passing.office,
        message_id=message_id_of(request.number, mails.mail_from, passing.hop),
        raw=compose_forward(replace(mail, link=link)),
        copy_raw=compose_forward(mail),
        attached=link.files is FilesWay.MAIL,
    )
    await queue_mail(writing, request, office_mail, mails, now.timestamp())
    if request.conversation_id:
        event = {"kind": passing.event, "from": passing.from_office, "day": italian_day(now)}
        event["number"] = request.number
        await add_event(writing, request.conversation_id, event, passing.office.name)


def _mail_of(original: RequestMail, passing: Passing, now: datetime) -> ForwardMail:
    return ForwardMail(
        original=original,
        hop=passing.hop,
        from_office=passing.from_office,
        office=passing.office,
        note=passing.note,
        at=now,
        earlier=passing.entry.hops,
    )


async def _original(
    session: AsyncSession,
    directory: Directory,
    row: Request,
    mails: MailSettings,
    files: Sequence[StoredFile],
) -> RequestMail:
    """Rebuild the request's mail, with the consents as accepted."""
    accepted = await session.scalars(
        select(Consent).where(Consent.request_number == row.number).order_by(Consent.kind)
    )
    consents = tuple(ConsentText(c.kind, c.version, c.text, "", "") for c in accepted)
    return mail_about(row, Office(row.office_name, ()), consents, directory, mails, files)
