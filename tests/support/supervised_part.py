"""A part under the test's control: supervised_part.py NAME [WORD ARGUMENT]...

listen PORT (TCP, answers nothing), http PORT (503 in the first half second, then 200), child NAME,
say TEXT, signs COUNT, count LINES, crash CODE, crash-once CODE, ignore TERM, slow-end SECONDS. It
and its child write their process ids to files.
"""

import http.server
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(os.environ["PID_FOLDER"])
STARTED = time.monotonic()


class Handler(http.server.BaseHTTPRequestHandler):
    """Not ready at first."""

    def do_GET(self) -> None:
        self.send_response(200 if time.monotonic() - STARTED > 0.5 else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()


def say(text: str) -> None:
    """Write a line to the log."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def count(lines: str) -> None:
    """Write numbered lines to the log, each in two steps."""
    for number in range(int(lines)):
        sys.stdout.write(f"line {number}")
        sys.stdout.flush()
        say(" of many")


def signs(count: str) -> None:
    """Give some signs of life, then none."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as parent:
        parent.connect(os.environ["NOTIFY_SOCKET"])
        for _ in range(int(count)):
            parent.send(b"WATCHDOG=1")
            time.sleep(0.05)


def slow_end(seconds: str) -> None:
    """On SIGTERM take some seconds to end."""

    def finish(*_: object) -> None:
        time.sleep(float(seconds))
        say("finished")
        sys.exit(0)

    signal.signal(signal.SIGTERM, finish)


def crash_once(code: str) -> None:
    """Crash at the first start only."""
    if not (FOLDER / "crashed").exists():
        (FOLDER / "crashed").touch()
        sys.exit(int(code))


def listen(port: str) -> None:
    """Accept connections until killed."""
    with socket.create_server(("127.0.0.1", int(port))) as server:
        while True:
            server.accept()[0].close()


def serve_http(port: str) -> None:
    """Serve until killed."""
    http.server.HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


def write_pid(name: str) -> None:
    """Write the process id atomically, so that nobody reads half a number."""
    draft = FOLDER / f"{name}.draft"
    draft.write_text(str(os.getpid()))
    draft.rename(FOLDER / f"{name}.pid")


def main() -> None:
    """Execute each word in turn, then keep running."""
    write_pid(sys.argv[1])
    does = {
        "listen": listen,
        "http": serve_http,
        "child": lambda name: subprocess.Popen([sys.executable, __file__, name]),
        "stubborn-child": lambda name: subprocess.Popen(
            [sys.executable, __file__, name, "ignore", "TERM"]
        ),
        "say": say,
        "signs": signs,
        "count": count,
        "crash": lambda code: sys.exit(int(code)),
        "crash-once": crash_once,
        "ignore": lambda name: signal.signal(signal.Signals[f"SIG{name}"], signal.SIG_IGN),
        "slow-end": slow_end,
    }
    words = iter(sys.argv[2:])
    for word in words:
        does[word](next(words))
    while True:
        time.sleep(60)


main()
