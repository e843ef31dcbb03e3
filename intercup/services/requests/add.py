"""Add to a registered request: a text, or that it isn't needed any more."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import ceil

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import Addition, Delivery, Request
from intercup.domain.addition import AdditionKind, problem_of
from intercup.domain.directory import Directory, Office
from intercup.domain.normalise import normalise
from intercup.errors import Incomplete, NotFound, TooMany
from intercup.mail.compose import message_id_of
from intercup.mail.compose_addition import AdditionMail, compose_addition
from intercup.mail.mail_settings import MailSettings
from intercup.services.delivery.outbox import OfficeMail, queue_mail
from intercup.services.ids import hash_of
from intercup.services.limits import ADDITION_LIMITS, Limits, take
from intercup.services.requests.forward_links import add_link, is_revoked
from intercup.services.requests.lookup import RequestWithState, read_requests
from intercup.services.requests.submit import mail_about


class IncompleteAddition(Incomplete):
    """An addition that can't be sent."""


@dataclass(frozen=True)
class AdditionOrder:
    """A person's order to add to their request; the same key and content add once."""

    person_key: str
    number: str
    key: str
    kind: AdditionKind
    text: str = ""
    # Keys of its session and IP address, for limits.
    came_from: Mapping[str, str] = field(default_factory=dict)

    @property
    def form_key(self) -> str:
        """Derive the key from the content too: a changed text is another addition."""
        return hash_of("\0".join((self.key, self.kind, self.text)))


async def add_to_request(
    database: Database,
    directory: Directory,
    order: AdditionOrder,
    mails: MailSettings,
    now: datetime,
    limits: Limits,
) -> None:
    """Store the addition and its mails to the office that has the request now, and to the citizen.

    Raises:
        NotFound: this person has no such request.
        IncompleteAddition, TooMany: nothing was stored.
    """
    text = normalise(order.text) if order.kind is AdditionKind.MORE else ""
    order = replace(order, text=text)
    if problem := problem_of(order.kind, text):
        raise IncompleteAddition({"text": problem})
    async with database.write() as session:
        # The lock keeps a forward, or a second click, from passing at the same moment.
        request = await session.get(Request, order.number, with_for_update=True)
        if request is None or request.person_key != order.person_key:
            raise NotFound("not_found")
        (entry,) = await read_requests(session, Request.number == order.number)
        if await _is_repeated(session, order):
            return
        if entry.is_withdrawn:
            raise IncompleteAddition({"text": "text_withdrawn"})
        who = {"person": order.person_key} | dict(order.came_from)
        if order.kind is AdditionKind.MORE:  # to withdraw is possible once, and always
            who["request"] = order.number
        limits = {**limits, **ADDITION_LIMITS}
        if wait := await take(session, "addition", limits, who, now.timestamp()):
            raise TooMany("too_many_additions", retry_after=ceil(wait))
        await store_addition(session, directory, request, entry, order, mails, now)


async def _is_repeated(session: AsyncSession, order: AdditionOrder) -> bool:
    same = (Addition.request_number == order.number, Addition.form_key == order.form_key)
    return await session.scalar(select(Addition.seq).where(*same)) is not None


async def store_addition(
    session: AsyncSession,
    directory: Directory,
    request: Request,
    entry: RequestWithState,
    order: AdditionOrder,
    mails: MailSettings,
    now: datetime,
) -> None:
    """Add to a locked request, with the mails to office and citizen."""
    hop, seq = len(entry.hops), len(entry.additions) + 1
    office = await office_now(session, entry)
    original = mail_about(request, office, (), directory, mails)
    mail = AdditionMail(original, hop, seq, order.kind, order.text, now)
    link = None
    if not await is_revoked(session, request.number, hop):
        link = await add_link(session, request.number, hop, mails.base_url, now)
    session.add(
        Addition(
            request_number=request.number,
            seq=seq,
            hop=hop,
            kind=order.kind,
            text=order.text,
            form_key=order.form_key,
            created_at=now.timestamp(),
        )
    )
    office_mail = OfficeMail(
        hop=hop,
        office=office,
        message_id=message_id_of(request.number, mails.mail_from, hop, seq),
        raw=compose_addition(replace(mail, link=link)),
        copy_raw=compose_addition(replace(mail, is_copy=True)),
        addition=seq,
    )
    await queue_mail(session, request, office_mail, mails, now.timestamp())


async def office_now(session: AsyncSession, entry: RequestWithState) -> Office:
    """Return the office that has the request, at the addresses of its mail."""
    addresses = await session.scalars(
        select(Delivery.recipient)
        .where(
            Delivery.request_number == entry.request.number,
            Delivery.hop == len(entry.hops),
            Delivery.addition == 0,
            Delivery.role == "office",
        )
        .order_by(Delivery.id)
    )
    return Office(entry.office_name, tuple(addresses))
