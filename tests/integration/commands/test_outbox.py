"""`intercup outbox`: a person sees what waits and queues it again."""

import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from intercup.db.engine import Database
from intercup.db.tables import Delivery, ForwardLink, Request
from intercup.domain.directory import Directory
from intercup.mail.smtp import Outcome, Result
from intercup.services.delivery import outbox
from intercup.texts import TEXTS
from tests.support.commands import run_command
from tests.support.made_requests import AGATA, deliveries, set_deliveries, submit
from tests.support.paths import ROOT

SUMMER_NOON = datetime(2026, 7, 1, 10, tzinfo=UTC).timestamp()


def run(folder: Path, *arguments: str, command: str = "outbox") -> str:
    done = run_command(command, *arguments, INTERCUP_DATA_DIR=str(folder))
    done.check_returncode()
    return done.stdout


async def test_a_held_mail_is_listed_without_its_address_and_queued_again(
    tmp_path: Path, directory: Directory
) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'intercup.db'}")
    await database.migrate()
    await submit(database, directory)
    office, *_ = await outbox.claim(database, "worker", time.time() + 1, 20)
    refused = Outcome(Result.RECIPIENT_REFUSED, "SMTPRecipientRefused 550")
    async with database.write() as session:
        await outbox.record(session, office, "worker", refused, time.time())
    listed = run(tmp_path, "list")
    assert "held  tentativi 1  SMTPRecipientRefused 550" in listed
    assert office.recipient not in listed
    shown = run(tmp_path, "show", str(office.id), str(office.id + 1))
    assert f"destinatario: {office.recipient}" in shown
    assert AGATA.email not in shown
    assert "stato: held" in shown
    assert "rimesse in coda: 0" in run(tmp_path, "retry", str(office.id), "--without-files")
    async with database.write() as session:
        await session.execute(update(Delivery).values(attached=True))
        await session.execute(update(ForwardLink).values(revoked_at=1.0))
    refusal = run_command(
        "outbox", "retry", str(office.id), "--without-files", INTERCUP_DATA_DIR=str(tmp_path)
    )
    assert refusal.returncode
    assert f"consegna {office.id}: {TEXTS('desk_done.no_files_page')}" in refusal.stderr
    assert "rimesse in coda: 1" in run(tmp_path, "retry", str(office.id))
    assert "held" not in run(tmp_path, "list")
    await database.close()


async def test_times_are_italian_on_a_machine_in_any_zone(
    sqlite_url: str, directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    database = Database(sqlite_url)
    await database.migrate()
    registered = await submit(database, directory)
    async with database.write() as session:
        await session.execute(update(Delivery).values(created_at=SUMMER_NOON))
        await session.execute(update(Request).values(created_at=SUMMER_NOON))
        (delivery, *_) = await session.scalars(select(Delivery.id))
    await database.close()
    noon = "01/07/2026 alle 12:00:00 (ora italiana)"
    assert f"creata: {noon}" in run(tmp_path, "show", str(delivery))
    assert noon in run(tmp_path, "show", registered.number, command="requests")


@pytest.mark.both_databases
async def test_all_that_is_queued_again_are_mails_of_requests(
    database: Database, directory: Directory
) -> None:
    await submit(database, directory)
    async with database.write() as session:
        await session.execute(update(Delivery).values(state="held"))
        await session.execute(
            update(Delivery).where(Delivery.role == "copy").values(role="code", state="failed")
        )
        queued = await outbox.retry(session, [], time.time())
        states = {d.role: d.state for d in await session.scalars(select(Delivery))}
    assert (len(queued), states) == (1, {"office": "queued", "code": "failed"})


async def test_retry_names_readdress_once_the_routing_has_changed(
    sqlite_url: str, directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    await submit(database, directory)
    await set_deliveries(database, "office", state="held")
    assert "readdress" not in run(tmp_path, "retry", "1")
    await set_deliveries(database, "office", state="held")
    with pytest.raises(subprocess.CalledProcessError) as same:
        run(tmp_path, "readdress", "1")
    assert TEXTS("desk_done.same_office") in same.value.stderr
    monkeypatch.setenv("INTERCUP_STRUCTURES_FILE", str(corrected(tmp_path)))
    assert "intercup outbox readdress 1" in run(tmp_path, "retry", "1")
    await set_deliveries(database, "office", state="held")
    assert "inviata a: ASP Trapani - Assistenza tecnica (nuova@asptrapani.it)" in run(
        tmp_path, "readdress", "1"
    )
    run(tmp_path, "retry", "1")  # as from a page opened before
    rows = {(row.recipient, row.hop): row.state for row in await deliveries(database)}
    await database.close()
    assert rows["nuova@asptrapani.it", 1] == "queued"
    assert rows["cup@asptrapani.it", 0] == "failed"


async def test_the_team_forwards_a_request_by_its_number(
    sqlite_url: str, directory: Directory, tmp_path: Path
) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    registered = await submit(database, directory)
    done = run(
        tmp_path, "forward", registered.number, "asp_ragusa/administrative", command="requests"
    )
    assert done == "inoltrata a: ASP Ragusa - Assistenza amministrativa\n"
    assert "ASP Ragusa" in run(tmp_path, "show", registered.number, command="requests")
    hops = {row.recipient for row in await deliveries(database) if row.hop == 1}
    await database.close()
    assert hops == {"cupregionale@asp.rg.it", AGATA.email}


def corrected(folder: Path) -> Path:
    """The client's structures, with another mailbox for Trapani."""
    path = folder / "structures.yaml"
    text = (ROOT / "config/structures.yaml").read_text("utf-8")
    path.write_text(text.replace("cup@asptrapani.it", "nuova@asptrapani.it"), "utf-8")
    return path
