"""Queries on registered requests, with the state of their mails and their hops."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, exists, false, select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.prepared import Prepared
from intercup.db.tables import (
    Addition,
    AnswerQuestion,
    Attachment,
    Delivery,
    Forward,
    OfficeMark,
    Request,
)
from intercup.domain.addition import Added, AdditionKind
from intercup.domain.answer_question import Answer
from intercup.domain.attachment import StoredFile
from intercup.domain.delivery import DeliveryState, overall_state
from intercup.domain.forwarding import Hop
from intercup.domain.italian_time import italian_day
from intercup.domain.office_state import Marked, OfficeState
from intercup.domain.request import RegisteredRequest
from intercup.services.attachments.store import files_of
from intercup.services.login.sessions import Session
from intercup.services.requests.submit import registered
from intercup.texts import TEXTS

LISTED = 50  # requests
# Of each mail's deliveries, by number, role, hop and addition.
type States = dict[tuple[str, str, int, int], set[DeliveryState]]


class _Since(NamedTuple):
    """The later history of requests, by number."""

    hops: Mapping[str, list[Hop]] = {}
    marks: Mapping[tuple[str, int], Marked] = {}
    additions: Mapping[str, list[Added]] = {}
    files: Mapping[str, list[StoredFile]] = {}
    closed: Mapping[str, datetime] = {}


_OTHER_TABLES = (Forward, OfficeMark, Addition, AnswerQuestion, Attachment)
_HAVE_IT: list[Any] = [
    exists().where(table.request_number == bindparam("number")) for table in _OTHER_TABLES
]
_HAS_MORE = Prepared(select(*_HAVE_IT))


@dataclass(frozen=True)
class RequestWithState:
    """A request, its hops, and of the newest office: the mail's state and the office's own.

    `closed_at` is set once the citizen has said that an answer came.
    """

    request: RegisteredRequest
    state: DeliveryState
    hops: tuple[Hop, ...] = ()
    copy_failed: bool = False
    marked: Marked | None = None
    additions: tuple[Added, ...] = ()
    files: tuple[StoredFile, ...] = ()
    closed_at: datetime | None = None

    @property
    def office_name(self) -> str:
        """The office that has the request now."""
        return self.hops[-1].to_office if self.hops else self.request.office_name

    @property
    def is_withdrawn(self) -> bool:
        """Return True if the citizen has said that it isn't needed any more."""
        return any(addition.kind is AdditionKind.WITHDRAWN for addition in self.additions)

    @property
    def is_reminded(self) -> bool:
        """Return True if the office had its reminder."""
        return any(addition.kind is AdditionKind.UNANSWERED for addition in self.additions)

    @property
    def labelled_additions(self) -> tuple[tuple[str, str], ...]:
        """The additions' texts with their labels, like the request's own."""
        return tuple(
            (
                TEXTS(f"addition.{each.kind}_on", day=italian_day(each.at)),
                each.text or TEXTS(f"addition.{each.kind}_opening"),
            )
            for each in self.additions
        )

    @property
    def shown_state(self) -> str:
        """The newest state: closed, the office's own, else its mail's (queued, sent or held)."""
        if self.closed_at:
            return "closed"
        return self.marked.state if self.marked else self.state

    @property
    def state_text(self) -> str:
        """The sentence for the newest state, in Italian."""
        day = italian_day(self.state_at) if self.state_at else ""
        return TEXTS(f"state.{self.shown_state}", day=day)

    @property
    def state_at(self) -> datetime | None:
        """The moment of the newest state, if a person has set it."""
        return self.closed_at or (self.marked.at if self.marked else None)


async def requests_of(database: Database, person_key: str) -> list[RequestWithState]:
    """List a person's requests, newest first."""
    return await requests_where(database, Request.person_key == person_key)


async def request_of(database: Database, session: Session, number: str) -> RequestWithState | None:
    """Return a request of the session's citizen or conversation; None for another one's.

    Somebody who logs in goes on with the conversation before, but that may be another person's.
    """
    mine: ColumnElement[bool] = false()
    if session.citizen:
        mine |= Request.person_key == session.citizen.person_key
    elif session.conversation_id:
        mine |= Request.conversation_id == session.conversation_id
    found = await requests_where(database, and_(Request.number == number, mine))
    return next(iter(found), None)


async def requests_where(
    database: Database, condition: ColumnElement[bool], limit: int = LISTED
) -> list[RequestWithState]:
    """List the newest requests that meet a condition, newest first."""
    async with database.read() as session:
        return await read_requests(session, condition, limit)


async def read_requests(
    reading: AsyncSession, condition: ColumnElement[bool], limit: int = LISTED
) -> list[RequestWithState]:
    """List the newest requests that meet a condition, newest first."""
    newest = select(Request).where(condition).order_by(Request.created_at.desc()).limit(limit)
    rows = (await reading.scalars(newest)).all()
    numbers = [row.number for row in rows]
    states = await _states_of_mails(reading, numbers)
    hops, marks, additions, files, closed = await _since(reading, numbers, states)
    found = []
    for row in rows:
        passed = tuple(hops.get(row.number, ()))
        state = overall_state(states.get((row.number, "office", len(passed), 0), ()))
        copy_failed = any(
            DeliveryState.FAILED in of_mail
            for (number, role, *_), of_mail in states.items()
            if (number, role) == (row.number, "copy")
        )
        marked = marks.get((row.number, len(passed)))
        added = tuple(additions.get(row.number, ()))
        kept = tuple(files.get(row.number, ()))
        closed_at = closed.get(row.number)
        found.append(
            RequestWithState(
                registered(row), state, passed, copy_failed, marked, added, kept, closed_at
            )
        )
    return found


async def _since(reading: AsyncSession, numbers: Sequence[str], states: States) -> _Since:
    """Return what has come to requests; most single ones are new, and have nothing."""
    if len(numbers) == 1 and not any(await _HAS_MORE.row(reading, {"number": numbers[0]})):
        return _Since()
    hops = await _hops(reading, numbers)
    return _Since(
        hops,
        await _marks(reading, numbers),
        await _additions(reading, numbers, states, hops),
        await files_of(reading, numbers),
        await _closed(reading, numbers),
    )


async def _states_of_mails(reading: AsyncSession, numbers: Collection[str]) -> States:
    rows = await reading.execute(
        select(
            Delivery.request_number,
            Delivery.role,
            Delivery.hop,
            Delivery.addition,
            Delivery.state,
        ).where(Delivery.request_number.in_(numbers), Delivery.role.in_(("office", "copy")))
    )
    states: States = {}
    for number, role, hop, addition, state in rows:
        states.setdefault((number or "", role, hop, addition), set()).add(state)
    return states


async def _hops(reading: AsyncSession, numbers: Collection[str]) -> dict[str, list[Hop]]:
    rows = await reading.scalars(
        select(Forward).where(Forward.request_number.in_(numbers)).order_by(Forward.hop)
    )
    hops: dict[str, list[Hop]] = {}
    for row in rows:
        at = datetime.fromtimestamp(row.created_at, UTC)
        hops.setdefault(row.request_number, []).append(Hop(row.from_office, row.to_office, at))
    return hops


async def _marks(reading: AsyncSession, numbers: Collection[str]) -> dict[tuple[str, int], Marked]:
    rows = await reading.scalars(select(OfficeMark).where(OfficeMark.request_number.in_(numbers)))
    return {
        (row.request_number, row.hop): Marked(
            OfficeState(row.state), datetime.fromtimestamp(row.marked_at, UTC)
        )
        for row in rows
    }


async def _closed(reading: AsyncSession, numbers: Collection[str]) -> dict[str, datetime]:
    rows = await reading.execute(
        select(AnswerQuestion.request_number, AnswerQuestion.answered_at).where(
            AnswerQuestion.request_number.in_(numbers), AnswerQuestion.answer == Answer.YES
        )
    )
    return {number: datetime.fromtimestamp(at or 0.0, UTC) for number, at in rows}


async def _additions(
    reading: AsyncSession,
    numbers: Collection[str],
    states: States,
    hops: dict[str, list[Hop]],
) -> dict[str, list[Added]]:
    rows = await reading.scalars(
        select(Addition).where(Addition.request_number.in_(numbers)).order_by(Addition.seq)
    )
    additions: dict[str, list[Added]] = {}
    for row in rows:
        mail = (row.request_number, "office", row.hop, row.seq)
        if DeliveryState.FAILED in states.get(mail, ()):  # replaced: the newest hop has the text
            mail = (row.request_number, "office", len(hops.get(row.request_number, ())), 0)
        addition = Added(
            AdditionKind(row.kind),
            row.text,
            datetime.fromtimestamp(row.created_at, UTC),
            overall_state(states.get(mail, ())),
        )
        additions.setdefault(row.request_number, []).append(addition)
    return additions
