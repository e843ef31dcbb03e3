"""Retention: what is past its time goes, what isn't stays; on both databases."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import DeclarativeBase

from intercup.db.engine import Database
from intercup.db.tables import (
    AddressProof,
    BounceReport,
    BrowserSession,
    ChatMessage,
    Consent,
    Conversation,
    Delivery,
    DeskEvent,
    Model,
    MonthlyCount,
    PendingLogin,
    Rating,
    Request,
    SpidExchange,
    StaffMember,
    StaffSession,
    Training,
    Use,
)
from intercup.domain.directory import Directory
from intercup.services.chat.conversations import Message, append
from intercup.services.login.session_expiry import ABSOLUTE_LIMIT, IDLE_LIMIT
from intercup.services.models.store import add as add_model
from intercup.services.models.store import models, publish
from intercup.services.models.training import ask, cancel
from intercup.services.privacy.purge import due, purge
from intercup.services.privacy.purge_rules import RULES
from intercup.services.staff.sessions import IDLE_LIMIT as DESK_IDLE_LIMIT
from intercup.worker import loop as worker
from tests.support.made_requests import (
    count,
    make_conversation,
    set_deliveries,
    submission,
    submit,
)
from tests.support.tiny_model import tiny_model

pytestmark = pytest.mark.both_databases

NOW = 1_800_000_000.0
HOUR, DAY = 3600.0, 86400.0
SECOND = 1.0

type Make = Callable[[Database, Directory, float], Awaitable[None]]


@dataclass(frozen=True)
class Case:
    """A kind of data, its age when it goes in seconds, and how a row of a moment is made."""

    name: str
    age: float
    table: type[DeclarativeBase]
    make: Make


async def add(database: Database, row: Any) -> None:
    async with database.write() as session:
        session.add(row)


async def ended_chat(database: Database, _: Directory, moment: float) -> None:
    chat = await make_conversation(database, ended_at=moment, updated_at=moment - HOUR)
    async with database.write() as session:
        await append(session, chat, [Message("Buongiorno")])


async def lost_chat(database: Database, _: Directory, moment: float) -> None:
    await make_conversation(database, updated_at=moment)


async def session_of(database: Database, created: float, seen: float, who: str | None) -> None:
    chat = await make_conversation(database, updated_at=seen)
    await add(
        database,
        BrowserSession(
            id_hash="x", created_at=created, seen_at=seen, person_key=who, conversation_id=chat
        ),
    )


async def anonymous_session(database: Database, _: Directory, moment: float) -> None:
    await session_of(database, moment, moment, None)


async def idle_session(database: Database, _: Directory, moment: float) -> None:
    await session_of(database, moment - HOUR, moment, "person")


async def proof(database: Database, _: Directory, moment: float) -> None:
    chat = await make_conversation(database, updated_at=NOW + DAY)
    row = AddressProof(
        subject=chat,
        conversation_id=chat,
        email="a@example.it",
        person_key="a",
        code_hash="h",
        expires_at=moment,
        wrong_codes=0,
        proved_at=None,
        message_id="m",
        verdict="sent",
    )
    await add(database, row)


async def mail_of_no_request(database: Database, _: Directory, moment: float, *, role: str) -> None:
    row = Delivery(
        role=role,
        envelope_from="a@example.it",
        recipient="b@example.it",
        message_id="<x@example.it>",
        raw=b"x",
        state="sent",
        attempts=1,
        next_attempt_at=moment,
        created_at=moment,
        sent_at=moment,
    )
    await add(database, row)


async def request(database: Database, directory: Directory, moment: float) -> None:
    made = await submit(database, directory)
    async with database.write() as session:
        await session.execute(
            update(Request).where(Request.number == made.number).values(created_at=moment)
        )
        await session.execute(update(Delivery).values(state="sent", sent_at=moment))


async def access(database: Database, _: Directory, moment: float) -> None:
    await add(database, SpidExchange(request_id="_1", answered_at=moment, sealed=b"x"))


async def pending(database: Database, _: Directory, moment: float) -> None:
    row = PendingLogin(
        relay_state="r",
        browser_hash="b",
        request_id="_1",
        issue_instant=moment,
        idp_entity_id="idp",
        return_to="/",
        request_xml="<x/>",
    )
    await add(database, row)


async def use(database: Database, _: Directory, moment: float) -> None:
    await add(database, Use(kind="code/ip", who="w", used_at=moment))


async def bounce(database: Database, _: Directory, moment: float) -> None:
    await add(database, BounceReport(sha256="s", seen_at=moment))


async def desk_session(database: Database, _: Directory, moment: float) -> None:
    member = StaffMember(person_key="p", name="Rosa", roles="staff", created_at=moment)
    await add(database, member)
    row = StaffSession(id_hash="s", person_key="p", created_at=moment, seen_at=moment)
    await add(database, row)


async def desk_entry(database: Database, _: Directory, moment: float) -> None:
    await add(database, DeskEvent(at=moment, who="Rosa", action="log_in", subject="", detail=""))


async def training(database: Database, _: Directory, moment: float) -> None:
    async with database.write() as session:
        await ask(session, "Rosa", moment)
        await cancel(session)


async def model(database: Database, _: Directory, moment: float) -> None:
    async with database.write() as session:
        await add_model(session, tiny_model("aaaaaaaa"), "0" * 64, "Rosa", moment)


CASES = (
    Case("ended chat", 24 * HOUR, Conversation, ended_chat),
    Case("chat without a session", 24 * HOUR, Conversation, lost_chat),
    Case("anonymous session", ABSOLUTE_LIMIT, BrowserSession, anonymous_session),
    Case("idle session", IDLE_LIMIT, BrowserSession, idle_session),
    Case("address proof", 24 * HOUR, AddressProof, proof),
    Case("mail with a code", 7 * DAY, Delivery, partial(mail_of_no_request, role="code")),
    Case("alarm mail", 7 * DAY, Delivery, partial(mail_of_no_request, role="alarm")),
    Case("request", 366 * DAY, Request, request),
    Case("SPID exchange", 731 * DAY, SpidExchange, access),
    Case("pending login", 600.0, PendingLogin, pending),
    Case("use", 24 * HOUR, Use, use),
    Case("desk session", DESK_IDLE_LIMIT, StaffSession, desk_session),
    Case("entry of the desk's log", 366 * DAY, DeskEvent, desk_entry),
    Case("training", 90 * DAY, Training, training),
    Case("model never published", 90 * DAY, Model, model),
    Case("bounce report", 60 * DAY, BounceReport, bounce),
)


async def test_each_kind_stays_until_its_time_and_goes_after_it(
    database: Database, directory: Directory
) -> None:
    for case in CASES:
        await case.make(database, directory, NOW)
        just_before, just_after = NOW + case.age - SECOND, NOW + case.age + SECOND
        await purge(database, just_before)
        assert await count(database, case.table) == 1, case.name
        announced = await due(database, just_after)
        assert await count(database, case.table) == 1, "to announce it deletes nothing"
        taken = await purge(database, just_after)
        assert await count(database, case.table) == 0, case.name
        assert sum(announced.values()) >= 1
        assert all(taken[name] >= number for name, number in announced.items()), case.name
        assert sum((await purge(database, just_after)).values()) == 0
        await purge(database, NOW + 1000 * DAY)


async def test_of_old_models_each_programs_last_two_and_of_trainings_the_one_asked_for_stay(
    database: Database,
) -> None:
    for number, (base, name) in enumerate(("0a", "0b", "0c", "1d")):
        async with database.write() as session:
            content, at = tiny_model(name * 8), NOW + number
            sha256 = await add_model(session, content, base * 64, "Rosa", at)
            await publish(session, sha256, "Rosa", at)
    async with database.write() as session:
        await ask(session, "Rosa", NOW)
    taken = await purge(database, NOW + 1000 * DAY)
    assert (taken["modelli"], taken["addestramenti"]) == (1, 0)
    async with database.read() as reading:
        kept = [[each.name for each in await models(reading, base * 64)] for base in "01"]
    assert kept == [["cccccccc", "bbbbbbbb"], ["dddddddd"]]


async def test_a_chat_ends_with_its_session(database: Database) -> None:
    await session_of(database, NOW - HOUR, NOW, "person")
    await purge(database, NOW + IDLE_LIMIT + SECOND)
    async with database.read() as session:
        assert (await session.scalars(select(Conversation.ended_at))).one() == NOW
    await purge(database, NOW + 24 * HOUR - SECOND)
    assert await count(database, Conversation) == 1
    await purge(database, NOW + 24 * HOUR + SECOND)
    assert await count(database, Conversation) == 0


async def test_a_chat_in_use_stays_however_old_its_last_turn(database: Database) -> None:
    chat = await make_conversation(database, updated_at=NOW - 30 * DAY)
    row = BrowserSession(id_hash="x", created_at=NOW, seen_at=NOW, conversation_id=chat)
    await add(database, row)
    await purge(database, NOW + HOUR)
    assert await count(database, Conversation) == 1


async def test_a_chat_goes_with_its_lines_and_its_request_stays(
    database: Database, directory: Directory
) -> None:
    chat = await make_conversation(database, ended_at=NOW)
    async with database.write() as session:
        await append(session, chat, [Message("Buongiorno")])
    await submit(database, directory, submission(conversation_id=chat))
    await purge(database, NOW + 24 * HOUR + SECOND)
    assert await count(database, ChatMessage) == 0
    async with database.read() as session:
        assert (await session.scalars(select(Request.conversation_id))).all() == [None]
        assert (await session.scalars(select(Consent.conversation_id))).all() == [chat, chat]


BODIES = (
    ("office", "sent", NOW, True),
    ("copy", "sent", NOW, True),
    ("copy", "failed", None, True),
    ("office", "held", None, False),
    ("office", "held", NOW, False),  # it came back
    ("office", "queued", None, False),
    ("office", "sending", None, False),
)


async def test_a_body_goes_when_nobody_can_need_it_any_more(
    database: Database, directory: Directory
) -> None:
    for role, state, sent_at, goes in BODIES:
        await submit(database, directory)
        await set_deliveries(database, "office", state="queued", created_at=NOW)
        await set_deliveries(database, "copy", state="queued", created_at=NOW)
        created_at = NOW - (sent_at is not None) * DAY
        await set_deliveries(database, role, state=state, sent_at=sent_at, created_at=created_at)
        await purge(database, NOW + 30 * DAY - SECOND)
        assert await has_body(database, role), (role, state)
        taken = await purge(database, NOW + 30 * DAY + SECOND)
        assert await has_body(database, role) is not goes, (role, state)
        assert taken["testi delle e-mail"] == goes
        async with database.write() as session:
            await session.execute(delete(Request))


async def has_body(database: Database, role: str) -> bool:
    async with database.read() as session:
        found = await session.scalars(select(Delivery.raw).where(Delivery.role == role))
        return found.one() != b""


async def test_of_requests_only_counts_by_month_and_kind_are_left(
    database: Database, directory: Directory
) -> None:
    await request(database, directory, 1_793_487_000.0)  # 31 October 2026, 23:50 in Italy
    await request(database, directory, 1_793_487_000.0)
    await request(database, directory, 1_793_487_900.0)  # 1 November, 00:05; October in UTC
    await purge(database, NOW + 366 * DAY)
    await request(database, directory, 1_793_487_000.0)
    await purge(database, NOW + 366 * DAY)
    async with database.read() as session:
        rows = await session.scalars(select(MonthlyCount).order_by(MonthlyCount.month))
        found = [(r.month, r.category, r.structure, r.requests) for r in rows]
    assert found == [
        ("2026-10", "technical", "asp_trapani", 3),
        ("2026-11", "technical", "asp_trapani", 1),
    ]
    assert await count(database, Consent) == await count(database, Delivery) == 0


@pytest.mark.parametrize("state", ["queued", "sending", "held"])
async def test_a_request_whose_mail_has_not_left_stays_however_old(
    database: Database, directory: Directory, state: str
) -> None:
    await request(database, directory, NOW)
    await set_deliveries(database, "office", state=state)
    await purge(database, NOW + 400 * DAY)
    assert await count(database, Request) == 1


async def test_much_goes_in_small_transactions_and_twice_at_once(
    database: Database,
) -> None:
    rules = [replace(rule, batch=10) for rule in RULES]
    async with database.write() as session:
        session.add_all(Use(kind="code/ip", who=str(i), used_at=NOW) for i in range(55))
    taken = await asyncio.gather(*(purge(database, NOW + 2 * DAY, rules) for _ in range(2)))
    assert sum(each["contatori dei limiti"] for each in taken) == 55
    assert await count(database, Use) == 0


async def test_the_worker_purges_at_its_start_and_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PURGE_EVERY", 0.05)
    stop = asyncio.Event()
    working = asyncio.create_task(worker.purge_daily(database, stop))
    for _ in range(2):
        await add(database, Use(kind="code/ip", who="w", used_at=time.time() - 2 * DAY))
        async with asyncio.timeout(10):
            while await count(database, Use):  # noqa: ASYNC110 (another task deletes it)
                await asyncio.sleep(0.02)
    stop.set()
    await working


async def test_the_words_of_a_rating_go_after_a_year_and_its_stars_stay(database: Database) -> None:
    for day in ("2026-01-13", "2026-01-15"):  # NOW is 2027-01-15
        await add(database, Rating(stars=2, reason="other", details="parole", day=day))
    await purge(database, NOW)
    async with database.read() as session:
        rows = await session.execute(select(Rating.day, Rating.stars, Rating.details))
    assert sorted(map(tuple, rows)) == [("2026-01-13", 2, ""), ("2026-01-15", 2, "parole")]
