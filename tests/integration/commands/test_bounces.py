"""`intercup bounces`: from a real IMAP server (Dovecot), a maildir, or a folder."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from intercup.db.engine import Database
from intercup.db.tables import Delivery
from intercup.domain.directory import Directory
from intercup.domain.pec import ReceiptKind
from intercup.services.requests.submit import submit_request
from tests.support.bounce_reports import BOUNCES, report
from tests.support.commands import run_command
from tests.support.imap_server import PASSWORD, imap_server
from tests.support.made_requests import (
    MAIL_FROM,
    MAILS,
    NO_LIMITS,
    deliveries,
    set_deliveries,
    submission,
)
from tests.support.paths import ROOT
from tests.support.pec_receipts import pec_receipt

KEPT = 30 * 86400  # seconds
SUMMARY = (
    "mancate consegne segnate: {}\nricevute PEC registrate: {}\ngià viste: {}\n"
    "che non riguardano un'e-mail inviata: {}\navvisi e risposte automatiche ignorati: {}\n"
)


@pytest.fixture
async def office(tmp_path: Path, directory: Directory) -> Delivery:
    """The row of a mail that was sent to an office, from the default database of tmp_path."""
    (tmp_path / "secret.key").write_bytes(BOUNCES.secret_key)
    (tmp_path / "bounces.password").write_text(f"{PASSWORD}\n")
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'intercup.db'}")
    await database.migrate()
    mails = replace(MAILS, bounces=BOUNCES)
    await submit_request(database, directory, submission(), mails, datetime.now(UTC), NO_LIMITS)
    await set_deliveries(database, "office", state="sent", sent_at=time.time())
    row = (await deliveries(database))[0]
    await database.close()
    return row


def settings_in(folder: Path) -> dict[str, str]:
    return {
        "INTERCUP_DATA_DIR": str(folder),
        "INTERCUP_BOUNCE_ADDRESS": MAIL_FROM,
        "INTERCUP_MAIL_FROM": MAIL_FROM,
    }


def run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return run_command("bounces", *arguments, **settings_in(folder) | more)


def run_of_other_administration(folder: Path, *arguments: str) -> None:
    """Run the command in a new process: `run`'s has read ours before it is forked."""
    settings = settings_in(folder) | {
        "INTERCUP_ADMINISTRATION_FILE": "config/examples/administration.yaml"
    }
    command = [sys.executable, "-m", "intercup.commands.main", "bounces", *arguments]
    subprocess.run(command, cwd=ROOT, env=os.environ | settings, check=True, capture_output=True)


def fill(folder: Path, row: Delivery) -> None:
    stranger = report("unknown-user", row).replace(row.envelope_from.encode(), b"x@example.it")
    for name, raw in {
        "1.eml": report("delayed", row),
        "2.eml": report("unknown-user", row),
        "3.eml": report("unknown-user", row),
        "4.eml": report("vacation", row),
        "5.eml": stranger,
        "6.eml": b"",
    }.items():
        (folder / name).write_bytes(raw)


async def test_a_folder_is_read_once(tmp_path: Path, office: Delivery) -> None:
    folder = tmp_path / "rapporti"
    folder.mkdir()
    fill(folder, office)
    done = run(tmp_path, str(folder))
    assert done.stdout == SUMMARY.format(1, 0, 1, 2, 2), done.stderr
    assert f"ALARM delivery {office.id} held: bounce 5.1.1" in done.stderr
    assert "@" not in done.stdout + done.stderr
    assert run(tmp_path, str(folder)).stdout == SUMMARY.format(0, 0, 0, 0, 0)
    assert len(list((folder / "gestiti").iterdir())) == 6
    old = time.time() - KEPT - 60
    os.utime(folder / "gestiti" / "1.eml", (old, old))
    run_of_other_administration(tmp_path, str(folder))
    assert len(list((folder / "gestiti").iterdir())) == 6, "it keeps mails for 60 days"
    run(tmp_path, str(folder))
    assert len(list((folder / "gestiti").iterdir())) == 5


async def test_a_maildir_is_read_once(tmp_path: Path, office: Delivery) -> None:
    folder = tmp_path / "maildir"
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True)
    fill(folder / "new", office)
    assert run(tmp_path, str(folder)).stdout == SUMMARY.format(1, 0, 1, 2, 2)
    assert run(tmp_path, str(folder)).stdout == SUMMARY.format(0, 0, 0, 0, 0)


async def test_a_mailbox_is_read_over_imap_and_what_was_read_is_deleted_later(
    tmp_path: Path, office: Delivery
) -> None:
    with imap_server() as server:
        fill(server.maildir / "new", office)
        settings = {
            "INTERCUP_BOUNCE_IMAP_URL": server.url,
            "SSL_CERT_FILE": str(server.certificate),
        }
        done = run(tmp_path, **settings)
        assert done.stdout == SUMMARY.format(1, 0, 1, 2, 2), done.stderr
        assert run(tmp_path, **settings).stdout == SUMMARY.format(0, 0, 0, 0, 0)
        assert len(list((server.maildir / "cur").iterdir())) == 6
        old = time.time() - KEPT - 2 * 86400
        for path in list((server.maildir / "cur").iterdir())[:2]:
            os.utime(path, (old, old))
        for stale in server.maildir.glob("dovecot.index*"):
            stale.unlink()  # it remembers the time that a message came in
        run(tmp_path, **settings)
        assert len(list((server.maildir / "cur").iterdir())) == 4


async def test_the_receipts_in_a_certified_mailbox_are_read_over_imap_and_shown(
    tmp_path: Path, office: Delivery
) -> None:
    settings = {"INTERCUP_BOUNCE_ADDRESS": "", "INTERCUP_MAIL_FROM_IS_PEC": "true"}
    with imap_server() as server:
        for number, kind in enumerate((ReceiptKind.ACCEPTED, ReceiptKind.DELIVERED)):
            (server.maildir / "new" / f"{number}.eml").write_bytes(pec_receipt(kind, office))
        (server.maildir / "new" / "9.eml").write_bytes(report("unknown-user", office))
        settings |= {
            "INTERCUP_BOUNCE_IMAP_URL": server.url,
            "SSL_CERT_FILE": str(server.certificate),
        }
        done = run(tmp_path, **settings)
        assert done.stdout == SUMMARY.format(0, 2, 0, 1, 0), done.stderr
        assert run(tmp_path, **settings).stdout == SUMMARY.format(0, 0, 0, 0, 0)
    shown = run_command("outbox", "show", str(office.id), INTERCUP_DATA_DIR=str(tmp_path)).stdout
    assert "ricevuta PEC: avvenuta-consegna, 18/11/2026 alle 09:26:40" in shown


async def test_a_server_that_cannot_be_trusted_is_not_given_the_password(
    tmp_path: Path, office: Delivery
) -> None:
    with imap_server() as server:
        done = run(tmp_path, INTERCUP_BOUNCE_IMAP_URL=server.url)
    assert (done.returncode, done.stdout) == (1, "")
    assert "SSLCertVerificationError" in done.stderr
    assert PASSWORD not in done.stderr
