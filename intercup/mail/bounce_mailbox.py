"""Sources of delivery reports: a mailbox over IMAP, a maildir, or a folder of .eml files.

A message is put aside once it is handled; it contains a returned mail, so it is deleted as soon as
the bodies of our own mails.
"""

import imaplib
import mailbox
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

HEAD = 256 * 1024  # bytes read of a message: more than any report on our mails
ASIDE = "gestiti"
KEYWORD = "InterCupGestito"
TIMEOUT = 60.0  # seconds
IMAP_PORT, IMAPS_PORT = 143, 993
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class ReportMailbox(Protocol):
    """A mailbox with reports."""

    def messages(self) -> Iterator[tuple[str, bytes]]:
        """Yield the key and beginning of each message not put aside."""
        ...

    def put_aside(self, key: str) -> None:
        """Mark a message as handled."""
        ...

    def clean(self, before: float) -> None:
        """Delete messages put aside that came before a moment."""
        ...


class EmlFolder:
    """A folder of .eml files; handled ones move to a subfolder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._aside = folder / ASIDE

    def messages(self) -> Iterator[tuple[str, bytes]]:
        for path in sorted(self._folder.glob("*.eml")):
            with path.open("rb") as file:
                yield path.name, file.read(HEAD)

    def put_aside(self, key: str) -> None:
        self._aside.mkdir(mode=0o700, exist_ok=True)
        (self._folder / key).replace(self._aside / key)

    def clean(self, before: float) -> None:
        for path in self._aside.glob("*.eml"):
            if path.stat().st_mtime < before:
                path.unlink()


class MaildirFolder:
    """A maildir; handled messages move to a subfolder."""

    def __init__(self, folder: Path) -> None:
        self._box = mailbox.Maildir(folder, factory=None, create=False)

    def messages(self) -> Iterator[tuple[str, bytes]]:
        for key in sorted(self._box.keys()):
            with self._box.get_file(key) as file:
                yield key, file.read(HEAD)

    def put_aside(self, key: str) -> None:
        self._box.add_folder(ASIDE).add(self._box.get_message(key))
        self._box.discard(key)

    def clean(self, before: float) -> None:
        if ASIDE not in self._box.list_folders():
            return
        aside = self._box.get_folder(ASIDE)
        for key, message in aside.items():
            if message.get_date() < before:
                aside.discard(key)


class ImapFolder:
    """A folder of an IMAP server; handled messages get a keyword, or else count as read."""

    def __init__(self, connection: imaplib.IMAP4, folder: str) -> None:
        self._connection = connection
        _checked(connection.select(f'"{folder}"'))
        permanent = connection.response("PERMANENTFLAGS")[1][-1] or b""
        self._keyword = KEYWORD if b"\\*" in permanent else None

    def messages(self) -> Iterator[tuple[str, bytes]]:
        wanted = ("UNKEYWORD", self._keyword) if self._keyword else ("UNSEEN",)
        for uid in self._search("UNDELETED", *wanted):
            found = _checked(self._connection.uid("FETCH", uid, f"(BODY.PEEK[]<0.{HEAD}>)"))
            parts = [part[1] for part in found if isinstance(part, tuple)]
            if parts:
                yield uid, parts[0]

    def put_aside(self, key: str) -> None:
        flag = self._keyword or r"\Seen"
        _checked(self._connection.uid("STORE", key, "+FLAGS.SILENT", f"({flag})"))

    def clean(self, before: float) -> None:
        if self._keyword is None:
            return  # Without the keyword a person may have read the message.
        limit = datetime.fromtimestamp(before, UTC)
        day = f"{limit.day}-{MONTHS[limit.month - 1]}-{limit.year}"
        old = self._search("KEYWORD", self._keyword, "BEFORE", day)
        for uid in old:
            _checked(self._connection.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)"))
        if old:
            _checked(self._connection.expunge())

    def _search(self, *criteria: str) -> list[str]:
        found = _checked(self._connection.uid("SEARCH", *criteria))
        return [uid.decode() for uid in (found[0] or b"").split()]


def _checked(answer: tuple[str, list[Any]]) -> list[Any]:
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(status)
    return data


def open_folder(path: Path) -> ReportMailbox:
    """Open a maildir, or a folder of .eml files."""
    return MaildirFolder(path) if (path / "new").is_dir() else EmlFolder(path)


@contextmanager
def open_imap(url: str, password: str) -> Iterator[ReportMailbox]:
    """Open the folder of `imaps://user@host[:port][/folder]`; imap:// is for loopback.

    Raises:
        OSError, imaplib.IMAP4.error: the server doesn't answer, or refuses.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "imaps":
        context = ssl.create_default_context()
        connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            host, parts.port or IMAPS_PORT, ssl_context=context, timeout=TIMEOUT
        )
    else:
        connection = imaplib.IMAP4(host, parts.port or IMAP_PORT, timeout=TIMEOUT)
    with connection:
        connection.login(unquote(parts.username or ""), password)
        yield ImapFolder(connection, unquote(parts.path.strip("/")) or "INBOX")
