"""The worker's loop, and what the citizen's chat learns of it."""

import asyncio
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text, update

from intercup.db.engine import Database
from intercup.db.sqlite import sqlite3
from intercup.db.tables import Request
from intercup.domain.directory import Directory
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.chat.conversations import history
from intercup.services.requests.lookup import requests_of
from intercup.worker import loop as worker
from intercup.worker.loop import empty_journal, run_worker
from tests.support.delivering import LATER, OFFICE, deliver, until
from tests.support.made_requests import (
    AGATA,
    make_conversation,
    set_deliveries,
    states,
    submission,
    submit,
)
from tests.support.smtp_servers import MailCatcher

pytestmark = pytest.mark.both_databases


async def test_the_worker_sends_what_is_due_and_stops_at_once(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory)
    stop = asyncio.Event()
    working = asyncio.create_task(run_worker(database, SmtpAddress.parse(mail_catcher.url), stop))
    async with asyncio.timeout(10):
        while set((await states(database)).values()) != {"sent"}:  # noqa: ASYNC110 (the worker)
            await asyncio.sleep(0.02)
    assert len(mail_catcher.mails) == 2
    began = time.monotonic()
    stop.set()
    await working
    assert time.monotonic() - began < 10  # seconds


async def test_the_worker_empties_the_journal_with_what_was_deleted(
    sqlite_url: str, directory: Directory, tmp_path: Path
) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    await submit(database, directory)
    stop, journal = asyncio.Event(), tmp_path / "intercup.db-wal"
    assert journal.stat().st_size
    working = asyncio.create_task(empty_journal(database, stop))
    await until(lambda: journal.stat().st_size == 0)
    stop.set()
    await working
    await database.close()


async def test_the_worker_goes_on_after_the_database_was_away(
    sqlite_url: str,
    directory: Directory,
    mail_catcher: MailCatcher,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(worker, "AFTER_FAILURE", 0.05)
    monkeypatch.setattr(worker, "POLL", 0.05)
    database = Database(sqlite_url)
    await database.migrate()
    await submit(database, directory)
    await database.close()
    file, away = tmp_path / "intercup.db", tmp_path / "away"
    file.rename(away)
    file.mkdir()
    stop = asyncio.Event()
    working = asyncio.create_task(run_worker(database, SmtpAddress.parse(mail_catcher.url), stop))
    await until(lambda: "ALARM database unavailable" in caplog.text)
    file.rmdir()
    away.rename(file)
    await until(lambda: len(mail_catcher.mails) == 2)
    stop.set()
    await working
    await database.close()


async def test_a_journal_that_stays_full_is_told(
    sqlite_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("EMPTY_EVERY", "EMPTY_WAIT"):
        monkeypatch.setattr(worker, name, 0.01)
    database, stop = Database(sqlite_url), asyncio.Event()
    await database.migrate()
    with closing(sqlite3.connect(tmp_path / "intercup.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM requests").fetchall()
        async with database.write() as session:
            await session.execute(text("UPDATE channels SET name = name"))
        emptying = asyncio.create_task(empty_journal(database, stop))
        await until(lambda: "ALARM journal not emptied 5 times" in caplog.text)
    stop.set()
    await emptying
    await database.close()


async def events(database: Database, conversation: str) -> list[tuple[str, str]]:
    lines = await history(database, conversation)
    return [(line.input["role"], line.input["state"]) for line in lines if line.input]


async def submitted_by_chat(
    database: Database, directory: Directory, structure: str = "asp_trapani"
) -> str:
    chat = await make_conversation(database)
    wanted = submission(structure=structure, conversation_id=chat)
    await submit(database, directory, wanted)
    return chat


async def test_the_chat_learns_of_the_delivery_to_the_office_only(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    chat = await submitted_by_chat(database, directory)
    await deliver(database, mail_catcher.url)
    assert await events(database, chat) == [("office", "sent")]
    (line,) = await history(database, chat)
    assert line.input is not None
    assert line.input["office"] == "ASP Trapani - Assistenza tecnica"


async def test_the_chat_learns_of_refusals(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    mail_catcher.at_rcpt = {OFFICE: ["550 no"], AGATA.email: ["550 no"]}
    chat = await submitted_by_chat(database, directory)
    await deliver(database, mail_catcher.url)
    assert await events(database, chat) == [("office", "held"), ("copy", "held")]


async def test_two_addresses_of_an_office_make_one_event(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    chat = await submitted_by_chat(database, directory, "ao_villa_sofia_cervello")
    await deliver(database, mail_catcher.url)
    assert await events(database, chat) == [("office", "sent")]


async def test_an_office_refused_at_one_of_two_addresses_is_told_once(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    mail_catcher.at_rcpt = {"kdimiceli@villasofia.it": ["550 no"]}
    chat = await submitted_by_chat(database, directory, "ao_villa_sofia_cervello")
    await deliver(database, mail_catcher.url)
    assert await events(database, chat) == [("office", "held")]


async def test_a_deferred_delivery_is_told_when_it_is_done(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    mail_catcher.at_data = {OFFICE: ["451 later"]}
    chat = await submitted_by_chat(database, directory)
    await deliver(database, mail_catcher.url)
    assert await events(database, chat) == []
    await deliver(database, mail_catcher.url, LATER)
    assert await events(database, chat) == [("office", "sent")]


async def test_a_chat_that_is_gone_does_not_stop_the_delivery(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory, submission(conversation_id="gone"))
    await deliver(database, mail_catcher.url)
    assert set((await states(database)).values()) == {"sent"}


async def test_a_person_sees_only_their_requests_newest_first(
    database: Database, directory: Directory
) -> None:
    older = await submit(database, directory)
    newer = await submit(database, directory, submission(category="platform", structure=None))
    async with database.write() as session:
        await session.execute(
            update(Request).where(Request.number == older.number).values(created_at=1.0)
        )
    await set_deliveries(database, "office", state="held")
    found = await requests_of(database, AGATA.person_key)
    assert [(e.request.number, e.state) for e in found] == [
        (newer.number, "held"),
        (older.number, "held"),
    ]
    assert await requests_of(database, "nobody") == []
