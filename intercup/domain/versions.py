"""Versions of a release's texts by the technical team, and the files above which they stand.

During an upgrade cells with the files of two releases read the same versions. So a version that a
file has taken over is ended by a copy of it in the release's name, and goes on standing above the
one text that it replaced.
"""

from typing import NamedTuple, Protocol

# Instead of a member's name, for a version that a release has taken over into the files.
RELEASED = "aggiornamento del programma"


class Version(Protocol):
    """A text, with the file's text that it replaced and who wrote it."""

    @property
    def text(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def who(self) -> str: ...


class Settled(NamedTuple):
    """Names of the changes that a release's files touch, when it is installed.

    Their origin has changed, they are gone from the files, or the files have again what they
    replaced.
    """

    outdated: list[str]
    gone: list[str]
    restored: list[str]


def stands(version: Version, in_file: str) -> bool:
    """Return True if a version says something else than a file, and stands above it.

    One whose text is its origin follows each file.
    """
    if version.text in (in_file, version.origin):
        return False
    return version.who != RELEASED or version.origin == in_file


def is_edit(version: Version) -> bool:
    """Return True if no release has taken a version over, and it doesn't follow the files."""
    return version.who != RELEASED and version.text != version.origin


def is_restored(version: Version, in_file: str, taken_at: float, met_at: float) -> bool:
    """Return True if a new release has again the text that a version taken over once replaced.

    `met_at` is when its files were first met: those of a way back were met before the taking over.
    """
    was_taken = version.who == RELEASED and version.text != version.origin
    return was_taken and version.origin == in_file and met_at > taken_at


def is_return(text: str, origin: str, in_file: str) -> bool:
    """Return True if a new version goes back to a file that has changed under the last one.

    It is the release's text then, and must not stand above the next release's.
    """
    return text == in_file and text != origin


def origin_of(last: Version | None, text: str, in_file: str) -> str:
    """Return the file's text that a new version replaces.

    If this cell's file has the text already, another's has that which the last version replaced.
    """
    if text == in_file and last is not None and last.text != last.origin:
        return last.origin
    return in_file
