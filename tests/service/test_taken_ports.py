"""`intercup run` at a terminal while one of its ports is in use."""

import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.support.paths import ROOT
from tests.support.running_service import STOP_LIMIT

LIMIT = 60.0  # seconds


def _read_until(terminal: int, pattern: str) -> str:
    said, end = "", time.monotonic() + LIMIT
    while time.monotonic() < end and not re.search(pattern, said):
        said += os.read(terminal, 65536).decode("utf-8", "replace")
    return said


def test_a_free_port_is_proposed_and_used(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        ports = ("HTTP_PORT", "DEMO_IDP_PORT", "DEMO_SMTP_PORT")
        environment = os.environ | {"INTERCUP_DATA_DIR": str(tmp_path), "NO_COLOR": "1"}
        environment |= {f"INTERCUP_{name}": str(taken + n) for n, name in enumerate(ports)}
        process = subprocess.Popen(
            [sys.executable, "-m", "intercup.commands.main", "run"],
            cwd=ROOT,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        try:
            said = _read_until(ours, "rinunciare: ")
            assert f"porta {taken} (web) è già occupata" in said
            free = re.search(r"INTERCUP_HTTP_PORT=(\d+)", said)
            assert free
            os.write(ours, b"\n")
            _read_until(ours, r"web +pronto")
            with urllib.request.urlopen(f"http://127.0.0.1:{free[1]}/live", timeout=10) as answer:
                assert answer.status == 200
        finally:
            process.send_signal(signal.SIGTERM)
            _drain(ours)
            assert process.wait(STOP_LIMIT) == 0
            os.close(ours)


def _drain(terminal: int) -> None:
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:  # Linux, when the program has ended.
        pass
