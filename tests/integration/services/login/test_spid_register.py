"""The register: every login's two messages, sealed, for 24 months; readable by command only."""

import logging
import subprocess
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text, update

from intercup.db.engine import Database
from intercup.db.tables import Base, SpidExchange
from intercup.domain.italian_time import ROME
from intercup.identity.register_seal import Exchange, RegisterSeal, read_keys
from intercup.services.login import spid_register
from intercup.services.privacy.purge import purge
from intercup.services.privacy.purge_rules import SPID_RULE
from intercup.services.privacy.retention import kept
from tests.support.acs_door import Door
from tests.support.commands import run_command
from tests.support.web_service import Service

# python3-saml 1.16 reads the clock in a way that Python 3.12 deprecated.
pytestmark = pytest.mark.filterwarnings(
    "ignore:datetime.datetime.utc:DeprecationWarning:onelogin.saml2.utils"
)
DAY = 24 * 3600.0
PERSONAL = ("Niccol", "Amico", "niccolo.damico", "DMCNCL75M12G273U")


async def found(service: Service, id_: str) -> list[Exchange]:
    assert service.settings.spid_register_key_file
    seal = RegisterSeal(read_keys(service.settings.spid_register_key_file))
    async with service.database.read() as session:
        rows = await spid_register.find(session, id_)
    return [seal.open(row.request_id, row.sealed) for row in rows]


async def count(database: Database) -> int:
    async with database.read() as session:
        return int((await session.execute(text("SELECT count(*) FROM spid_register"))).scalar_one())


async def test_a_login_is_found_by_each_of_its_ids(door: Door, service: Service) -> None:
    started = await door.begin()
    document = started.signed()
    await door.bring(document, started.relay_state)

    request_id = started.idp.question.request_id
    (exchange,) = await found(service, request_id)
    assert exchange.outcome == "accepted"
    assert exchange.response.encode() == document
    assert f'ID="{request_id}"' in exchange.request
    assert exchange.request.startswith("<samlp:AuthnRequest")
    response_id = exchange.response.partition(' ID="')[2].partition('"')[0]
    assertion_id = exchange.response.partition("<saml:Assertion")[2].partition(' ID="')[2]
    for id_ in (response_id, assertion_id.partition('"')[0]):
        assert await found(service, id_) == [exchange]
    assert await found(service, "_other") == []


@pytest.mark.both_databases
async def test_a_failure_that_the_provider_declares_is_kept(door: Door, service: Service) -> None:
    started = await door.begin()
    await door.bring(started.failed(22), started.relay_state)

    (exchange,) = await found(service, started.idp.question.request_id)
    assert exchange.outcome == "spid_anomaly_22"


@pytest.mark.both_databases
async def test_what_nobody_vouches_for_is_not_kept(door: Door, service: Service) -> None:
    started = await door.begin()
    forged = started.idp.signed(started.idp.answer(), door.foreign_keys)
    await door.bring(forged, started.relay_state)
    started = await door.begin()
    padded = started.failed(22).replace(b"ErrorCode nr22", b"ErrorCode nr22 " + b"x" * 20_000)
    await door.bring(padded, started.relay_state)

    assert await count(service.database) == 0


@pytest.mark.both_databases
async def test_nothing_of_the_citizen_can_be_read_at_rest_or_in_a_log(
    door: Door, service: Service
) -> None:
    started = await door.begin()
    document = started.signed()
    door.log.set_level(logging.DEBUG)
    assert (await door.bring(document, started.relay_state))[0] == 303

    logged = door.log.text
    stored = {}
    async with service.database.read() as session:
        for table in Base.metadata.sorted_tables:
            rows = (await session.execute(table.select())).all()
            stored[table.name] = "\n".join(str(row) for row in rows)
    assert stored["spid_register"]
    for word in PERSONAL:
        assert word not in logged
        assert word not in stored["spid_register"]
    # The fiscal number is nowhere else either: docs/adr/0006.
    assert not [name for name, rows in stored.items() if "DMCNCL75M12G273U" in rows]
    assert "Niccolò" in stored["sessions"]


@pytest.mark.both_databases
async def test_a_login_that_cannot_be_registered_does_not_happen(
    door: Door, service: Service
) -> None:
    file = service.settings.spid_register_key_file
    assert file
    file.write_text("no key")
    started = await door.begin()

    status, _ = await door.bring(started.signed(), started.relay_state)

    assert status == 503
    assert not await door.is_logged_in()
    assert await count(service.database) == 0


async def test_after_24_months_an_exchange_is_deleted(door: Door, service: Service) -> None:
    started = await door.begin()
    await door.bring(started.signed(), started.relay_state)
    (row,) = await _rows(service)

    for age, left in (
        (kept().spid_register.total_seconds() - DAY, 1),
        (kept().spid_register.total_seconds() + DAY, 0),
    ):
        deleted = await purge(service.database, row.answered_at + age, (SPID_RULE,))
        assert (deleted[SPID_RULE.name], await count(service.database)) == (1 - left, left)


@pytest.mark.both_databases
async def test_a_day_is_an_italian_one(door: Door, service: Service) -> None:
    started = await door.begin()
    await door.bring(started.signed(), started.relay_state)
    before_midnight = datetime(2026, 7, 1, 23, 59, tzinfo=ROME)
    async with service.database.write() as session:
        await session.execute(update(SpidExchange).values(answered_at=before_midnight.timestamp()))

    async with service.database.read() as session:
        assert len(await spid_register.find_day(session, date(2026, 7, 1))) == 1
        assert len(await spid_register.find_day(session, date(2026, 7, 2))) == 0


async def test_the_command_shows_an_exchange_and_lists_a_day_without_data(
    door: Door, service: Service, tmp_path: Path
) -> None:
    started = await door.begin()
    await door.bring(started.signed(), started.relay_state)
    (row,) = await _rows(service)
    day = datetime.fromtimestamp(row.answered_at, ROME).date().isoformat()

    shown = run(tmp_path, "find", row.request_id)
    listed = run(tmp_path, "find", "--day", day)
    unknown = run(tmp_path, "find", "_other")

    assert (shown.returncode, listed.returncode, unknown.returncode) == (0, 0, 1)
    assert "DMCNCL75M12G273U" in shown.stdout
    assert f"{row.request_id}  accepted" in listed.stdout
    assert "DMCNCL75M12G273U" not in listed.stdout + shown.stderr + listed.stderr
    assert "eliminati: 0" in run(tmp_path, "purge").stdout
    # After a change of key what was sealed before can still be read.
    assert "chiavi nel file: 2" in run(tmp_path, "key").stdout
    assert run(tmp_path, "find", row.request_id).stdout == shown.stdout


async def test_the_command_says_what_was_altered(
    door: Door, service: Service, tmp_path: Path
) -> None:
    started = await door.begin()
    await door.bring(started.signed(), started.relay_state)
    async with service.database.write() as session:
        await session.execute(update(SpidExchange).values(sealed=b"altered"))

    assert "ALTERATO" in run(tmp_path, "find", started.idp.question.request_id).stdout


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command("spid", "register", *arguments, INTERCUP_DATA_DIR=str(folder))


async def _rows(service: Service) -> list[SpidExchange]:
    async with service.database.read() as session:
        return await spid_register.find_day(session, datetime.now(ROME).date())


@pytest.mark.parametrize("by_stranger", [False, True])
async def test_of_failures_that_the_provider_did_not_sign_ten_an_hour_are_kept(
    door: Door, service: Service, caplog: pytest.LogCaptureFixture, by_stranger: bool
) -> None:
    keys = door.foreign_keys if by_stranger else None
    for _ in range(12):
        started = await door.begin()
        failed = started.failed_by_anybody(22, keys)
        assert await door.bring(failed, started.relay_state) == (403, "spid_anomaly_22")
    assert await count(service.database) == 10
    assert "not kept since the start: 2" in caplog.text
    started = await door.begin()
    await door.bring(started.signed(), started.relay_state)
    assert await count(service.database) == 11


async def test_failures_that_the_provider_signed_are_all_kept(door: Door, service: Service) -> None:
    for _ in range(12):
        started = await door.begin()
        await door.bring(started.failed(22), started.relay_state)
    assert await count(service.database) == 12
