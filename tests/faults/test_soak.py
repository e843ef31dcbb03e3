"""Many requests through a relay of which half of the sessions fail: none is lost."""

import random
import time

import pytest
from sqlalchemy import func, select

from intercup.db.engine import Database
from intercup.db.tables import Delivery
from intercup.domain.directory import Directory
from intercup.mail import smtp
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery import outbox
from intercup.services.delivery.deliver import deliver_due
from tests.faults.figures import Tally, note
from tests.support.made_requests import submit
from tests.support.smtp_servers import (
    DROP,
    LATE,
    TAKEN_AND_DROPPED,
    ScriptedRelay,
    scripted_relay,
)

FAILURES: list[dict[str, str]] = [
    {"connect": DROP},
    {"connect": "421 busy"},
    {"EHLO": "xyz"},
    {"MAIL": "451 later"},
    {"MAIL": DROP},
    {"RCPT": "421 closing"},
    {"RCPT": "450 busy"},
    {"RCPT": DROP},
    {"DATA": DROP},
    {"DATA": "550 no"},
    {"dot": "451 later"},
    {"dot": "554 refused"},
    {"dot": DROP},
    {"dot": TAKEN_AND_DROPPED},
    {"dot": LATE + "250 taken"},  # later than the worker waits: taken, but not known
]
STEP = 60.0  # seconds that pass in the story when nothing is due
DAYS_MAX = 4


async def soak(database: Database, directory: Directory, requests: int) -> Tally:
    chance = random.Random(20260101)  # noqa: S311 (a story that can be repeated)
    numbers = [(await submit(database, directory)).number for _ in range(requests)]
    tally = Tally(seen=len(numbers))

    def choose() -> dict[str, str]:
        tally.runs += 1
        failing = chance.random() < 0.5
        tally.faults += failing
        return chance.choice(FAILURES) if failing else {}

    async with scripted_relay() as relay:
        relay.choose = choose
        await _drain(database, relay)
    found = [(recipient, _number_in(body)) for recipient, body in relay.taken]
    taken = set(found)
    tally.lost = sum(sum(n == number for _, n in taken) < 2 for number in numbers)
    tally.duplicated = len(found) - len(taken)
    return tally


def _number_in(body: bytes) -> str:
    return body.partition(b"Message-ID: <")[2].partition(b"@")[0].decode().upper()


async def _drain(database: Database, relay: ScriptedRelay) -> None:
    """Deliver as the days pass; what is held is queued again by a person each hour."""
    address = SmtpAddress.parse(relay.url)
    start = now = time.time() + 1
    next_person = now + 3600
    while now < start + DAYS_MAX * 86_400:
        while await deliver_due(database, address, "worker", lambda: now):  # noqa: B023
            pass
        async with database.read() as session:
            left = await session.scalar(select(func.count()).where(Delivery.state != "sent"))
        if not left:
            return
        now += STEP
        if now > next_person:
            next_person += 3600
            async with database.write() as session:
                await outbox.retry(session, None, now)
    raise AssertionError(f"{left} mails still wait after {DAYS_MAX} days")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "ANSWER_TIMEOUT", 0.1)


async def test_sixty_requests_survive_a_bad_relay(sqlite: Database, directory: Directory) -> None:
    tally = await soak(sqlite, directory, 60)
    assert tally.lost == 0


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_a_thousand_requests_survive_a_bad_relay(
    sqlite: Database, directory: Directory
) -> None:
    tally = await soak(sqlite, directory, 1_000)
    note("metà delle sessioni SMTP fallisce, in 15 modi", "relay che segue un copione", tally)
    assert tally.lost == 0
