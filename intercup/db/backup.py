"""Copy the SQLite database while the service writes, and put a copy back.

SQLite's own backup is a snapshot: everything committed before its start is in the copy. A copy can
be encrypted for a public key of age, whose private key is kept on another machine.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pyrage

from intercup.errors import ConfigurationError

LOCK_TIMEOUT = 30.0  # seconds to wait for a writer
ENCRYPTED = b"age-encryption.org/"  # the beginning of such a file


def back_up(database: Path, target: Path, recipient: str = "") -> int:
    """Write a checked copy, readable by its owner only; return its number of requests.

    Raises:
        ConfigurationError: the target exists, the copy isn't sound, or the key isn't one.
    """
    if target.exists():
        raise ConfigurationError([f"{target} esiste già: non lo sovrascrivo"])
    keys = [recipient_of(recipient)] if recipient else []
    partial = target.with_name(f"{target.name}.part")
    # The readable copy of an encrypted one stays where the database is.
    plain = database.with_name(f"{target.name}.plain") if keys else partial
    try:
        for file in (plain, partial):
            _make_private(file)
        with _opened(database) as source, _opened(plain) as copy:
            # Writers wait during the copy, so it is synced to disk afterwards.
            copy.execute("PRAGMA synchronous=OFF")
            # In one step: between steps any write of the service would restart the copy.
            source.backup(copy, pages=-1)
        count = check(plain)
        if keys:
            pyrage.encrypt_file(str(plain), str(partial), keys)
        _on_disk(partial)
        partial.replace(target)
        _on_disk(target.parent)
    finally:
        for file in (plain, partial):
            file.unlink(missing_ok=True)
    return count


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
    if is_encrypted(copy):
        plain = database.with_name(f"{copy.name}.plain")
        try:
            _make_private(plain)
            _decrypt(copy, plain, identity)
            return restore(plain, database, aside)
        finally:
            plain.unlink(missing_ok=True)
    count = check(copy)
    if database.exists():
        _set_aside(database, aside)
    with _opened(copy) as source, _opened(database) as target:
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


def _decrypt(copy: Path, plain: Path, identity: Path | None) -> None:
    if identity is None:
        raise ConfigurationError([f"{copy} è cifrata: serve --identity con la chiave privata"])
    lines = identity.read_text("ascii").splitlines() if identity.is_file() else []
    keys = [line for line in lines if line.startswith("AGE-SECRET-KEY-")]
    try:
        found = [pyrage.x25519.Identity.from_str(key) for key in keys]
        pyrage.decrypt_file(str(copy), str(plain), found)
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
        for end in ("", "-journal", "-wal", "-shm"):
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
    try:
        with _opened(file, mode="ro") as connection:
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
