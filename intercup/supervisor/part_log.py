"""The parts' output in files: var/log/<part>.log, and the ends of earlier runs beside it."""

import os
import re
from pathlib import Path

KEPT_RUNS = 5
TAIL_LINES = 15
TAIL_BYTES = 16 * 1024
LINE_LENGTH = 300
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def rotate(path: Path) -> None:
    """Move the log of the last run to .1, .1 to .2 and so on; forget the oldest."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for age in range(KEPT_RUNS, 0, -1):
        newer = path.with_name(f"{path.name}.{age - 1}") if age > 1 else path
        if newer.exists():
            newer.replace(path.with_name(f"{path.name}.{age}"))


def open_log(path: Path) -> tuple[int, int]:
    """Open for appending, readable by us alone; return the descriptor and the size so far."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return descriptor, os.fstat(descriptor).st_size


def tail(path: Path, start: int) -> list[str]:
    """Return the last lines written since byte `start`, without anything a terminal would obey."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(start, size - TAIL_BYTES))
        text = file.read().decode(errors="replace")
    lines = [CONTROL.sub("", line).rstrip()[:LINE_LENGTH] for line in text.splitlines()]
    return [line for line in lines if line][-TAIL_LINES:]
