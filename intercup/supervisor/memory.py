"""Memory of the parts, on systems with /proc."""

import os
from contextlib import suppress
from pathlib import Path


def group_memory() -> dict[int, int]:
    """Return the resident bytes of each process group; empty where there is no /proc."""
    page = os.sysconf("SC_PAGE_SIZE")
    memory: dict[int, int] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            # The name, in brackets, may contain anything; the fields follow the last bracket.
            fields = file.read_text().rpartition(")")[2].split()
            group, resident = int(fields[2]), int(fields[21]) * page
            memory[group] = memory.get(group, 0) + resident
    return memory
