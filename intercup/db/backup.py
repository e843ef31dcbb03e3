"""Copy the SQLite database while the service writes, and put a copy back.

SQLite's own backup is a snapshot: everything committed before its start is in the copy. A copy can
be encrypted for a public key of age, whose private key is kept on another machine.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

import pyrage

from intercup.db.sqlite import sqlite3
from intercup.errors import ConfigurationError
from intercup.private_files import JOURNALS

LOCK_TIMEOUT = 30.0  # seconds to wait for a writer
ENCRYPTED = b"age-encryption.org/"  # the beginning of such a file
# Two bytes of SQLite's file format: without a journal in WAL mode beside the file.
VERSIONS, WITHOUT_WAL = 18, b"\1\1"


def back_up(database: Path, target: Path, recipient: str = "") -> int:
    """Write a checked copy, readable by its owner only; return its number of requests.

    Raises:
        ConfigurationError: the target exists, the copy isn't sound, or the key isn't one.
    """
    if target.exists():
        raise ConfigurationError([f"{target} esiste già: non lo sovrascrivo"])
    keys = [recipient_of(recipient)] if recipient else []
    partial = target.with_name(f"{target.name}.part")
    try:
        _make_private(partial)
        if keys:
            with _nameless(database.parent) as (copy, plain), partial.open("wb") as encrypted:
                count = _copy(database, copy, plain, target)
                pyrage.encrypt_io(plain, encrypted, keys)
        else:
            with _opened(partial) as copy, partial.open("r+b") as file:
                count = _copy(database, copy, file, target)
        _on_disk(partial)
        partial.replace(target)
        _on_disk(target.parent)
    finally:
        partial.unlink(missing_ok=True)
    return count


@contextmanager
def _nameless(folder: Path) -> Iterator[tuple[sqlite3.Connection, BinaryIO]]:
    """Open a database whose file has no name, so that nothing readable survives a crash."""
    descriptor, name = mkstemp(dir=folder)
    with os.fdopen(descriptor, "r+b") as file, closing(sqlite3.connect(name)) as connection:
        Path(name).unlink()
        yield connection, file


def _copy(database: Path, copy: sqlite3.Connection, file: BinaryIO, target: Path) -> int:
    """Copy the database, check the copy, which is the file, and return its number of requests."""
    # It is synced to disk afterwards.
    copy.execute("PRAGMA synchronous=OFF")
    copy.execute("PRAGMA journal_mode=MEMORY")
    with _opened(database) as source:
        # The backup's own error wouldn't tell a damaged file from a locked one.
        source.execute("SELECT count(*) FROM sqlite_schema")
        # In one step: between steps any write of the service would restart the copy.
        source.backup(copy, pages=-1)
    os.pwrite(file.fileno(), WITHOUT_WAL, VERSIONS)
    copy.execute("PRAGMA shrink_memory")  # It has read them.
    return _check(copy, target)


def recipient_of(key: str) -> pyrage.x25519.Recipient:
    """Read the public key that copies are encrypted for.

    Raises:
        ConfigurationError: it isn't one.
    """
    try:
        return pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError as error:
        raise ConfigurationError(
            ["INTERCUP_BACKUP_RECIPIENT: serve una chiave pubblica di age, che comincia con age1"]
        ) from error


def restore(copy: Path, database: Path, aside: Path, identity: Path | None = None) -> int:
    """Replace the database by a copy, after saving it; return the copy's number of requests.

    SQLite's locks apply: a running service sees either the old state or the new one.
    A damaged database is moved aside unchanged.

    Raises:
        ConfigurationError: the copy isn't sound, the private key doesn't open it, or the state
            before can't be saved.
    """
    with ExitStack() as stack:
        if is_encrypted(copy):
            source, plain = stack.enter_context(_nameless(database.parent))
            _decrypt(copy, plain, identity)
            count = _check(source, copy)
        else:
            count = check(copy)
            source = stack.enter_context(_opened(copy))
        if database.exists():
            _set_aside(database, aside)
        with _opened(database) as target:
            target.execute("PRAGMA synchronous=FULL")
            source.backup(target, pages=-1)
    check(database)
    return count


def is_encrypted(copy: Path) -> bool:
    """Return True if a copy can be read with a private key only."""
    if not copy.is_file():
        return False
    with copy.open("rb") as file:
        return file.read(len(ENCRYPTED)) == ENCRYPTED


def _decrypt(copy: Path, plain: BinaryIO, identity: Path | None) -> None:
    if identity is None:
        raise ConfigurationError([f"{copy} è cifrata: serve --identity con la chiave privata"])
    lines = identity.read_text("ascii").splitlines() if identity.is_file() else []
    keys = [line for line in lines if line.startswith("AGE-SECRET-KEY-")]
    try:
        found = [pyrage.x25519.Identity.from_str(key) for key in keys]
        with copy.open("rb") as encrypted:
            pyrage.decrypt_io(encrypted, plain, found)
        plain.flush()
    except (pyrage.IdentityError, pyrage.DecryptError) as error:
        raise ConfigurationError([f"{copy}: la chiave in {identity} non la apre"]) from error


def _make_private(file: Path) -> None:
    descriptor = os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)
    os.close(descriptor)


def _set_aside(database: Path, aside: Path) -> None:
    if aside.exists():
        raise ConfigurationError([f"{aside} esiste già: non lo sovrascrivo"])
    try:
        back_up(database, aside)
    except sqlite3.OperationalError:
        raise  # A writer holds the lock, or the disk fails: no sign of damage.
    except (ConfigurationError, sqlite3.DatabaseError):
        # The file last: without it SQLite would delete a journal that a crash has left.
        for end in (*JOURNALS, ""):
            file = database.with_name(database.name + end)
            if file.exists():
                file.rename(aside.with_name(aside.name + end))


def check(file: Path) -> int:
    """Return the number of requests in a sound database of ours.

    Raises:
        ConfigurationError: it isn't one.
    """
    if not file.is_file():
        raise ConfigurationError([f"{file} non esiste"])
    with _opened(file, mode="ro") as connection:
        return _check(connection, file)


def _check(connection: sqlite3.Connection, file: Path) -> int:
    try:
        found = connection.execute("PRAGMA integrity_check").fetchall()
        count: int = connection.execute("SELECT count(*) FROM requests").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise ConfigurationError([f"{file} non è una base dati di InterCup integra"]) from error
    if found != [("ok",)]:
        raise ConfigurationError([f"{file} è danneggiata: integrity_check non dice ok"])
    return count


@contextmanager
def _opened(file: Path, mode: str = "rw") -> Iterator[sqlite3.Connection]:
    if mode == "rw" and not file.exists():
        file.touch(mode=0o600)
    address = f"{file.absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(address, uri=True, timeout=LOCK_TIMEOUT)) as connection:
        yield connection


def _on_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
