"""Troubles of the mail are told to a person: once, by mail, with ids only."""

import asyncio
import time

import pytest
from sqlalchemy import update

from intercup.db.engine import Database
from intercup.db.tables import Channel
from intercup.domain.directory import Directory
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery.alarm import (
    BETWEEN_MAILS,
    LATE,
    Watch,
    tell_of_structures,
    tell_of_troubles,
)
from intercup.services.delivery.deliver import deliver_due
from intercup.services.delivery.outbox import queued
from intercup.worker.loop import run_worker
from tests.support.delivering import OFFICE, deliver, until
from tests.support.made_requests import (
    AGATA,
    MAIL_FROM,
    TEXT,
    deliveries,
    set_deliveries,
    submission,
    submit,
)
from tests.support.smtp_servers import MailCatcher, running_catcher

ALARM_TO = "presidio@intercup.example.it"
WATCH = Watch(ALARM_TO, MAIL_FROM)
HOUR = 3600.0


async def look(database: Database, after: float = 0.0) -> list[str]:
    return await tell_of_troubles(database, WATCH, time.time() + after)


async def alarms(database: Database) -> list[str]:
    return [row.raw.decode() for row in await deliveries(database) if row.role == "alarm"]


async def test_without_trouble_nothing_is_told(database: Database, directory: Directory) -> None:
    await submit(database, directory)
    assert await look(database, LATE - 5) == []
    assert await alarms(database) == []


async def test_a_held_mail_is_told_once_with_its_id_and_nothing_of_a_person(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    mail_catcher.at_rcpt[OFFICE] = ["550 5.1.1 unknown"]
    request = await submit(database, directory)
    await deliver(database, mail_catcher.url)
    assert await look(database) == ["held 1"]
    assert await look(database) == await look(database, HOUR) == []
    await deliver(database, mail_catcher.url)
    (alarm,) = [mail for mail in mail_catcher.mails if mail.rcpt == [ALARM_TO]]
    text = alarm.message.get_content()
    assert "(1): 1" in text
    personal = (TEXT, AGATA.email, AGATA.name, AGATA.surname, request.number, OFFICE)
    assert [word for word in personal if word in alarm.raw.decode() + text] == []


async def test_a_refused_notice_of_a_changed_mailbox_is_told(
    database: Database, mail_catcher: MailCatcher
) -> None:
    mail_catcher.at_rcpt[OFFICE] = ["550 5.1.1 unknown"]
    async with database.write() as writing:
        mail = ("<a@intercup.example.it>", b"Subject: x\r\n\r\nx\r\n")
        writing.add(queued("mailbox", MAIL_FROM, OFFICE, mail, time.time()))
    await deliver(database, mail_catcher.url)
    assert await look(database) == ["mailbox 1"]
    assert await look(database, HOUR) == []


async def test_a_late_mail_is_told_and_told_again_only_after_it_was_over(
    database: Database, directory: Directory
) -> None:
    await submit(database, directory)
    assert await look(database, LATE + 5) == ["late 1"]
    await set_deliveries(database, "office", state="sent")
    await set_deliveries(database, "alarm", state="sent")
    assert await look(database, LATE + 65) == []
    await set_deliveries(database, "office", state="queued")
    assert await look(database, 2 * HOUR) == ["late 1"]
    assert len(await alarms(database)) == 2


@pytest.mark.both_databases
async def test_a_late_mail_is_not_told_again_after_the_relay_failed_for_a_moment(
    database: Database, directory: Directory
) -> None:
    await submit(database, directory)
    assert await look(database, LATE + 5) == ["late 1"]
    await set_deliveries(database, "alarm", state="sent")
    for failing_since in (time.time() + HOUR - 1, None):
        async with database.write() as session:
            await session.execute(update(Channel).values(failing_since=failing_since))
        assert await look(database, HOUR) == []
    await set_deliveries(database, "office", state="sent")
    assert await look(database, HOUR) == []
    await set_deliveries(database, "office", state="queued")
    assert await look(database, 2 * HOUR) == ["late 1"]


@pytest.mark.both_databases
async def test_what_is_new_is_in_the_log_also_while_an_alarm_mail_waits(
    database: Database, directory: Directory, caplog: pytest.LogCaptureFixture
) -> None:
    await submit(database, directory)
    await look(database, LATE + 5)
    await submit(database, directory)
    caplog.clear()
    assert await look(database, LATE + 6) == []
    assert "late" in caplog.text


@pytest.mark.both_databases
async def test_a_copy_or_a_code_that_waits_is_no_alarm(
    database: Database, directory: Directory
) -> None:
    await submit(database, directory)
    await set_deliveries(database, "office", state="sent")
    await set_deliveries(database, "copy", state="failed")
    assert await look(database, HOUR) == []


@pytest.mark.both_databases
async def test_a_relay_that_fails_for_half_an_hour_is_one_trouble_however_many_mails_wait(
    database: Database, directory: Directory
) -> None:
    for _ in range(5):
        await submit(database, directory)
    await deliver(database, "smtp://127.0.0.1:1")
    assert await look(database, LATE - 60) == []
    assert await look(database, LATE + 60) == ["relay"]
    for hours in range(1, 100):
        assert await look(database, hours * HOUR) == []
    assert len(await alarms(database)) == 1


async def test_many_troubles_one_after_the_other_are_few_mails(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    offices = 0
    for minute in range(60):
        await submit(database, directory, submission(f"key {minute}"))
        await set_deliveries(database, "office", state="held")
        offices += 1
        await look(database, minute * 60.0)
        await set_deliveries(database, "alarm", state="sent")
    mails = await alarms(database)
    assert len(mails) == HOUR / BETWEEN_MAILS
    assert offices == 60


async def test_an_alarm_that_cannot_be_sent_yet_is_not_followed_by_others(
    database: Database, directory: Directory
) -> None:
    await submit(database, directory)
    await set_deliveries(database, "office", state="held")
    await look(database)
    await submit(database, directory, submission("other"))
    await set_deliveries(database, "office", state="held")
    assert await look(database, 5 * HOUR) == []
    await set_deliveries(database, "alarm", state="sent")
    assert len(await look(database, 6 * HOUR)) == 1


async def test_without_an_address_the_log_is_told_once(
    database: Database, directory: Directory, caplog: pytest.LogCaptureFixture
) -> None:
    await submit(database, directory)
    await set_deliveries(database, "office", state="held")
    for _ in range(3):
        await tell_of_troubles(database, Watch(), time.time())
    assert caplog.text.count("ALARM mail for the offices stands still: held 1") == 1
    assert await alarms(database) == []


@pytest.mark.both_databases
async def test_two_workers_tell_once(database: Database, directory: Directory) -> None:
    await submit(database, directory)
    await set_deliveries(database, "office", state="held")
    told = await asyncio.gather(*(look(database) for _ in range(4)))
    assert sorted(map(len, told)) == [0, 0, 0, 1]
    assert len(await alarms(database)) == 1


async def test_the_worker_itself_sends_the_alarm_when_the_relay_is_back(
    database: Database, directory: Directory
) -> None:
    await submit(database, directory)
    await deliver_due(database, SmtpAddress.parse("smtp://127.0.0.1:1"), "w", lambda: 1.0)
    async with running_catcher() as catcher:
        stop = asyncio.Event()
        working = asyncio.create_task(
            run_worker(database, SmtpAddress.parse(catcher.url), stop, WATCH)
        )
        await until(lambda: len(catcher.mails) == 3)
        stop.set()
        await working
        assert catcher.rcpts()[0] == ALARM_TO


@pytest.mark.both_databases
async def test_a_refused_structures_file_is_told_once_for_each_host(database: Database) -> None:
    async def check(host: str, *, refused: bool, after: float = 0.0) -> None:
        now = time.time() + after
        await tell_of_structures(database, WATCH, host, refused=refused, now=now)
        await tell_of_troubles(database, WATCH, now)  # the worker, which doesn't read the file

    await check("uno", refused=False)
    assert await alarms(database) == []
    for _ in range(3):
        await check("uno", refused=True)
        await check("due", refused=False)
    (mail,) = await alarms(database)
    assert "Subject: [InterCup] File delle strutture rifiutato" in mail
    assert "(uno)" in mail
    await deliver(database, "smtp://127.0.0.1:1")  # It waits: the relay is away.
    await check("due", refused=True, after=2 * BETWEEN_MAILS)
    assert len(await alarms(database)) == 1
    await set_deliveries(database, "alarm", state="sent")
    await check("due", refused=True, after=2 * BETWEEN_MAILS)
    assert len(await alarms(database)) == 2
    await set_deliveries(database, "alarm", state="sent")
    await check("uno", refused=False)
    await check("uno", refused=True, after=4 * BETWEEN_MAILS)
    assert len(await alarms(database)) == 3


@pytest.mark.both_databases
async def test_an_alarm_about_structures_that_nobody_got_is_told_again(database: Database) -> None:
    now = time.time()
    for after in (0.0, HOUR):
        await tell_of_structures(database, WATCH, "uno", refused=True, now=now + after)
        await set_deliveries(database, "alarm", state="failed")
    assert len(await alarms(database)) == 2
