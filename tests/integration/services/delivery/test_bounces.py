"""Mails that come back after they were sent, as Postfix reports them."""

import logging
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from intercup.db.engine import Database
from intercup.db.tables import Delivery
from intercup.domain.delivery import DeliveryState
from intercup.domain.directory import Directory
from intercup.mail.bounce_address import BounceAddress
from intercup.services.chat.conversations import history
from intercup.services.delivery import outbox
from intercup.services.delivery.bounces import Handled, handle_message
from intercup.services.requests.lookup import requests_of
from intercup.services.requests.submit import submit_request
from tests.support.bounce_reports import BOUNCES, report
from tests.support.delivering import OFFICE, deliver
from tests.support.made_requests import (
    AGATA,
    MAIL_FROM,
    MAILS,
    NO_LIMITS,
    deliveries,
    make_conversation,
    states,
    submission,
)
from tests.support.smtp_servers import MailCatcher

pytestmark = pytest.mark.both_databases

LATER = 60 * 86400.0


async def sent_request(
    database: Database, directory: Directory, mail_catcher: MailCatcher, chat: str | None = None
) -> list[Delivery]:
    """Submit and deliver; the office's row comes first."""
    await submit_request(
        database,
        directory,
        submission(conversation_id=chat),
        replace(MAILS, bounces=BOUNCES),
        datetime.now(UTC),
        NO_LIMITS,
    )
    await deliver(database, mail_catcher.url)
    return list(await deliveries(database))


async def handle(database: Database, raw: bytes) -> Handled:
    return await handle_message(database, BOUNCES, raw, time.time())


async def test_each_row_is_sent_from_its_own_address_and_retried_from_the_same(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    mail_catcher.at_rcpt[OFFICE] = ["450 4.2.0 later"]
    office, copy = await sent_request(database, directory, mail_catcher)
    await deliver(database, mail_catcher.url, 3600)
    assert [mail.mail_from for mail in mail_catcher.mails] == [
        copy.envelope_from,
        office.envelope_from,
    ]
    assert office.envelope_from != copy.envelope_from
    assert office.envelope_from == BOUNCES.of(office.message_id, "office", OFFICE)


async def test_an_offices_mail_that_comes_back_waits_for_a_person_and_the_citizen_is_told(
    database: Database,
    directory: Directory,
    mail_catcher: MailCatcher,
    caplog: pytest.LogCaptureFixture,
) -> None:
    chat = await make_conversation(database)
    office, _ = await sent_request(database, directory, mail_catcher, chat)
    caplog.set_level(logging.INFO)
    assert await handle(database, report("unknown-user", office)) is Handled.MARKED
    assert await states(database) == {OFFICE: "held", AGATA.email: "sent"}
    assert (await deliveries(database))[0].last_error == "bounce 5.1.1"
    assert f"ALARM delivery {office.id} held: bounce 5.1.1" in caplog.text
    assert "@" not in caplog.text
    events = [line.input["state"] for line in await history(database, chat) if line.input]
    assert events == ["sent", "held"]
    assert [entry.state for entry in await requests_of(database, AGATA.person_key)] == ["held"]


async def test_a_citizens_copy_that_comes_back_has_failed_and_the_citizen_is_told(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    chat = await make_conversation(database)
    _, copy = await sent_request(database, directory, mail_catcher, chat)
    assert await handle(database, report("mailbox-full-expired", copy)) is Handled.MARKED
    assert await states(database) == {OFFICE: "sent", AGATA.email: "failed"}
    events = [(m.input["role"], m.input["state"]) for m in await history(database, chat) if m.input]
    assert events == [("office", "sent"), ("copy", "held")]
    (entry,) = await requests_of(database, AGATA.person_key)
    assert (entry.state, entry.copy_failed) == ("sent", True)


async def test_a_warning_or_an_absence_changes_nothing(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    office, _ = await sent_request(database, directory, mail_catcher)
    for name in ("delayed", "vacation"):
        assert await handle(database, report(name, office)) is Handled.IGNORED
    assert set((await states(database)).values()) == {"sent"}


async def test_the_same_report_counts_once_even_after_a_person_has_sent_the_mail_again(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    office, _ = await sent_request(database, directory, mail_catcher)
    raw = report("too-big", office)
    assert await handle(database, raw) is Handled.MARKED
    assert await handle(database, raw) is Handled.DUPLICATE
    async with database.write() as session:
        assert await outbox.retry(session, [office.id], time.time()) == [office.id]
    await deliver(database, mail_catcher.url)
    assert await handle(database, raw) is Handled.DUPLICATE
    assert set((await states(database)).values()) == {"sent"}
    assert len(mail_catcher.mails) == 3


async def test_a_second_report_of_a_held_mail_changes_nothing(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    office, _ = await sent_request(database, directory, mail_catcher)
    assert await handle(database, report("mailbox-full", office)) is Handled.MARKED
    assert await handle(database, report("host-not-found", office)) is Handled.DUPLICATE
    assert (await deliveries(database))[0].last_error == "bounce 5.2.2"


async def test_a_forged_report_marks_no_other_row(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    """A row's address can't be made from its number, recipient and another row's address."""
    office, copy = await sent_request(database, directory, mail_catcher)
    forger = BounceAddress(MAIL_FROM, b"guess" * 8)
    made = forger.of(office.message_id, "office", OFFICE)
    raw = report("unknown-user", copy).replace(copy.envelope_from.encode(), made.encode())
    assert await handle(database, raw) is Handled.UNKNOWN
    body_only = report("unknown-user", office).replace(
        b"To: " + office.envelope_from.encode(), b"To: " + MAIL_FROM.encode(), 1
    )
    assert await handle(database, body_only) is Handled.UNKNOWN
    assert set((await states(database)).values()) == {"sent"}


async def test_a_mail_without_its_body_any_more_is_not_sent_again(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    office, _ = await sent_request(database, directory, mail_catcher)
    async with database.write() as session:
        await session.execute(update(Delivery).values(raw=b""))
    await handle(database, report("unknown-user", office))
    assert (await deliveries(database))[0].state == "failed", "held would wait for ever"
    async with database.write() as session:
        assert await outbox.retry(session, None, time.time()) == []


@pytest.mark.parametrize("state", [DeliveryState.QUEUED, DeliveryState.SENDING])
async def test_an_old_report_does_not_stop_a_mail_that_is_sent_again(
    database: Database, directory: Directory, mail_catcher: MailCatcher, state: DeliveryState
) -> None:
    office, _ = await sent_request(database, directory, mail_catcher)
    async with database.write() as session:
        again = update(Delivery).where(Delivery.id == office.id).values(state=state)
        await session.execute(again)
    assert await handle(database, report("unknown-user", office)) is Handled.DUPLICATE
    assert (await deliveries(database))[0].state == state


async def test_a_held_mail_without_its_body_is_not_queued(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    office, _ = await sent_request(database, directory, mail_catcher)
    await handle(database, report("unknown-user", office))
    async with database.write() as session:
        await session.execute(update(Delivery).values(raw=b""))
        assert await outbox.retry(session, None, time.time()) == []
    assert (await deliveries(database))[0].state == "held"
