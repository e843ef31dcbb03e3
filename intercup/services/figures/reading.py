"""The figures of a month: of stored requests and ratings, and of what was counted."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
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
from intercup.domain.figures import Key, RequestFacts, of_request
from intercup.domain.italian_time import ROME
from intercup.domain.office_state import OfficeState
from intercup.domain.pec import outcome_of
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


async def figures_of(reading: AsyncSession, month: str) -> Figures:
    """Return the figures of a month."""
    start, end = span_of(month)
    found: Figures = {}
    in_month = and_(Request.created_at >= start, Request.created_at < end)
    for _, kind, cell in await request_keys(reading, in_month):
        found.setdefault(kind, Counter())[cell] += 1
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
    for at in await reading.scalars(select(Request.created_at)):
        found[month_of(at)] += 1
    query = select(MonthlyCount.month, func.sum(MonthlyCount.requests))
    for month, count in await reading.execute(query.group_by(MonthlyCount.month)):
        found[month] += int(count)
    return Counter({month: count for month, count in found.items() if month <= last})


async def request_keys(
    reading: AsyncSession, condition: ColumnElement[bool]
) -> Iterator[tuple[str, str, str]]:
    """Return month, kind and cell of all that the chosen requests count for."""
    columns = (
        *(Request.created_at, Request.category, Request.structure, Request.source),
        *(Request.language, _first(Forward.created_at), _first_office_mail()),
        *(_first_mark(OfficeState.TAKEN), _first_mark(OfficeState.ANSWERED)),
        *(AnswerQuestion.answer, Request.number),
    )
    is_asked = AnswerQuestion.request_number == Request.number
    query = select(*columns).outerjoin(AnswerQuestion, is_asked).where(condition)
    rows = (await reading.execute(query)).all()
    receipts = await _receipts(reading, condition)
    return ((month_of(row[0]), kind, cell) for row in rows for kind, cell in _keys(row, receipts))


def _keys(row: Any, receipts: Mapping[str, set[str]]) -> Iterator[Key]:
    created_at, category, structure, source, language, forwarded, *times, answer, number = row
    pec = outcome_of(receipts.get(number, ()))
    delivered, taken, answered = (None if at is None else max(0.0, at - created_at) for at in times)
    facts = RequestFacts(
        *(category, structure, source, language, forwarded is not None),
        *(delivered, taken, answered, pec),
    )
    yield from of_request(facts)
    if answer:
        yield "question", answer


def _first(column: Any, *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    of_request_ = column.class_.request_number == Request.number
    return select(func.min(column)).where(of_request_, *conditions).scalar_subquery()


def _first_office_mail() -> ColumnElement[Any]:
    return _first(Delivery.sent_at, *OWN_MAIL)


async def _receipts(
    reading: AsyncSession, condition: ColumnElement[bool]
) -> Mapping[str, set[str]]:
    """Return the kinds of certain receipts about the chosen requests' own mails, by number."""
    rows = await reading.execute(
        select(Request.number, PecReceipt.kind)
        .join(Delivery, Delivery.request_number == Request.number)
        .join(PecReceipt, PecReceipt.delivery_id == Delivery.id)
        .where(condition, ~PecReceipt.doubtful, *OWN_MAIL)
    )
    found: dict[str, set[str]] = {}
    for number, kind in rows:
        found.setdefault(number, set()).add(kind)
    return found


def _first_mark(state: OfficeState) -> ColumnElement[Any]:
    return _first(OfficeMark.marked_at, OfficeMark.state == state)
