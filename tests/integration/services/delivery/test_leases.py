"""Claims and leases: each delivery is sent by one worker, and none stays with a dead one."""

import asyncio
import time

import pytest

from intercup.db.engine import Database
from intercup.db.tables import Delivery
from intercup.domain.directory import Directory
from intercup.domain.retry import CHANNEL_PAUSE_FIRST, LEASE
from intercup.mail.smtp import Outcome, Result
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery import outbox
from intercup.services.delivery.channel import failed
from intercup.services.delivery.deliver import deliver_due
from tests.support.delivering import OFFICE
from tests.support.made_requests import channel, deliveries, set_deliveries, states, submit
from tests.support.ports import free_port
from tests.support.smtp_servers import Caught, MailCatcher

pytestmark = pytest.mark.both_databases

SENT = Outcome(Result.SENT)


async def claim(database: Database, owner: str, now: float, limit: int = 20) -> list[int]:
    return [claimed.id for claimed in await outbox.claim(database, owner, now, limit)]


async def test_a_claimed_delivery_is_not_claimed_again(
    database: Database, directory: Directory
) -> None:
    await submit(database, directory)
    now = time.time() + 1
    assert len(await claim(database, "one", now)) == 2
    assert await claim(database, "two", now) == []
    assert await claim(database, "two", now + LEASE - 1) == []


async def test_a_claim_takes_no_more_than_its_limit(
    database: Database, directory: Directory
) -> None:
    for _ in range(3):
        await submit(database, directory)
    now = time.time() + 1
    assert len(await claim(database, "one", now, limit=4)) == 4
    assert len(await claim(database, "two", now, limit=4)) == 2


async def test_offices_come_before_copies(database: Database, directory: Directory) -> None:
    for _ in range(2):
        await submit(database, directory)
    claimed = await outbox.claim(database, "one", time.time() + 1, 20)
    assert [c.role for c in claimed] == ["office", "office", "copy", "copy"]


async def test_a_mail_of_a_newer_program_does_not_stop_the_others(
    database: Database, directory: Directory
) -> None:
    for _ in range(2):
        await submit(database, directory)
    async with database.write() as writing:
        first = await writing.get_one(Delivery, 1)
        first.role = "newer"
    claimed = await outbox.claim(database, "one", time.time() + 1, 20)
    assert [c.role for c in claimed] == ["office", "copy", "copy", "newer"]


async def test_an_abandoned_delivery_goes_to_another_worker(
    database: Database, directory: Directory
) -> None:
    await submit(database, directory)
    now = time.time() + 1
    taken = await claim(database, "dead", now)
    assert await claim(database, "alive", now + LEASE + 1) == taken


async def test_a_result_after_the_lease_was_lost_is_not_written(
    database: Database, directory: Directory
) -> None:
    await submit(database, directory)
    now = time.time() + 1
    late, _ = await outbox.claim(database, "late", now, 20)
    await claim(database, "new", now + LEASE + 1)
    refused = Outcome(Result.RECIPIENT_REFUSED, "SMTPDataError 550")
    async with database.write() as session:
        assert await outbox.record(session, late, "late", refused, now + LEASE + 2) is None
    assert set((await states(database)).values()) == {"sending"}
    async with database.write() as session:
        assert await outbox.record(session, late, "new", SENT, now + LEASE + 2) == "sent"


async def test_a_worker_without_its_lease_does_not_send_the_rest(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory)
    address = SmtpAddress.parse(mail_catcher.url)
    start = time.time() + 1
    ahead = 0.0

    async def stall(caught: Caught) -> None:
        nonlocal ahead
        if caught.rcpt == [OFFICE] and not ahead:
            ahead = LEASE + 60
            await deliver_due(database, address, "two", lambda: start + ahead)

    mail_catcher.on_data = stall
    await deliver_due(database, address, "one", lambda: start + ahead)
    copies = [mail for mail in mail_catcher.mails if mail.rcpt != [OFFICE]]
    assert len(copies) == 1


async def test_two_workers_at_once_send_each_delivery_once(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    for _ in range(30):
        await submit(database, directory)
    address = SmtpAddress.parse(mail_catcher.url)

    async def work(owner: str) -> None:
        while await deliver_due(database, address, owner, lambda: time.time() + 5):
            pass

    await asyncio.gather(work("one"), work("two"), work("three"))
    assert {row.state for row in await deliveries(database)} == {"sent"}
    sent = [(mail.rcpt[0], mail.message["Message-ID"]) for mail in mail_catcher.mails]
    assert len(sent) == len(set(sent)) == 60


async def test_workers_that_find_the_relay_down_together_give_everything_back(
    database: Database, directory: Directory
) -> None:
    for _ in range(30):
        await submit(database, directory)
    address = SmtpAddress.parse(f"smtp://127.0.0.1:{free_port()}")
    clock = time.time() + 5
    await asyncio.gather(
        *(deliver_due(database, address, f"worker-{n}", lambda: clock) for n in range(3))
    )
    assert {(r.state, r.lease_owner) for r in await deliveries(database)} == {("queued", None)}
    found = await channel(database)
    assert found is not None
    assert found.failures >= 1


async def test_two_first_failures_of_the_relay_at_once_are_both_counted(
    database: Database,
) -> None:
    written = asyncio.Event()

    async def first() -> None:
        async with database.write() as session:
            await failed(session, "x", 1.0)
            await session.flush()
            written.set()
            await asyncio.sleep(0.2)

    async def second() -> None:
        await written.wait()
        async with database.write() as session:
            await failed(session, "x", 1.0 + CHANNEL_PAUSE_FIRST)

    await asyncio.gather(first(), second())
    found = await channel(database)
    assert found is not None
    assert found.failures == 2


async def test_a_clock_set_back_neither_hides_nor_doubles_a_delivery(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory)
    future = time.time() + 30 * 86_400
    await set_deliveries(database, "office", next_attempt_at=future)
    await set_deliveries(
        database, "copy", state="sending", lease_owner="dead", lease_until=future + LEASE
    )
    address = SmtpAddress.parse(mail_catcher.url)
    assert await deliver_due(database, address, "one", lambda: time.time() + 1) == 2
    assert set((await states(database)).values()) == {"sent"}
    assert await deliver_due(database, address, "one", lambda: time.time() - 86_400) == 0


async def test_a_retry_waits_its_time_by_a_clock_that_was_set_back(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory)
    mail_catcher.at_rcpt = {OFFICE: ["451 later"] * 5}
    an_hour_back = time.time() - 3600
    address = SmtpAddress.parse(mail_catcher.url)
    assert await deliver_due(database, address, "one", lambda: an_hour_back) == 2
    assert await deliver_due(database, address, "one", lambda: an_hour_back) == 0
    assert len(await claim(database, "one", an_hour_back + 37)) == 1


async def test_a_retry_that_is_not_due_waits(database: Database, directory: Directory) -> None:
    await submit(database, directory)
    now = time.time() + 1
    await set_deliveries(database, "office", next_attempt_at=now + 30)
    await set_deliveries(database, "copy", next_attempt_at=now + 3600 * 1.2)
    assert await claim(database, "one", now) == []
    assert len(await claim(database, "one", now + 31)) == 1


async def test_a_person_can_have_held_deliveries_tried_again(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory)
    await set_deliveries(database, "office", state="held", attempts=50, first_attempt_at=1.0)
    office, _ = await deliveries(database)
    async with database.write() as session:
        assert await outbox.retry(session, [office.id], time.time()) == [office.id]
    await deliver_due(database, SmtpAddress.parse(mail_catcher.url), "one", lambda: time.time() + 1)
    assert (await states(database))[OFFICE] == "sent"


async def test_only_held_or_failed_deliveries_can_be_tried_again(
    database: Database, directory: Directory
) -> None:
    await submit(database, directory)
    await set_deliveries(database, "office", state="sent")
    ids = [row.id for row in await deliveries(database)]
    async with database.write() as session:
        assert await outbox.retry(session, ids, time.time()) == []
