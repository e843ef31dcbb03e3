"""Refusals that are about us: they cost no attempt, and stop the others only if all get them."""

import time
from dataclasses import replace

import pytest

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.domain.retry import GIVE_UP_AFTER, PROBES
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery.alarm import BETWEEN_MAILS, Watch, tell_of_troubles
from intercup.services.delivery.deliver import deliver_due
from tests.support.delivering import OFFICE, deliver
from tests.support.made_requests import (
    AGATA,
    MAIL_FROM,
    channel,
    deliveries,
    set_deliveries,
    submission,
    submit,
)
from tests.support.smtp_servers import MailCatcher, scripted_relay

DENIED = "554 5.7.1 <cup@example.it>: Relay access denied"
MINUTE = 60.0


async def many_requests(database: Database, directory: Directory, count: int) -> None:
    """Requests of different citizens to one office."""
    for number in range(count):
        citizen = replace(AGATA, person_key=f"p{number}", email=f"cittadino{number}@example.it")
        await submit(database, directory, submission(structure="asp_ragusa", citizen=citizen))


async def test_one_mailbox_and_one_text_that_are_refused_do_not_delay_the_others(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    mail_catcher.at_rcpt[OFFICE] = ["550 5.7.133 sender not authenticated for group"] * 9
    mail_catcher.at_data["cittadino7@example.it"] = ["554 5.7.1 taken for spam"]
    await submit(database, directory)
    await many_requests(database, directory, 25)
    while await deliver(database, mail_catcher.url):
        pass
    rows = await deliveries(database)
    left = {row.recipient: row.state for row in rows if row.state != "sent"}
    assert left == {OFFICE: "queued", "cittadino7@example.it": "failed"}
    office = next(row for row in rows if row.recipient == OFFICE)
    assert (office.attempts, office.last_error) == (0, "SMTPRecipientRefused 550 5.7.133")
    assert (await channel(database)).failures == 0


@pytest.mark.parametrize(
    "answer",
    [DENIED, "504 5.5.2 <x>: Helo command rejected", "553 5.7.1 not owned", "530 5.7.0 login"],
)
async def test_a_relay_that_denies_everybody_for_a_while_loses_nothing(
    database: Database, directory: Directory, mail_catcher: MailCatcher, answer: str
) -> None:
    await submit(database, directory)
    await many_requests(database, directory, 3)
    asked = len(await deliveries(database))
    async with scripted_relay(RCPT=answer) as relay:
        for second in range(1, 101, 5):
            await deliver(database, relay.url, after=second)
    rows = await deliveries(database)
    assert {(row.state, row.attempts) for row in rows} == {("queued", 0)}
    assert (await channel(database)).failing_since is not None, "/health says so"
    for second in range(100, 500, 20):
        await deliver(database, mail_catcher.url, after=second)
    assert {row.state for row in await deliveries(database)} == {"sent"}
    assert len(mail_catcher.rcpts()) == asked
    assert (await channel(database)).failing_since is None


async def test_a_paused_relay_is_asked_by_other_mails_each_time(
    database: Database, directory: Directory
) -> None:
    await many_requests(database, directory, 12)
    probes: list[set[str]] = []
    async with scripted_relay(RCPT=DENIED) as relay:
        for second in (1, 20, 60, 200):
            relay.recipients.clear()
            await deliver(database, relay.url, after=second)
            probes.append(set(relay.recipients))
    copies = [each - {"websanity.prenotazioni@asp.rg.it"} for each in probes[1:]]
    assert all(0 < len(each) <= PROBES for each in probes[1:])
    assert len(set().union(*copies)) == sum(map(len, copies)), "none twice"


async def test_the_mails_of_one_request_do_not_stop_the_others(
    database: Database, directory: Directory
) -> None:
    await submit(database, directory)
    async with scripted_relay(RCPT=DENIED) as relay:
        await deliver(database, relay.url)
    assert [(row.state, row.attempts) for row in await deliveries(database)] == [("queued", 0)] * 2
    assert (await channel(database)).failures == 0


async def test_a_mailbox_that_refuses_us_for_days_goes_to_a_person(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    mail_catcher.at_rcpt[OFFICE] = [DENIED] * 2
    await submit(database, directory)
    await deliver(database, mail_catcher.url)
    await deliver(database, mail_catcher.url, after=GIVE_UP_AFTER + MINUTE)
    assert (await deliveries(database))[0].state == "held"


async def test_an_alarm_that_nobody_got_is_told_again(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    watch = Watch("presidio@intercup.example.it", MAIL_FROM)
    await submit(database, directory)
    await set_deliveries(database, "office", state="held")
    now = time.time()
    mail_catcher.at_rcpt[watch.alarm_to] = ["550 5.1.1 unknown"]
    assert await tell_of_troubles(database, watch, now) == ["held 1"]
    await deliver(database, mail_catcher.url)
    assert await tell_of_troubles(database, watch, now + MINUTE) == [], "not at once"
    assert await tell_of_troubles(database, watch, now + BETWEEN_MAILS + 1) == ["held 1"]
    await deliver(database, mail_catcher.url, BETWEEN_MAILS + 2)
    assert mail_catcher.rcpts().count(watch.alarm_to) == 1
    assert await tell_of_troubles(database, watch, now + 3 * BETWEEN_MAILS) == []


async def test_the_relay_hears_the_public_name(database: Database, directory: Directory) -> None:
    await submit(database, directory)
    async with scripted_relay() as relay:
        address = SmtpAddress.parse(relay.url, "intercup.example.it")
        await deliver_due(database, address, "worker", lambda: time.time() + 1)
    assert relay.ehlo_names == ["intercup.example.it"]
