"""A clock that processes see and a test sets, by libfaketime."""

from dataclasses import dataclass
from pathlib import Path

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


@dataclass
class Clock:
    """Tells the time with an offset; the time since the start goes on evenly, as in Linux."""

    file: Path

    def __post_init__(self) -> None:
        self.set("+0")

    def set(self, offset: str) -> None:
        """Jump to an offset from the true time: `+1d`, `-1d`, `+12m`."""
        new = self.file.with_suffix(".new")
        new.write_text(offset)
        new.replace(self.file)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
