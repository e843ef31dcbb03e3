"""The directory in use, replaced at runtime when its file changes."""

import asyncio
import logging
from pathlib import Path

from intercup.domain.directory import Directory
from intercup.errors import ConfigurationError
from intercup.services.structures.structures_file import load_directory

CHECK_EVERY = 2.0  # seconds

logger = logging.getLogger(__name__)


class Structures:
    """A process's directory; `watch` keeps it up to date with its file."""

    def __init__(self, directory: Directory, file: Path | None = None) -> None:
        self.directory = directory
        self.problems: tuple[str, ...] = ()  # of a refused file
        self._file = file
        self._learnt = _intents_of(directory)
        self._taken = self._seen = self._content()

    @classmethod
    def load(cls, file: Path) -> "Structures":
        """Read the file.

        Raises:
            ConfigurationError: it isn't valid.
        """
        return cls(load_directory(file), file)

    async def watch(self) -> None:
        """Check the file every few seconds, until cancelled."""
        while True:
            await asyncio.sleep(CHECK_EVERY)
            await asyncio.to_thread(self.look)

    def look(self) -> None:
        """Load the file if it has changed and is valid; else keep its problems."""
        before, self._seen = self._seen, self._content()
        # Content that differs between two checks is still being written.
        if self._file is None or self._seen != before or self._seen == self._taken:
            return
        self._taken = self._seen
        try:
            self.directory, self.problems = self._checked(self._file), ()
        except ConfigurationError as error:
            self.problems = tuple(error.problems)
            logger.error("ALARM structures: the file is refused, the old one stays: %s", error)
        else:
            logger.info("structures: the changed file is in use")

    def _checked(self, file: Path) -> Directory:
        directory = load_directory(file)
        if unknown := _intents_of(directory) - self._learnt:
            raise ConfigurationError(
                [
                    f"categories: il modello in uso non conosce {intent}: eseguire `make train`"
                    " e riavviare"
                    for intent in sorted(unknown)
                ]
            )
        return directory

    def _content(self) -> bytes | None:
        try:
            return self._file.read_bytes() if self._file else None
        except OSError:
            return None


def _intents_of(directory: Directory) -> set[str]:
    """Return the intents of the categories; the model was trained for those present at start."""
    categories = directory.category_by_id.values()
    return {reading.intent for category in categories for reading in category.readings}
