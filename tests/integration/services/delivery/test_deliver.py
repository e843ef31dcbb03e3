"""Deliveries over real SMTP: one transaction a recipient, and whose fault a failure is."""

import time

import pytest

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from tests.support.delivering import LATER, OFFICE, deliver
from tests.support.made_requests import (
    AGATA,
    channel,
    deliveries,
    set_deliveries,
    states,
    submission,
    submit,
)
from tests.support.smtp_servers import MailCatcher

pytestmark = pytest.mark.both_databases


async def test_each_recipient_has_its_own_transaction(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory)
    assert await deliver(database, mail_catcher.url) == 2
    assert mail_catcher.rcpts() == [OFFICE, AGATA.email]
    assert len({mail.message["Message-ID"] for mail in mail_catcher.mails}) == 1
    assert await states(database) == {OFFICE: "sent", AGATA.email: "sent"}


async def test_what_is_sent_is_what_was_committed(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory, submission(description=".\n..punto\nFrom qui\n\nfine"))
    await deliver(database, mail_catcher.url)
    office, _ = await deliveries(database)
    assert mail_catcher.mails[0].raw == office.raw
    assert (office.attempts, office.last_error, office.lease_owner) == (1, None, None)
    assert office.sent_at is not None


async def test_nothing_is_sent_twice(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory)
    await deliver(database, mail_catcher.url)
    assert await deliver(database, mail_catcher.url, LATER) == 0
    assert len(mail_catcher.mails) == 2


async def test_a_retry_is_identical_to_the_byte(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    mail_catcher.at_data[OFFICE] = ["451 4.3.0 later"]
    await submit(database, directory)
    await deliver(database, mail_catcher.url)
    assert await states(database) == {OFFICE: "queued", AGATA.email: "sent"}
    office, _ = await deliveries(database)
    assert (office.attempts, office.last_error) == (1, "SMTPDataError 451 4.3.0")
    assert 24 <= office.next_attempt_at - time.time() <= 38
    await deliver(database, mail_catcher.url, LATER)
    first, _, second = mail_catcher.tried
    assert (first.rcpt, first.raw) == (second.rcpt, second.raw)
    assert await states(database) == {OFFICE: "sent", AGATA.email: "sent"}


@pytest.mark.parametrize("verb", ["at_rcpt", "at_data"])
async def test_a_refused_office_is_held_for_a_person(
    database: Database,
    directory: Directory,
    mail_catcher: MailCatcher,
    caplog: pytest.LogCaptureFixture,
    verb: str,
) -> None:
    getattr(mail_catcher, verb)[OFFICE] = ["550 5.1.1 unknown"]
    await submit(database, directory)
    await deliver(database, mail_catcher.url)
    assert await states(database) == {OFFICE: "held", AGATA.email: "sent"}
    assert [r for r in caplog.records if r.levelname == "ERROR" and "ALARM" in r.message]
    assert await deliver(database, mail_catcher.url, LATER) == 0


async def test_a_refused_copy_leaves_the_office_alone(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    mail_catcher.at_rcpt[AGATA.email] = ["550 5.1.1 unknown"]
    await submit(database, directory)
    await deliver(database, mail_catcher.url)
    assert await states(database) == {OFFICE: "sent", AGATA.email: "failed"}


async def test_a_deferred_recipient_does_not_stop_the_others(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    mail_catcher.at_rcpt[OFFICE] = ["451 4.7.1 greylisted"]
    await submit(database, directory)
    await deliver(database, mail_catcher.url)
    assert await states(database) == {OFFICE: "queued", AGATA.email: "sent"}


async def test_after_five_days_of_deferrals_a_person_takes_over(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory)
    await set_deliveries(database, "office", first_attempt_at=time.time() - 6 * 86_400, attempts=99)
    mail_catcher.at_data[OFFICE] = ["451 4.3.0 later"]
    await deliver(database, mail_catcher.url)
    assert (await states(database))[OFFICE] == "held"


async def test_a_recipient_that_cannot_be_written_is_put_aside_and_others_go_on(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory)
    await submit(database, directory, submission(structure="asp_ragusa"))
    await set_deliveries(database, "copy", recipient="niccolò@example.it")
    await deliver(database, mail_catcher.url)
    rows = [(row.role, row.state) for row in await deliveries(database)]
    assert rows == [("office", "sent"), ("copy", "failed")] * 2
    assert mail_catcher.rcpts() == [OFFICE, "websanity.prenotazioni@asp.rg.it"]
    assert (await channel(database)).failures == 0
