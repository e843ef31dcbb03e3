"""`intercup backup` while requests come in, and `restore`."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pyrage
import pytest

from intercup.db.backup import back_up, restore
from intercup.db.engine import Database
from intercup.db.sqlite import sqlite3
from intercup.domain.directory import Directory
from intercup.errors import ConfigurationError
from tests.support.commands import run_command
from tests.support.made_requests import submit

WRITER = """
import asyncio, sys
from intercup.db.engine import Database
from intercup.services.structures.structures_file import load_directory
from pathlib import Path
from tests.support.made_requests import submit

async def write():
    database = Database(sys.argv[1])
    directory = load_directory(Path("config/structures.yaml"))
    while True:
        print((await submit(database, directory)).number, flush=True)

asyncio.run(write())
"""


def run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return run_command(*arguments, **{"INTERCUP_DATA_DIR": str(folder)} | more)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def numbers_in(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        return {row[0] for row in connection.execute("SELECT number FROM requests")}


async def migrated(folder: Path) -> Database:
    database = Database(f"sqlite+aiosqlite:///{folder / 'intercup.db'}")
    await database.migrate()
    return database


@contextmanager
def writing(url: str) -> Iterator[list[str]]:
    """Let two processes register requests; gives the numbers that they have shown."""
    shown: list[str] = []

    def listen(writer: subprocess.Popen[bytes]) -> None:
        assert writer.stdout
        shown.extend(line.decode().strip() for line in writer.stdout)

    command = [sys.executable, "-c", WRITER, url]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    readers = [threading.Thread(target=listen, args=(writer,)) for writer in writers]
    for reader in readers:
        reader.start()
    try:
        yield shown
        assert [writer.poll() for writer in writers] == [None, None], "the writers went on"
    finally:
        for writer, reader in zip(writers, readers, strict=True):
            writer.kill()
            reader.join()
            writer.communicate()


def test_a_copy_made_under_load_holds_every_number_shown_before(tmp_path: Path) -> None:
    asyncio.run(closed_after(migrated(tmp_path)))
    with writing(f"sqlite+aiosqlite:///{tmp_path / 'intercup.db'}") as shown:
        wait_for(shown, 50)
        for round_ in range(2):
            before = set(shown)
            copy = tmp_path / f"copia-{round_}.db"
            done = run(tmp_path, "backup", str(copy))
            assert done.returncode == 0, done.stderr
            assert before <= numbers_in(copy)
            assert stat.S_IMODE(copy.stat().st_mode) == 0o600
            with closing(sqlite3.connect(copy)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        wait_for(shown, len(shown) + 10)
    assert list(tmp_path.glob("*.part")) == []


async def closed_after(opening: Awaitable[Database]) -> None:
    await (await opening).close()


def wait_for(shown: list[str], number: int) -> None:
    end = time.monotonic() + 30
    while len(shown) < number:
        assert time.monotonic() < end, "no requests"
        time.sleep(0.01)


async def test_a_restored_copy_takes_the_place_of_the_database_and_the_other_is_kept(
    tmp_path: Path, directory: Directory
) -> None:
    database = await migrated(tmp_path)
    old = await submit(database, directory)
    copy = tmp_path / "copia.db"
    said = run(tmp_path, "backup", str(copy)).stdout
    assert said.startswith(f"{copy}: copia integra, richieste: 1\nla copia non è cifrata")
    new = await submit(database, directory)

    assert run(tmp_path, "restore", str(copy)).returncode == 1, "nobody confirmed"
    done = run(tmp_path, "restore", str(copy), "--yes")
    assert done.returncode == 0, done.stderr
    assert numbers_in(tmp_path / "intercup.db") == {old.number}
    (aside,) = [path for path in files(tmp_path) if path.name.startswith("intercup.db.prima-")]
    assert numbers_in(aside) == {old.number, new.number}
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600

    # A service that was running goes on with the restored state.
    third = await submit(database, directory)
    await database.close()
    assert numbers_in(tmp_path / "intercup.db") == {old.number, third.number}


async def test_an_encrypted_copy_is_read_with_its_private_key_only(
    tmp_path: Path, directory: Directory
) -> None:
    database = await migrated(tmp_path)
    made = await submit(database, directory)
    right, wrong = (pyrage.x25519.Identity.generate() for _ in range(2))
    (tmp_path / "right.key").write_text(f"# la chiave\n{right}\n")
    (tmp_path / "wrong.key").write_text(f"{wrong}\n")
    copy, before = tmp_path / "copia.age", files(tmp_path)
    recipient = {"INTERCUP_BACKUP_RECIPIENT": str(right.to_public())}
    assert run(tmp_path, "backup", str(copy), **recipient).stdout == (
        f"{copy}: copia integra, richieste: 1\n"
    )
    assert files(tmp_path) == sorted([*before, copy])  # nothing readable is left
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert made.number.encode() not in copy.read_bytes()
    await submit(database, directory)
    await database.close()

    for keys in ((), ("--identity", str(tmp_path / "wrong.key"))):
        assert run(tmp_path, "restore", str(copy), "--yes", *keys).returncode == 2
    right_key = ("--identity", str(tmp_path / "right.key"))
    done = run(tmp_path, "restore", str(copy), "--yes", *right_key)
    assert done.returncode == 0, done.stderr
    assert numbers_in(tmp_path / "intercup.db") == {made.number}
    assert [path for path in files(tmp_path) if path.suffix == ".plain"] == []


CRASH = """
import os, signal, sys
from pathlib import Path
import pyrage
from intercup.db import backup

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

folder, recipient, identity = sys.argv[1:]
if recipient:
    pyrage.encrypt_io = pyrage.encrypt_file = die
    backup.back_up(Path(folder, "intercup.db"), Path(folder, "copia.age"), recipient)
backup._set_aside = die
backup.restore(
    Path(folder, "copia.age"), Path(folder, "intercup.db"), Path(folder, "prima"), Path(identity)
)
"""


def test_a_crash_leaves_no_readable_copy(tmp_path: Path) -> None:
    asyncio.run(closed_after(migrated(tmp_path)))
    key = pyrage.x25519.Identity.generate()
    (tmp_path / "key").write_text(str(key))
    recipient = str(key.to_public())
    back_up(tmp_path / "intercup.db", tmp_path / "copia.age", recipient)
    (tmp_path / "copia.age").rename(tmp_path / "ieri.age")
    for argument in (recipient, ""):
        if not argument:
            (tmp_path / "ieri.age").rename(tmp_path / "copia.age")
        words = [sys.executable, "-c", CRASH, str(tmp_path), argument, str(tmp_path / "key")]
        assert subprocess.run(words, check=False, timeout=60).returncode == -signal.SIGKILL
        readable = [path.name for path in files(tmp_path) if path.read_bytes()[:6] == b"SQLite"]
        assert readable == ["intercup.db"]


def test_copies_are_not_made_for_what_is_no_key(tmp_path: Path) -> None:
    asyncio.run(closed_after(migrated(tmp_path)))
    wrong = {"INTERCUP_BACKUP_RECIPIENT": "age1nessuna"}
    for command in (["check-config"], ["backup", str(tmp_path / "copia")]):
        done = run(tmp_path, *command, **wrong)
        assert (done.returncode, "INTERCUP_BACKUP_RECIPIENT" in done.stderr) == (2, True)
    assert not (tmp_path / "copia").exists()


async def test_what_is_no_sound_copy_changes_nothing(tmp_path: Path, directory: Directory) -> None:
    database = await migrated(tmp_path)
    made = await submit(database, directory)
    copy, file = tmp_path / "copia.db", tmp_path / "intercup.db"
    back_up(file, copy)
    with pytest.raises(ConfigurationError, match="esiste già"):
        back_up(file, copy)
    damaged = tmp_path / "rotta.db"
    content = bytearray(copy.read_bytes())
    content[8192:40960] = os.urandom(32768)
    damaged.write_bytes(content)
    for wrong in (damaged, tmp_path / "manca.db", Path("pyproject.toml")):
        with pytest.raises(ConfigurationError):
            restore(wrong, file, tmp_path / "prima.db")
    assert not (tmp_path / "prima.db").exists()
    await database.close()
    assert numbers_in(tmp_path / "intercup.db") == {made.number}


@pytest.mark.parametrize("first", [0, 8192], ids=["header", "pages"])
async def test_a_damaged_database_is_moved_away_for_the_copy(
    tmp_path: Path, directory: Directory, first: int
) -> None:
    database = await migrated(tmp_path)
    made = await submit(database, directory)
    await database.close()
    copy, file, aside = tmp_path / "copia.db", tmp_path / "intercup.db", tmp_path / "prima.db"
    back_up(file, copy)
    content = bytearray(file.read_bytes())
    content[first : first + 32768] = os.urandom(32768)
    file.write_bytes(content)
    assert restore(copy, file, aside) == 1
    assert numbers_in(file) == {made.number}
    assert aside.read_bytes() == bytes(content)


def test_postgresql_is_left_to_its_own_tools(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://utente:segreta@localhost/assistenza"
    done = run(tmp_path, "backup", str(tmp_path / "x"), INTERCUP_DATABASE_URL=url)
    assert done.returncode == 2
    assert "pg_dump" in done.stderr
    assert "segreta" not in done.stderr
