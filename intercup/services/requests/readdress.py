"""The technical team's forwards: to a corrected mailbox, or to another office."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import Delivery, Request
from intercup.domain.delivery import READDRESSED, DeliveryState
from intercup.domain.directory import Directory, Office
from intercup.domain.forwarding import ForwardForm
from intercup.domain.normalise import normalise
from intercup.mail.mail_settings import MailSettings
from intercup.services.delivery.outbox import change_state
from intercup.services.ids import new_id
from intercup.services.requests.forward import Passing, destination, linked_request, send_forward
from intercup.services.requests.lookup import RequestWithState, read_requests
from intercup.services.staff.log import note


class NotReaddressed(Exception):
    """Nothing was sent; `reason` is a key of `desk_done` in texts.yaml."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Team:
    """Context of the technical team's actions: today's offices, the mails' settings, who acts."""

    directory: Directory
    mails: MailSettings
    who: str

    @property
    def name(self) -> str:
        """The team's name as an office, as citizens and offices see it."""
        return self.directory.office_by_route("platform", None).name


async def readdress(database: Database, team: Team, delivery_id: int, now: datetime) -> Office:
    """Send the request of a held mail by today's routing, as a hop of its own.

    Raises:
        NotReaddressed: the mail isn't an office's newest, isn't held, or its route hasn't changed.
    """
    async with database.write() as session:
        delivery = await session.get(Delivery, delivery_id)
        if delivery is None or delivery.role != "office" or not delivery.request_number:
            raise NotReaddressed("no_office")
        request, entry = await _locked(session, delivery.request_number)
        if delivery.state not in (DeliveryState.HELD, DeliveryState.QUEUED):
            raise NotReaddressed("not_held")
        if delivery.hop != len(entry.hops):
            raise NotReaddressed("passed_on")
        office = _office_today(team.directory, request, entry)
        went = await _went(session, [request.number])
        if went[request.number, delivery.hop] == _lower(office.addresses):
            raise NotReaddressed("same_office")
        passing = Passing(team.name, office, "", new_id(), entry, event="readdress")
        await _pass_on(session, team, request, passing, now)
        note(session, team.who, "mail_readdressed", now.timestamp(), str(delivery_id))
        return office


async def forward_for_team(
    database: Database, team: Team, number: str, form: ForwardForm, now: datetime
) -> Office:
    """Forward a request to the office that the form names.

    Raises:
        NotReaddressed: there is no such request, or its person was erased.
        IncompleteForward: there is no such office, or it has already had the request.
    """
    async with database.write() as session:
        request, entry = await _locked(session, number)
        linked = await linked_request(session, entry, len(entry.hops))
        office = destination(team.directory, form, linked)
        passing = Passing(team.name, office, normalise(form.note), new_id(), entry)
        await _pass_on(session, team, request, passing, now)
        note(session, team.who, "request_forwarded", now.timestamp(), number, form.office)
        return office


async def rerouted(
    reading: AsyncSession, directory: Directory, ids: Collection[int]
) -> frozenset[int]:
    """Return those of some offices' mails that would go to a mailbox which isn't today's."""
    mails = (
        await reading.execute(
            select(Delivery.id, Delivery.hop, Request)
            .join(Request, Request.number == Delivery.request_number)
            .where(Delivery.id.in_(ids), Delivery.role == "office")
        )
    ).all()
    if not mails:
        return frozenset()
    numbers = {request.number for *_, request in mails}
    found = await read_requests(reading, Request.number.in_(numbers), len(numbers))
    entries, went = {entry.request.number: entry for entry in found}, await _went(reading, numbers)
    left = set()
    for id_, hop, request in mails:
        with suppress(NotReaddressed):
            office = _office_today(directory, request, entries[request.number])
            if went[request.number, hop] != _lower(office.addresses):
                left.add(id_)
    return frozenset(left)


async def _went(
    session: AsyncSession, numbers: Collection[str]
) -> dict[tuple[str | None, int], set[str]]:
    """Return the addresses that the offices' mails went to, by number and hop."""
    rows = await session.execute(
        select(Delivery.request_number, Delivery.hop, Delivery.recipient).where(
            Delivery.request_number.in_(numbers), Delivery.role == "office"
        )
    )
    found: dict[tuple[str | None, int], set[str]] = {}
    for number, hop, recipient in rows:
        found.setdefault((number, hop), set()).add(recipient.lower())
    return found


def _lower(addresses: Collection[str]) -> set[str]:
    return {address.lower() for address in addresses}


async def _locked(session: AsyncSession, number: str) -> tuple[Request, RequestWithState]:
    request = await session.get(Request, number, with_for_update=True)
    if request is None or not request.email:
        raise NotReaddressed("no_request")
    (entry,) = await read_requests(session, Request.number == number)
    return request, entry


def _office_today(directory: Directory, request: Request, entry: RequestWithState) -> Office:
    """Return the office that has the request, with its current addresses."""
    if entry.hops:
        named = directory.office_named(entry.hops[-1].to_office)
        if named is None:
            raise NotReaddressed("no_route")
        return named
    try:
        return directory.office_for(request.category, request.structure)
    except (KeyError, ValueError) as error:
        raise NotReaddressed("no_route") from error


async def _pass_on(
    session: AsyncSession, team: Team, request: Request, passing: Passing, now: datetime
) -> None:
    """Send the hop; it replaces the previous hop's mail if that still waits."""
    await session.execute(
        change_state(DeliveryState.HELD, DeliveryState.QUEUED, to=DeliveryState.FAILED)
        .where(
            Delivery.request_number == request.number,
            Delivery.hop == passing.hop - 1,
            Delivery.role == "office",
        )
        .values(last_error=READDRESSED)
    )
    await send_forward(session, team.directory, request, passing, team.mails, now)
