"""A web or worker killed at any system call: every number shown is there with its mails."""

import pytest

from intercup.db.engine import Database
from tests.faults.figures import note
from tests.faults.kill_sweep import sweep_web, sweep_worker
from tests.faults.processes import Place
from tests.support.hostile_files import PDF, PNG
from tests.support.smtp_servers import MailCatcher

# uvloop writes to sockets with `write`, never with `sendto`; our SQLite syncs with `fsync`.
CALLS = ("fsync", "pwrite64", "write")
# A request takes some 50 pwrite64: these reach as far as the others.
COUNTS = {call: range(1, 421, 7) if call == "pwrite64" else range(1, 61) for call in CALLS}
WITH_FILES = range(1, 21)
FILES = (PNG, PDF)
SAMPLES = {"fsync": (1, 3), "pwrite64": (17,), "write": (2,)}

pytestmark = pytest.mark.usefixtures("strace")


@pytest.mark.parametrize("call", CALLS)
async def test_some_kills_of_the_web_lose_nothing(
    place: Place, sqlite: Database, call: str
) -> None:
    tally = await sweep_web(place, sqlite, call, SAMPLES[call])
    assert (tally.lost, tally.faults) == (0, len(SAMPLES[call]))


async def test_some_kills_leave_no_request_without_its_files(
    place: Place, sqlite: Database
) -> None:
    # A file, a file, the request, the end of the kept form: a transaction each.
    for call, counts in {"fsync": (3, 4), "pwrite64": (60,)}.items():
        tally = await sweep_web(place, sqlite, call, counts, files=FILES)
        assert (tally.lost, tally.faults) == (0, len(counts)), call


async def test_some_kills_of_the_worker_lose_nothing(
    place: Place, sqlite: Database, mail_catcher: MailCatcher
) -> None:
    tally = await sweep_worker(place, sqlite, mail_catcher, "write", (3, 6))
    assert (tally.lost, tally.faults) == (0, 2)


async def test_a_server_that_answers_before_the_commit_is_caught(
    place: Place, sqlite: Database
) -> None:
    tally = await sweep_web(place, sqlite, "fsync", (2, 3, 4), "tests.faults.answers_early")
    note("**controllo**: un server che risponde prima del commit", "strace", tally)
    assert tally.lost > 0


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("call", CALLS)
async def test_all_kills_of_the_web_lose_nothing(place: Place, sqlite: Database, call: str) -> None:
    tally = await sweep_web(place, sqlite, call, COUNTS[call])
    note(f"`kill -9` di `web` alla chiamata `{call}` n. 1–{COUNTS[call][-1]}", "strace", tally)
    assert tally.lost == 0


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_all_kills_with_files_lose_nothing(place: Place, sqlite: Database) -> None:
    tally = await sweep_web(place, sqlite, "fsync", WITH_FILES, files=FILES)
    name = f"`kill -9` di `web` alla chiamata `fsync` n. 1–{WITH_FILES[-1]}, con 2 allegati"
    note(name, "strace", tally)
    assert tally.lost == 0


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("call", CALLS)
async def test_all_kills_of_the_worker_lose_nothing(
    place: Place, sqlite: Database, mail_catcher: MailCatcher, call: str
) -> None:
    tally = await sweep_worker(place, sqlite, mail_catcher, call, COUNTS[call])
    note(f"`kill -9` di `worker` alla chiamata `{call}` n. 1–{COUNTS[call][-1]}", "strace", tally)
    assert tally.lost == 0
