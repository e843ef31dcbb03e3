"""Every way in which a relay can misbehave, and the state in which it leaves the office's mail."""

import time
from typing import Any

import pytest

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.mail import smtp
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery.deliver import deliver_due
from tests.support.delivering import LATER, OFFICE
from tests.support.made_requests import channel, deliveries, submit
from tests.support.smtp_servers import (
    DROP,
    LATE,
    STALL,
    TAKEN_AND_DROPPED,
    ScriptedRelay,
    scripted_relay,
)

CONNECT_PATIENCE = 0.2  # seconds instead of 20
ANSWER_PATIENCE = 1.0  # instead of 600; a late answer comes after 0.3
GARBAGE = "\xff\x00 nonsense \xfe"
LONG = "\r\n".join(["250-" + "x" * 500] * 400 + ["250 end"])  # 200 kB; over 32 kB none is read

PAUSED = ("queued", 0, True)  # the relay's fault: the channel rests, no attempt is counted
LATER_ALONE = ("queued", 1, False)  # this mail is tried again, the others go on
WAITS = ("queued", 0, False)  # the relay refuses us; alone, it stops nobody else
HELD = ("held", 1, False)  # a person decides
SENT = ("sent", 1, False)

CASES: list[tuple[dict[str, str], tuple[str, int, bool]]] = [
    ({"connect": "421 busy"}, PAUSED),
    ({"connect": "554 not for you"}, PAUSED),
    ({"connect": DROP}, PAUSED),
    ({"connect": STALL}, PAUSED),
    ({"connect": GARBAGE}, PAUSED),
    ({"connect": LONG.replace("250", "220")}, PAUSED),
    ({"EHLO": "421 closing"}, PAUSED),
    ({"EHLO": DROP}, PAUSED),
    ({"EHLO": STALL}, PAUSED),
    ({"EHLO": GARBAGE}, PAUSED),
    ({"MAIL": "421 closing"}, PAUSED),
    ({"MAIL": "450 later"}, PAUSED),
    ({"MAIL": "451 later"}, PAUSED),
    ({"MAIL": "452 no room"}, PAUSED),
    ({"MAIL": "550 sender refused"}, PAUSED),
    ({"MAIL": "552 full"}, PAUSED),
    ({"MAIL": "554 no"}, PAUSED),
    ({"MAIL": DROP}, PAUSED),
    ({"MAIL": STALL}, PAUSED),
    ({"RCPT": "421 closing"}, PAUSED),
    ({"RCPT": "450 busy"}, LATER_ALONE),
    ({"RCPT": "451 greylisted"}, LATER_ALONE),
    ({"RCPT": "452 no room"}, LATER_ALONE),
    ({"RCPT": "550 unknown"}, HELD),
    ({"RCPT": "552 full"}, HELD),
    ({"RCPT": "554 no"}, HELD),
    ({"RCPT": "554 5.7.1 relay denied"}, WAITS),
    ({"RCPT": "553 5.7.1 not owned"}, WAITS),
    ({"RCPT": "504 5.5.2 helo rejected"}, WAITS),
    ({"RCPT": "530 5.7.0 log in"}, WAITS),
    ({"RCPT": DROP}, PAUSED),
    ({"RCPT": STALL}, PAUSED),
    ({"RCPT": GARBAGE}, PAUSED),
    ({"RCPT": "550 unknown", "RSET": DROP}, HELD),
    ({"DATA": "421 closing"}, PAUSED),
    ({"DATA": "451 later"}, LATER_ALONE),
    ({"DATA": "550 no"}, HELD),
    ({"DATA": "554 no"}, HELD),
    ({"dot": "554 5.7.1 spam"}, HELD),
    ({"DATA": DROP}, LATER_ALONE),
    ({"DATA": STALL}, LATER_ALONE),
    ({"dot": "421 closing"}, PAUSED),
    ({"dot": "451 later"}, LATER_ALONE),
    ({"dot": "452 no room"}, LATER_ALONE),
    ({"dot": "550 content refused"}, HELD),
    ({"dot": "552 too large"}, HELD),
    ({"dot": "554 refused"}, HELD),
    ({"dot": DROP}, LATER_ALONE),
    ({"dot": STALL}, LATER_ALONE),
    ({"dot": GARBAGE}, LATER_ALONE),
    ({"dot": TAKEN_AND_DROPPED}, LATER_ALONE),
    ({"dot": LATE + "250 taken"}, SENT),
    ({"dot": LONG}, LATER_ALONE),
    ({"QUIT": DROP}, SENT),
    ({"QUIT": STALL}, SENT),
    ({"QUIT": "500 what"}, SENT),
]


def name_of(case: Any) -> str | None:
    if isinstance(case, dict):
        return " ".join(f"{verb}:{answer[:12]!a}" for verb, answer in case.items())
    return case[0] if isinstance(case, tuple) else None


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "CONNECT_TIMEOUT", CONNECT_PATIENCE)
    monkeypatch.setattr(smtp, "ANSWER_TIMEOUT", ANSWER_PATIENCE)


async def deliver(database: Database, relay: ScriptedRelay, after: float = 1.0) -> None:
    address = SmtpAddress.parse(relay.url)
    await deliver_due(database, address, "worker", lambda: time.time() + after)


def expected_copy(office: tuple[str, int, bool]) -> str:
    """The copy fares as the office; what is given up of it needs no person."""
    return "failed" if office == HELD else office[0]


@pytest.mark.parametrize(("script", "expected"), CASES, ids=name_of)
async def test_relay_that_misbehaves(
    sqlite: Database,
    directory: Directory,
    script: dict[str, str],
    expected: tuple[str, int, bool],
) -> None:
    await submit(sqlite, directory)
    async with scripted_relay(**script) as bad:
        await deliver(sqlite, bad)
    office, copy = await deliveries(sqlite)
    paused = (await channel(sqlite)).failures > 0
    assert (office.state, office.attempts, paused) == expected
    assert (copy.state, copy.lease_owner) == (expected_copy(expected), None)
    async with scripted_relay() as well:
        await deliver(sqlite, well, LATER)
    taken = [recipient for recipient, _ in bad.taken + well.taken]
    # What was taken without a word that can be understood comes twice, with the same Message-ID.
    twice = script.get("dot") in (TAKEN_AND_DROPPED, LONG)
    assert taken.count(OFFICE) == (0 if expected == HELD else 1 + twice)


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_relay_without_tls_gets_nothing(
    sqlite: Database, directory: Directory, scheme: str
) -> None:
    await submit(sqlite, directory)
    async with scripted_relay() as bad:
        address = SmtpAddress.parse(bad.url.replace("smtp:", f"{scheme}:"))
        await deliver_due(sqlite, address, "worker", lambda: time.time() + 1)
        assert (bad.bodies, bad.taken) == ([], [])
    assert [(row.state, row.attempts) for row in await deliveries(sqlite)] == [("queued", 0)] * 2
