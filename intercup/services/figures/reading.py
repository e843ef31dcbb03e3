"""The figures of a month: of stored requests and ratings, and of what was counted."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.tables import (
    AnswerQuestion,
    Delivery,
    Figure,
    Forward,
    MonthlyCount,
    OfficeMark,
    PecReceipt,
    Rating,
    Request,
)
from intercup.domain.figures import (
    DELIVERY_TIMES,
    OFFICE_TIMES,
    Key,
    RequestFacts,
    of_request,
)
from intercup.domain.italian_time import ROME
from intercup.domain.office_state import OfficeState
from intercup.domain.pec import FAILURES, OUTCOMES, ReceiptKind
from intercup.services.figures.counting import month_of

type Figures = dict[str, Counter[str]]  # cells by kind
OWN_MAIL = (Delivery.role == "office", Delivery.hop == 0, Delivery.addition == 0)


def span_of(month: str) -> tuple[float, float]:
    """Return the first moment of a month (YYYY-MM) and of the next, in Italy.

    Raises:
        ValueError: it isn't a month.
    """
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=ROME)
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first.timestamp(), following.timestamp()


def last_finished(now: float) -> str:
    """Return the last month that has ended."""
    return month_of(span_of(month_of(now))[0] - 1)


def compared_months(month: str, before: str, now: float) -> tuple[str, str]:
    """Return two months to compare; by default the last finished one and the one before.

    Two looks at the running month would tell what came between: it isn't shown.

    Raises:
        ValueError, OverflowError: a month isn't one, or hasn't ended.
    """
    month = month or last_finished(now)
    before = before or month_of(span_of(month)[0] - 1)
    if max(span_of(month)[1], span_of(before)[1]) > now:
        raise ValueError("the month hasn't ended")
    return month, before


def _in(month: str) -> ColumnElement[bool]:
    start, end = span_of(month)
    return and_(Request.created_at >= start, Request.created_at < end)


async def figures_of(reading: AsyncSession, month: str) -> Figures:
    """Return the figures of a month."""
    found: Figures = {}
    for (kind, cell), count in (await request_counts(reading, _in(month))).items():
        found.setdefault(kind, Counter())[cell] += count
    counted = await reading.execute(
        select(Figure.kind, Figure.cell, Figure.count).where(Figure.month == month)
    )
    for kind, cell, count in counted:
        found.setdefault(kind, Counter())[cell] += count
    purged = await reading.scalars(select(MonthlyCount).where(MonthlyCount.month == month))
    for row in purged:
        found.setdefault("category", Counter())[row.category] += row.requests
        found.setdefault("structure", Counter())[row.structure] += row.requests
    stars = select(Rating.stars, func.count()).where(Rating.day.startswith(month))
    for number, count in await reading.execute(stars.group_by(Rating.stars)):
        found.setdefault("stars", Counter())[str(number)] += count
    return found


async def totals(reading: AsyncSession, last: str) -> Counter[str]:
    """Return the number of requests by month, up to the last one."""
    found: Counter[str] = Counter()
    query = select(MonthlyCount.month, func.sum(MonthlyCount.requests))
    purged = query.where(MonthlyCount.month <= last).group_by(MonthlyCount.month)
    for month, count in await reading.execute(purged):
        found[month] += int(count)
    oldest = await reading.scalar(select(func.min(Request.created_at)))
    month = last if oldest is None else month_of(oldest)
    while month <= last:
        if requests := await reading.scalar(select(func.count()).where(_in(month))):
            found[month] += requests
        month = month_of(span_of(month)[1])
    return found


async def request_counts(reading: AsyncSession, condition: ColumnElement[bool]) -> Counter[Key]:
    """Count all that the chosen requests count for; of like ones the database sends one row."""
    facts = _facts(condition).subquery()
    found: Counter[Key] = Counter()
    for *values, count in await reading.execute(select(*facts.c, func.count()).group_by(*facts.c)):
        found.update(dict.fromkeys(of_request(RequestFacts(*values)), count))
    return found


def _facts(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Select the values of RequestFacts, in its order."""
    outcome = case(
        (PecReceipt.kind == ReceiptKind.DELIVERED, 0),
        (PecReceipt.kind.in_(FAILURES), 1),
        (PecReceipt.kind.is_not(None), 2),
    )
    is_receipt = and_(PecReceipt.delivery_id == Delivery.id, ~PecReceipt.doubtful)
    mails = (
        _by_request(Delivery, func.min(Delivery.sent_at), func.min(outcome))
        .outerjoin(PecReceipt, is_receipt)
        .where(condition, *OWN_MAIL)
        .subquery()
    )
    marks = _by_request(OfficeMark, *map(_first_mark, OfficeState)).where(condition).subquery()
    delivered, pec = tuple(mails.c)[1:]
    taken, answered = tuple(marks.c)[1:]
    return (
        select(
            *(Request.category, Request.structure, Request.source, Request.language),
            exists().where(Forward.request_number == Request.number).label("was_forwarded"),
            _time_until(delivered, DELIVERY_TIMES).label("delivered"),
            _time_until(taken, OFFICE_TIMES).label("taken"),
            _time_until(answered, OFFICE_TIMES).label("answered"),
            case(dict(enumerate(OUTCOMES)), value=pec).label("pec"),
            AnswerQuestion.answer,
        )
        .select_from(Request)
        .outerjoin(mails, mails.c.request_number == Request.number)
        .outerjoin(marks, marks.c.request_number == Request.number)
        .outerjoin(AnswerQuestion, AnswerQuestion.request_number == Request.number)
        .where(condition)
    )


def _by_request(
    table: type[Delivery | OfficeMark], *columns: ColumnElement[Any]
) -> Select[*tuple[Any, ...]]:
    """Select aggregates of a table's rows by request."""
    of_request = table.request_number == Request.number
    return (
        select(table.request_number, *columns)
        .join(Request, of_request)
        .group_by(table.request_number)
    )


def _first_mark(state: OfficeState) -> ColumnElement[Any]:
    return func.min(OfficeMark.marked_at).filter(OfficeMark.state == state)


def _time_until(at: ColumnElement[Any], bounds: Sequence[tuple[float, str]]) -> ColumnElement[str]:
    """Return the name of the time from a request's registration to a moment."""
    seconds = at - Request.created_at
    named = ((seconds <= bound, name) for bound, name in bounds)
    return case((at.is_(None), "never"), *named, else_="later")
