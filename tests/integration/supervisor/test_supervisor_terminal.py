"""The supervisor on a terminal, as a person sees it."""

import json
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

from tests.integration.supervisor.harness import HERE, PATIENCE, until


def test_the_live_table_ends_with_ctrl_c_typed_by_a_person(tmp_path: Path) -> None:
    terminal, inside = pty.openpty()
    plan = {
        "parts": [{"name": "web", "does": ["say", "on"], "purpose": "pagine"}],
        "limits": {},
        "log_dir": str(tmp_path / "log"),
    }
    environment = {**os.environ, "PID_FOLDER": str(tmp_path), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    # setsid --ctty gives it the terminal, so that Ctrl-C becomes a signal.
    process = subprocess.Popen(
        ["setsid", "--ctty", sys.executable, str(HERE / "supervised.py"), json.dumps(plan)],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        env=environment,
    )
    os.close(inside)
    os.set_blocking(terminal, False)
    shown = bytearray()

    def read() -> bytes:
        try:
            shown.extend(os.read(terminal, 65536))
        except (BlockingIOError, OSError):
            time.sleep(0.02)
        return bytes(shown)

    until(lambda: b"apri http" in read(), "the address")
    os.write(terminal, b"\x03")
    until(lambda: process.poll() is not None or (read() and False), "the end")
    read()
    os.close(terminal)
    assert process.wait(PATIENCE) == 0
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", bytes(shown)).decode()
    assert "● web" in text
    assert "Tutti i componenti sono fermi" in text
    # The cursor, hidden while the table lives, is back.
    assert shown.rindex(b"\x1b[?25h") > shown.rindex(b"\x1b[?25l")
