"""Ask the citizen, once, whether the office has answered a request."""

import asyncio
import logging
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import (
    Addition,
    AnswerQuestion,
    Delivery,
    Forward,
    OfficeMark,
    QuestionRefusal,
    Request,
)
from intercup.domain.addition import AdditionKind
from intercup.domain.delivery import DeliveryState
from intercup.domain.directory import Directory
from intercup.domain.forwarding import LINK_LIFE
from intercup.domain.office_state import OfficeState
from intercup.errors import Unavailable
from intercup.mail.compose import OfficeLink
from intercup.mail.compose_question import QuestionMail, compose_question, question_id
from intercup.mail.mail_settings import MailSettings
from intercup.services.delivery.outbox import queued
from intercup.services.ids import hash_of
from intercup.services.requests.add import office_now
from intercup.services.requests.forward_links import new_token
from intercup.services.requests.lookup import read_requests
from intercup.services.requests.submit import mail_about
from intercup.services.requests.working_days import delivered_before
from intercup.services.structures.versions import directory_now

# A question that would come later than this isn't asked, for example of requests from before it.
LATE = timedelta(days=14)
COUNTING = 60.0  # seconds for the working days; it takes one
OLDEST = timedelta(days=60)  # a request that took longer to its office

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asking:
    """The settings of the question; 0 days: it isn't asked."""

    days: int
    mails: MailSettings
    structures_file: Path


async def _delivered_before(now: datetime, days: int) -> float | None:
    """Return what `delivered_before` does, from a process of its own."""
    arguments = ("-I", "-m", delivered_before.__module__, str(now.timestamp()), str(days))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, env={}
    )
    try:
        async with asyncio.timeout(COUNTING):
            found, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return float(found) if found else None


async def ask_due(database: Database, asking: Asking, now: datetime) -> list[str]:
    """Ask about the requests whose time has come and return their numbers.

    Raises:
        ConfigurationError: the structures file isn't valid.
        Unavailable: the database failed; the next run asks.
    """
    before = await _delivered_before(now, asking.days) if asking.days else None
    if before is None:
        return []
    due = _is_due(before)
    async with database.read() as reading:
        numbers = (await reading.scalars(select(Request.number).where(due))).all()
    directory = await directory_now(database, asking.structures_file) if numbers else None
    asked: list[str] = []
    for number in numbers:
        try:
            async with database.write() as writing:
                # The condition is read again under the lock: another worker may have asked.
                request = await writing.get(Request, number, with_for_update=True)
                again = select(Request.number).where(Request.number == number, due)
                if request and directory and await writing.scalar(again):
                    await _ask(writing, directory, request, asking.mails, now, delay=len(asked))
                    asked.append(number)
        except Unavailable:
            raise
        except Exception:  # as of a category that is gone: the others are asked about
            logger.exception("ALARM whether %s was answered can't be asked", number)
    if asked:
        logger.info("asked whether %d requests were answered", len(asked))
    return asked


def newest_hop() -> ColumnElement[int]:
    """Return the hop of a request's office of now."""
    hops = select(func.coalesce(func.max(Forward.hop), 0))
    return hops.where(Forward.request_number == Request.number).scalar_subquery()


def is_marked_answered(*when: ColumnElement[bool]) -> ColumnElement[bool]:
    """Choose requests that their office of now has marked as answered, on some conditions."""
    return exists().where(
        *when,
        OfficeMark.request_number == Request.number,
        OfficeMark.hop == newest_hop(),
        OfficeMark.state == OfficeState.ANSWERED,
    )


def is_withdrawn() -> ColumnElement[bool]:
    """Choose requests that aren't needed any more."""
    return exists().where(
        Addition.request_number == Request.number, Addition.kind == AdditionKind.WITHDRAWN
    )


def _is_due(before: float) -> ColumnElement[bool]:
    """Choose requests that have been at their office of now since before a moment, unanswered."""
    to_office = and_(
        Delivery.request_number == Request.number,
        Delivery.role == "office",
        Delivery.addition == 0,
        Delivery.hop == newest_hop(),
    )
    arrived = and_(
        Delivery.state == DeliveryState.SENT,
        Delivery.sent_at.between(before - LATE.total_seconds(), before),
    )
    return and_(
        Request.created_at.between(before - OLDEST.total_seconds(), before),
        Request.email != "",
        exists().where(to_office, arrived),
        ~exists().where(to_office, ~arrived),
        ~is_marked_answered(),
        ~is_withdrawn(),
        ~exists().where(AnswerQuestion.request_number == Request.number),
        ~exists().where(QuestionRefusal.person_key == Request.person_key),
    )


async def _ask(
    writing: AsyncSession,
    directory: Directory,
    request: Request,
    mails: MailSettings,
    now: datetime,
    *,
    delay: float,
) -> None:
    """Queue the question; `delay` in seconds leaves the way to mails that cannot wait."""
    (entry,) = await read_requests(writing, Request.number == request.number)
    office = await office_now(writing, entry)
    token = new_token()
    link = OfficeLink(f"{mails.base_url}/risposta/{token}", now.astimezone(UTC) + LINK_LIFE)
    original = mail_about(request, office, (), directory, mails)
    mail = QuestionMail(original, len(entry.hops), now, link)
    at, id_ = now.timestamp(), question_id(mail)
    writing.add(
        AnswerQuestion(request_number=request.number, token_hash=hash_of(token), asked_at=at)
    )
    sender = mails.envelope_from(id_, "question", request.email)
    content = (id_, compose_question(mail))
    row = queued("question", sender, request.email, content, at, request.number, len(entry.hops))
    row.next_attempt_at += delay
    writing.add(row)
