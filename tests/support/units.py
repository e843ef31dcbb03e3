"""The parts as their units start, reload and stop them: systemd's side of the notifications."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil

from tests.support.paths import ROOT

UNITS = ROOT / "deploy/systemd"
PLACES = {
    "/opt/intercup/.venv/bin/intercup": f"{sys.executable} -m intercup.commands.main",
    "/opt/intercup": str(ROOT),
}
READY_WITHIN = 120.0  # seconds; TimeoutStartSec of Rasa's unit
STOP_LIMIT = 100.0  # seconds


class Unit:
    """A unit's processes: the first one is our child, its successors are not."""

    def __init__(self, name: str, folder: Path, environment: dict[str, str]) -> None:
        self.name = name
        self._text = (UNITS / re.sub("@.*", "@", f"intercup-{name}")).with_suffix(".service")
        self._folder = folder
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._listener.bind(str(folder / f"{name}.notify"))
        notify = {"NOTIFY_SOCKET": str(folder / f"{name}.notify"), "WATCHDOG_USEC": "15000000"}
        self._environment = os.environ | environment | notify
        self._ready = threading.Event()
        self.main_pid = self._group = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self) -> None:
        """Start the unit's command and return when it is ready."""
        self._ready.clear()
        with (self._folder / f"{self.name}.log").open("ab") as log:
            process = subprocess.Popen(
                shlex.split(self._command("ExecStart")),
                cwd=ROOT / "bot" if self.name.startswith("rasa") else ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.main_pid = self._group = process.pid
        threading.Thread(target=self._reap, args=[process], daemon=True).start()
        assert self._ready.wait(READY_WITHIN), self.log()
        assert process.poll() is None, self.log()

    def _reap(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for its end: a reload would wait for a zombie, a start for a dead process."""
        process.wait()
        self._ready.set()

    def reload(self) -> None:
        """Run `systemctl reload`; for Rasa, wait as deploy/rolling-restart.sh does."""
        before = [child.pid for child in psutil.Process(self.main_pid).children()]
        command = shlex.split(self._command("ExecReload").replace("$$", "$"))
        environment = os.environ | {"MAINPID": str(self.main_pid)}
        subprocess.run(command, env=environment, check=True)
        if self.name.startswith("rasa"):
            _wait_for(*before)

    def stop(self) -> None:
        """End all its processes, as `systemctl stop`."""
        if not self._group:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._group, signal.SIGTERM)
        _wait_for(self.main_pid)

    def log(self) -> str:
        """Return what its processes have written."""
        return (self._folder / f"{self.name}.log").read_text("utf-8", "replace")

    def _command(self, key: str) -> str:
        (command,) = re.findall(rf"^{key}=(.+)$", self._text.read_text("utf-8"), re.MULTILINE)
        for there, here in PLACES.items():
            command = command.replace(there, here)
        return str(command).replace("%i", self.name.partition("@")[2])

    def _listen(self) -> None:
        while message := self._listener.recv(100).decode():
            if message == "READY=1":
                self._ready.set()
            if message.startswith("MAINPID="):
                self.main_pid = int(message.partition("=")[2])


def _wait_for(*pids: int) -> None:
    for pid in pids:
        command = ["timeout", str(STOP_LIMIT), "tail", f"--pid={pid}", "-f", "/dev/null"]
        subprocess.run(command, check=True)
