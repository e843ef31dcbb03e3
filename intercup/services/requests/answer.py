"""The citizen's answer to the question whether a request was answered, and what follows."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import AnswerQuestion, OfficeMark, QuestionRefusal, Request
from intercup.domain.addition import AdditionKind
from intercup.domain.answer_question import Answer
from intercup.domain.directory import Directory
from intercup.domain.forwarding import LINK_LIFE
from intercup.errors import Gone, NotFound, TooMany
from intercup.mail.mail_settings import MailSettings
from intercup.services.ids import hash_of
from intercup.services.limits import LINK_LIMITS, take
from intercup.services.requests.add import AdditionOrder, store_addition
from intercup.services.requests.ask import is_marked_answered, is_withdrawn
from intercup.services.requests.lookup import LISTED, RequestWithState, read_requests

COUNTED = 30  # days
DAY = 24 * 3600.0  # seconds


@dataclass(frozen=True)
class Asked:
    """A request with the question about it; `answer` is None before the first."""

    entry: RequestWithState
    answer: Answer | None
    is_refused: bool


@dataclass(frozen=True)
class Unanswered:
    """A request whose citizen says that nobody answered; times are aware."""

    entry: RequestWithState
    asked_at: datetime
    told_at: datetime


async def look_at_question(database: Database, token: str, now: datetime) -> Asked:
    """Return a link's question, without side effects, as mail scanners open every link.

    Raises:
        NotFound, Gone: the link can't be used.
    """
    async with database.read() as reading:
        question = await _question_of(reading, token, now)
        request = await reading.get_one(Request, question.request_number)
        (entry,) = await read_requests(reading, Request.number == request.number)
        answer = Answer(question.answer) if question.answer else None
        return Asked(entry, answer, await is_refused(reading, request.person_key))


async def answer_question(
    database: Database,
    directory: Directory,
    token: str,
    answer: Answer,
    mails: MailSettings,
    now: datetime,
) -> None:
    """Store the answer; the first no sends the office its only reminder, with a copy.

    Raises:
        NotFound, Gone: the link can't be used.
        TooMany: the link was used too often.
    """
    await _count_use(database, token, now)
    async with database.write() as writing:
        number = (await _question_of(writing, token, now)).request_number
        request = await writing.get_one(Request, number, with_for_update=True)
        question = await writing.get_one(AnswerQuestion, number, populate_existing=True)
        if question.answer == answer:
            return
        question.answer, question.answered_at = answer, now.timestamp()
        (entry,) = await read_requests(writing, Request.number == number)
        if answer is Answer.NO and not (entry.is_withdrawn or entry.is_reminded):
            order = AdditionOrder(request.person_key, number, token, AdditionKind.UNANSWERED)
            await store_addition(writing, directory, request, entry, order, mails, now)


async def refuse_by_link(database: Database, token: str, now: datetime) -> None:
    """Stop asking the person behind a link.

    Raises:
        NotFound, Gone: the link can't be used.
        TooMany: the link was used too often.
    """
    await _count_use(database, token, now)
    async with database.write() as writing:
        number = (await _question_of(writing, token, now)).request_number
        person = (await writing.get_one(Request, number)).person_key
        await set_refused(writing, person, refused=True, now=now)


async def set_refused(
    writing: AsyncSession, person_key: str, *, refused: bool, now: datetime
) -> None:
    """Stop asking a person, or begin again."""
    if not refused:
        await writing.execute(
            delete(QuestionRefusal).where(QuestionRefusal.person_key == person_key)
        )
    elif not await is_refused(writing, person_key):
        with suppress(IntegrityError):  # another click at the same time
            async with writing.begin_nested():
                writing.add(QuestionRefusal(person_key=person_key, refused_at=now.timestamp()))


async def is_refused(reading: AsyncSession, person_key: str) -> bool:
    """Return True if the person doesn't want to be asked."""
    return await reading.get(QuestionRefusal, person_key) is not None


async def _question_of(reading: AsyncSession, token: str, now: datetime) -> AnswerQuestion:
    question = await reading.scalar(
        select(AnswerQuestion).where(AnswerQuestion.token_hash == hash_of(token))
    )
    if question is None:
        raise NotFound("forward_link_unknown")
    if now.timestamp() >= question.asked_at + LINK_LIFE.total_seconds():
        raise Gone("answer_link_expired")
    return question


async def _count_use(database: Database, token: str, now: datetime) -> None:
    """Count an attempt, in a transaction of its own."""
    async with database.write() as writing:
        question = await _question_of(writing, token, now)
        who = {"link": question.token_hash}
        if wait := await take(writing, "answer", LINK_LIMITS, who, now.timestamp()):
            raise TooMany("forward_limited", retry_after=ceil(wait))


async def unanswered(reading: AsyncSession) -> list[Unanswered]:
    """List the requests that a person should look into, the newest first."""
    said_no = AnswerQuestion.answer == Answer.NO
    marked_later = is_marked_answered(OfficeMark.marked_at > AnswerQuestion.answered_at)
    rows = await reading.scalars(
        select(AnswerQuestion)
        .join(Request, Request.number == AnswerQuestion.request_number)
        .where(said_no, ~marked_later, ~is_withdrawn())
        .order_by(Request.created_at.desc())
        .limit(LISTED)
    )
    questions = {row.request_number: row for row in rows}
    entries = await read_requests(reading, Request.number.in_(questions))
    return [
        Unanswered(
            entry,
            datetime.fromtimestamp(questions[entry.request.number].asked_at, UTC),
            datetime.fromtimestamp(questions[entry.request.number].answered_at or 0.0, UTC),
        )
        for entry in entries
    ]


async def counts(reading: AsyncSession, now: float) -> dict[str, int]:
    """Count the questions of the last COUNTED days by answer: yes, no, none."""
    answer: ColumnElement[Any] = func.coalesce(AnswerQuestion.answer, "none")
    found = await reading.execute(
        select(answer, func.count())
        .where(AnswerQuestion.asked_at > now - COUNTED * DAY)
        .group_by(AnswerQuestion.answer)
    )
    return dict.fromkeys((*Answer, "none"), 0) | {row[0]: row[1] for row in found}
