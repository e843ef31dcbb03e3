"""A place for real processes, with a mail server; the tools that make faults."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from intercup.db.engine import Database
from tests.faults.clock import LIBRARY, Clock
from tests.faults.processes import Place
from tests.support.smtp_servers import MailCatcher

DISK = 1536 * 1024  # bytes; the schema alone takes a quarter


@pytest.fixture
def place(tmp_path: Path, mail_catcher: MailCatcher) -> Place:
    return Place(tmp_path, mail_catcher.port)


@pytest.fixture
async def sqlite(place: Place, sqlite_template: Path) -> AsyncIterator[Database]:
    """The database of the place, as the tests look into it."""
    shutil.copy(sqlite_template, place.database_url.partition("///")[2])
    found = Database(place.database_url)
    yield found
    await found.close()


@pytest.fixture(scope="session")
def strace() -> None:
    """Skip where strace is missing or may not attach to another process."""
    if shutil.which("strace") is None:
        pytest.skip("manca strace: apt-get install strace")
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        words = ["timeout", "1", "strace", "-qq", "-o", "/dev/null", "-p", str(sleeper.pid)]
        found = subprocess.run(words, check=False, stderr=subprocess.PIPE)
    finally:
        sleeper.kill()
        sleeper.wait()
    if b"attach" in found.stderr:
        pytest.skip("strace non può seguire altri processi: serve CAP_SYS_PTRACE")


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    if LIBRARY is None:
        pytest.skip("manca libfaketime: apt-get install libfaketime")
    return Clock(tmp_path / "clock")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(words, check=False, stderr=subprocess.PIPE).returncode:
        pytest.skip("per montare un disco piccolo serve root con CAP_SYS_ADMIN")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
