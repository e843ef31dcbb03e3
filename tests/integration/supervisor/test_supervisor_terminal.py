"""The supervisor on a terminal, as a person sees it."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import pytest

from tests.support.supervisor_harness import PATIENCE, PROGRAM, alive, until


class Terminal:
    """A supervisor on a terminal of its own."""

    def __init__(self, folder: Path, *before: str) -> None:
        self._file, inside = pty.openpty()
        plan = {
            "parts": [{"name": "web", "does": ["say", "on"], "purpose": "pagine"}],
            "limits": {},
            "log_dir": str(folder / "log"),
        }
        environment = {**os.environ, "PID_FOLDER": str(folder), "TERM": "xterm-256color"}
        environment.pop("NO_COLOR", None)
        # setsid --ctty gives it the terminal, so that Ctrl-C becomes a signal.
        self.process = subprocess.Popen(
            [
                "setsid",
                "--ctty",
                *before,
                sys.executable,
                PROGRAM,
                json.dumps(plan),
            ],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env=environment,
        )
        os.close(inside)
        os.set_blocking(self._file, False)
        self.shown = bytearray()

    def read(self) -> bytes:
        """Return all that was shown until now."""
        try:
            self.shown.extend(os.read(self._file, 65536))
        except (BlockingIOError, OSError):
            time.sleep(0.02)
        return bytes(self.shown)

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._file, keys)

    def close(self) -> None:
        """Close the window."""
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        """Leave nothing behind, whatever became of the test."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(PATIENCE)


def test_the_live_table_ends_with_ctrl_c_typed_by_a_person(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        until(lambda: b"apri http" in terminal.read(), "the address")
        terminal.type(b"\x03")
        until(lambda: terminal.process.poll() is not None or (terminal.read() and False), "the end")
        shown = terminal.read()
        terminal.close()
        assert terminal.process.wait(PATIENCE) == 0
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", shown).decode()
    assert "● web" in text
    assert "Tutti i componenti sono fermi" in text
    # The cursor, hidden while the table lives, is back.
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l")


# Under make, which waits for it, the supervisor isn't told that the window was closed.
UNDER_MAKE = ("sh", "-c", 'trap "" HUP; "$@"; exit $?', "sh")


@pytest.mark.parametrize("before", [(), UNDER_MAKE], ids=["alone", "under make"])
def test_closing_the_window_ends_everything(tmp_path: Path, before: tuple[str, ...]) -> None:
    with Terminal(tmp_path, *before) as terminal:
        until(lambda: b"apri http" in terminal.read(), "the address")
        parts = [int(file.read_text()) for file in tmp_path.glob("*.pid")]
        assert parts
        terminal.close()
        assert terminal.process.wait(PATIENCE) == 0
    until(lambda: not any(alive(part) for part in parts), "the end of the parts")
