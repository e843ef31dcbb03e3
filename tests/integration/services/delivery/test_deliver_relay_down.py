"""A relay that can't be used: the channel pauses, no delivery is blamed, it recovers by itself."""

import time

import pytest
from aiosmtpd.smtp import AuthResult

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery.deliver import deliver_due
from tests.support.delivering import LATER, OFFICE, deliver
from tests.support.made_requests import (
    AGATA,
    channel,
    deliveries,
    states,
    submission,
    submit,
)
from tests.support.ports import free_port
from tests.support.smtp_servers import DROP, MailCatcher, running_catcher, scripted_relay

DOWN = [
    {"connect": "421 busy"},
    {"connect": "554 not for you"},
    {"connect": DROP},
    {"EHLO": DROP},
    {"EHLO": "garbage"},
    {"MAIL": "550 sender refused"},
    {"MAIL": "451 later"},
    {"MAIL": DROP},
    {"RCPT": "421 closing"},
    {"RCPT": DROP},
    {"RCPT": "200 nonsense"},
    {"DATA": "421 closing"},
]


async def blameless(database: Database) -> bool:
    rows = await deliveries(database)
    return all((r.state, r.attempts, r.lease_owner) == ("queued", 0, None) for r in rows)


async def test_an_unreachable_relay_counts_no_attempt(
    database: Database, directory: Directory, caplog: pytest.LogCaptureFixture
) -> None:
    await submit(database, directory)
    await deliver(database, f"smtp://127.0.0.1:{free_port()}")
    assert await blameless(database)
    assert "ALARM relay down" in caplog.text
    paused = await channel(database)
    assert paused is not None
    assert (paused.failures, paused.failing_since is not None) == (1, True)
    assert 3 <= paused.paused_until - time.time() <= 7


@pytest.mark.parametrize("script", DOWN, ids=str)
async def test_a_relay_that_fails_counts_no_attempt(
    database: Database, directory: Directory, script: dict[str, str]
) -> None:
    await submit(database, directory)
    async with scripted_relay(**script) as relay:
        await deliver(database, relay.url)
    assert await blameless(database)
    assert (await channel(database)) is not None


async def test_a_refused_password_counts_no_attempt(
    database: Database, directory: Directory
) -> None:
    def refuse(*_: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    await submit(database, directory)
    async with running_catcher(authenticator=refuse, auth_require_tls=False) as catcher:
        await deliver(database, catcher.url.replace("//", "//user:wrong@"))
        assert catcher.mails == []
    assert await blameless(database)
    found = await channel(database)
    assert found is not None
    assert found.last_error == "SMTPAuthenticationError 535 5.7.8"


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_nothing_goes_out_without_the_encryption_asked_for(
    database: Database, directory: Directory, mail_catcher: MailCatcher, scheme: str
) -> None:
    await submit(database, directory)
    await deliver(database, mail_catcher.url.replace("smtp:", f"{scheme}:"))
    assert mail_catcher.tried == []
    assert await blameless(database)


async def test_a_paused_relay_is_left_alone(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory)
    await deliver(database, f"smtp://127.0.0.1:{free_port()}")
    assert await deliver(database, mail_catcher.url, after=2) == 0
    assert mail_catcher.tried == []


async def test_after_the_pause_all_is_sent_and_the_relay_is_well(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory)
    await deliver(database, f"smtp://127.0.0.1:{free_port()}")
    await deliver(database, mail_catcher.url, after=10)
    assert await states(database) == {OFFICE: "sent", AGATA.email: "sent"}
    found = await channel(database)
    assert found is not None
    assert (found.failures, found.failing_since, found.paused_until) == (0, None, 0)


async def test_days_without_a_relay_do_not_count_as_deferrals(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory)
    await deliver(database, f"smtp://127.0.0.1:{free_port()}")
    mail_catcher.at_data[OFFICE] = ["451 4.3.0 later"]
    await deliver(database, mail_catcher.url, after=6 * 86_400)
    assert (await states(database))[OFFICE] == "queued"


@pytest.mark.both_databases
async def test_a_clock_set_back_does_not_prolong_the_pause(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    await submit(database, directory)
    await deliver(database, f"smtp://127.0.0.1:{free_port()}", after=86_400)
    await deliver(database, mail_catcher.url, after=60)
    assert await states(database) == {OFFICE: "sent", AGATA.email: "sent"}


@pytest.mark.parametrize("answer", [DROP, "xyz"])
async def test_a_drop_after_the_final_dot_is_tried_again_with_the_same_id(
    database: Database, directory: Directory, mail_catcher: MailCatcher, answer: str
) -> None:
    await submit(database, directory)
    async with scripted_relay(dot=answer) as relay:
        await deliver_due(database, SmtpAddress.parse(relay.url), "worker")
    office, copy = await deliveries(database)
    assert (office.state, office.attempts, copy.state) == ("queued", 1, "queued")
    await deliver(database, mail_catcher.url, LATER)
    again = next(mail for mail in mail_catcher.mails if mail.rcpt == [OFFICE])
    assert again.raw == relay.bodies[0].removesuffix(b".\r\n") == office.raw
    assert again.message["Message-ID"] == office.message_id


@pytest.mark.both_databases
@pytest.mark.parametrize("answer", [DROP, "421 too many errors"])
async def test_a_mail_on_which_the_relay_always_hangs_up_does_not_keep_the_others(
    database: Database, directory: Directory, answer: str
) -> None:
    await submit(database, directory)
    await submit(database, directory, submission(structure="asp_ragusa"))
    first, *_ = await deliveries(database)
    async with scripted_relay() as relay:
        relay.at_recipient[OFFICE] = answer
        for round_ in range(4):
            await deliver(database, relay.url, after=10.0 + round_ * 60)
    others = [row for row in await deliveries(database) if row.id != first.id]
    assert {row.state for row in others} == {"sent"}
    (waiting,) = [row for row in await deliveries(database) if row.id == first.id]
    assert (waiting.state, waiting.breaks) == ("queued", 2)
    assert waiting.attempts >= 1
    await submit(database, directory, submission(structure="asp_ragusa"))
    async with scripted_relay() as relay:
        relay.at_recipient[OFFICE] = answer
        await deliver(database, relay.url, after=300.0)
    assert (await channel(database)).failures == 0


@pytest.mark.both_databases
async def test_a_connection_that_the_relay_ends_between_two_mails_is_no_trouble(
    database: Database, directory: Directory, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        await submit(database, directory)
    async with scripted_relay() as relay:
        relay.mails_per_connection = 2
        await deliver(database, relay.url)
        assert len(relay.bodies) == 6
    assert {row.state for row in await deliveries(database)} == {"sent"}
    assert "ALARM" not in caplog.text
