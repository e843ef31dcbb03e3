"""The parts' output in files: var/log/<part>.log, with earlier files beside it.

A thread reads a part's output, so that a file can be rotated while the part runs.
"""

import io
import os
import re
from contextlib import suppress
from pathlib import Path
from threading import Thread

TAIL_LINES = 15
TAIL_BYTES = 16 * 1024
LINE_LENGTH = 300
CHUNK = 8 * 1024  # bytes; a file may exceed its size by as many
LAST_WORDS = 2.0  # seconds that a child of an ended part may keep its output open
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class PartLog:
    """The log of one run of a part; `input` is the descriptor that the part writes to."""

    def __init__(self, path: Path, size: int, files: int) -> None:
        self._path, self._size, self._files = path, size, files
        self._file = _open(path)
        self._tail = b""
        self._output, self.input = os.pipe()
        self._thread = Thread(target=self._take, name=f"log of {path.stem}", daemon=True)
        self._thread.start()

    def close_input(self) -> None:
        """Close our end of the pipe, so that the output ends with the part."""
        os.close(self.input)

    def last_lines(self) -> list[str]:
        """Return the last lines of a part that has ended."""
        self._thread.join(LAST_WORDS)
        return lines_in(self._tail)

    def _take(self) -> None:
        while data := os.read(self._output, CHUNK):
            self._tail = (self._tail + data)[-TAIL_BYTES:]
            # A full disk must not stop the part: its output is lost.
            with suppress(OSError):
                self._write(data)
        os.close(self._output)
        self._file.close()

    def _write(self, data: bytes) -> None:
        if self._file.closed:  # The disk was full at the last rotation.
            self._file = _open(self._path)
        lines, end, rest = data.rpartition(b"\n")
        self._file.write(lines + end)
        if end and self._file.tell() >= self._size:
            self._file.close()
            rotate(self._path, self._files)
            self._file = _open(self._path)
        self._file.write(rest)


def rotate(path: Path, files: int) -> None:
    """Move the log to .1, .1 to .2 and so on; delete the oldest."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for age in range(files, 0, -1):
        newer = path.with_name(f"{path.name}.{age - 1}") if age > 1 else path
        if newer.exists():
            newer.replace(path.with_name(f"{path.name}.{age}"))


def _open(path: Path) -> io.FileIO:
    """Open for appending, readable by us alone."""
    file = io.FileIO(path, "ab", opener=lambda name, flags: os.open(name, flags, 0o600))
    file.seek(0, os.SEEK_END)
    return file


def lines_in(output: bytes) -> list[str]:
    """Return the last lines of an output, without terminal control characters."""
    lines = output.decode(errors="replace").splitlines()
    clean = (CONTROL.sub("", line).rstrip()[:LINE_LENGTH] for line in lines)
    return [line for line in clean if line][-TAIL_LINES:]
