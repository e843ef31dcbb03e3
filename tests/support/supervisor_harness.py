"""A real supervisor in a process of its own, and its parts."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("supervised_program.py")
PATIENCE = 20.0  # seconds


def until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Return the condition's first true value, or fail with the name of the condition."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


def alive(pid: int) -> bool:
    """Return True if the process runs; a zombie doesn't."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


class Supervised:
    """A supervisor in a process of its own, with parts of supervised_part.py."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = folder / "log"
        self._output = folder / "output"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *parts: dict[str, Any], **limits: float) -> None:
        """Start the supervisor with these parts; each dict is a Part, but for its program."""
        plan = {"parts": parts, "limits": limits, "log_dir": str(self.logs)}
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(PROGRAM), json.dumps(plan)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "PID_FOLDER": str(self.folder), "COLUMNS": "100"},
            )

    @property
    def output(self) -> str:
        """The supervisor's whole output."""
        return self._output.read_text()

    def prints(self, text: str, times: int = 1) -> None:
        """Wait for a text on the terminal."""
        until(lambda: self.output.count(text) >= times, f"{text!r} in:\n{self.output}")

    def pid(self, name: str) -> int:
        """Wait for the process id written by a part or its child."""
        file = self.folder / f"{name}.pid"
        return int(until(lambda: file.exists() and file.read_text(), f"{name}.pid"))

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the supervisor alone."""
        assert self.process is not None
        self.process.send_signal(number)

    def exit_code(self) -> int:
        """Wait for the supervisor's end."""
        assert self.process is not None
        return self.process.wait(PATIENCE)

    def pids(self) -> list[int]:
        """Return all process ids written by the parts."""
        return [int(file.read_text()) for file in self.folder.glob("*.pid")]
