"""The directory in use, replaced at runtime when its file or the technical team changes it."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from intercup.db.engine import Database
from intercup.db.tables import StructureVersion
from intercup.domain.directory import Directory
from intercup.errors import ConfigurationError, Unavailable
from intercup.services.structures.structures_file import directory_of, document_of
from intercup.services.structures.versions import edits_of, in_force, newest_by_field

CHECK_EVERY = 2.0  # seconds

logger = logging.getLogger(__name__)


class Structures:
    """A process's directory; `watch` keeps it up to date with its file and the database."""

    def __init__(
        self, directory: Directory, file: Path | None = None, document: Any = None
    ) -> None:
        self.problems: tuple[str, ...] = ()  # of a refused file
        self.document = document  # of the file in use
        self.unusable: frozenset[str] = frozenset()  # fields whose stored change isn't in force
        self._directory = directory
        self._newest: Mapping[str, StructureVersion] = {}
        self._waits = False
        self._turn = Lock()  # A page takes changes while the watch takes the file.
        self._file = file
        self._learnt = _intents_of(directory)
        self._taken = self._seen = self._content()

    @classmethod
    def load(cls, file: Path) -> "Structures":
        """Read the file.

        Raises:
            ConfigurationError: it isn't valid.
        """
        document = document_of(file)
        return cls(directory_of(document), file, document)

    @property
    def directory(self) -> Directory:
        """The directory in use.

        Raises:
            Unavailable: the changes of the database, without which mails may go astray, are to be
                read first.
        """
        if self._waits:
            raise Unavailable("database_unavailable")
        return self._directory

    def wait_for_changes(self) -> None:
        """Give no directory until the changes are read."""
        self._waits = True

    async def watch(self, database: Database) -> None:
        """Check file and database every few seconds, until cancelled."""
        while True:
            await self.look_at_changes(database)
            await asyncio.sleep(CHECK_EVERY)
            await asyncio.to_thread(self.look)

    async def look_at_changes(self, database: Database) -> None:
        """Take the technical team's changes; without a database the old ones stay."""
        with suppress(Unavailable):
            await self.take_changes(database)

    async def take_changes(self, database: Database) -> None:
        """Take the technical team's changes.

        Raises:
            Unavailable: the database doesn't answer.
        """
        async with database.read() as reading:
            newest = await newest_by_field(reading)
        await asyncio.to_thread(self._take, newest)
        self._waits = False

    def _take(self, newest: Mapping[str, StructureVersion]) -> None:
        with self._turn:
            if _ids(newest) != _ids(self._newest) and self.document is not None:
                self._newest = newest
                self._use(self.document)

    def look(self) -> None:
        """Load the file if it has changed and is valid; else keep its problems."""
        with self._turn:
            self._look()

    def _look(self) -> None:
        before, self._seen = self._seen, self._content()
        # Content that differs between two checks is still being written.
        if self._file is None or self._seen != before or self._seen == self._taken:
            return
        self._taken = self._seen
        try:
            self._use(self._checked(self._file))
        except ConfigurationError as error:
            self.problems = tuple(error.problems)
            logger.error("ALARM structures: the file is refused, the old one stays: %s", error)
        else:
            self.problems = ()
            logger.info("structures: the changed file is in use")

    def _use(self, document: Any) -> None:
        """Put a valid document, with the changes, in use."""
        edits = edits_of(document, self._newest)
        directory, usable = in_force(document, edits)
        unusable = frozenset(edits.keys() - usable.keys())
        if unusable - self.unusable:
            logger.error("ALARM structures: changes not in force: %s", ", ".join(sorted(unusable)))
        self.document, self._directory, self.unusable = document, directory, unusable

    def _checked(self, file: Path) -> Any:
        document = document_of(file)
        if unknown := _intents_of(directory_of(document)) - self._learnt:
            raise ConfigurationError(
                [
                    f"categories: il modello in uso non conosce {intent}: eseguire `make train`"
                    " e riavviare"
                    for intent in sorted(unknown)
                ]
            )
        return document

    def _content(self) -> bytes | None:
        try:
            return self._file.read_bytes() if self._file else None
        except OSError:
            return None


def _ids(newest: Mapping[str, StructureVersion]) -> dict[str, int]:
    return {field: version.id for field, version in newest.items()}


def _intents_of(directory: Directory) -> set[str]:
    """Return the intents of the categories; the model was trained for those present at start."""
    categories = directory.category_by_id.values()
    return {reading.intent for category in categories for reading in category.readings}
