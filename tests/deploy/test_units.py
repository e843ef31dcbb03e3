"""systemd's units: hardened, and restarted by the watchdog when they hang."""

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from intercup.commands.main import _parser
from intercup.commands.parts import parts_of
from intercup.services.attachments.rewriting import MEMORY_MAX
from intercup.settings import Settings
from intercup.watchdog import give_signs_of_life
from tests.support.paths import ROOT
from tests.support.ports import free_port

UNITS = ROOT / "deploy/systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
SERVING = ("web", "worker", "actions", "rasa@")
MOST_EXPOSED = 2.5


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root folder with the units installed."""
    root = tmp_path_factory.mktemp("root")
    shutil.copytree(UNITS, root / "etc/systemd/system")
    return root


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze")
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_hardened(root: Path, service: str) -> None:
    unit = service.replace("@.", "@5005.")
    command = ["systemd-analyze", "security", "--offline=true", f"--root={root}", unit]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"exposure level for .*: ([0-9.]+)", answer.stdout)
    assert found, answer.stderr
    assert float(found[1]) <= MOST_EXPOSED


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze")
@pytest.mark.parametrize("part", ["web", "worker", "rasa@5005"])
def test_a_part_whose_child_lowers_its_priority_may(root: Path, part: str) -> None:
    command = ["systemd-analyze", "security", "--offline=true", f"--root={root}"]
    command.append(f"intercup-{part}.service")
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "(e.g. setpriority is allowed)" in answer.stdout


@pytest.mark.parametrize("part", SERVING)
def test_a_serving_part_has_a_watchdog_and_a_memory_limit(part: str) -> None:
    unit = (UNITS / f"intercup-{part}.service").read_text("utf-8")
    assert "Type=notify" in unit
    assert {"WatchdogSec", "MemoryMax"} <= set(re.findall(r"^(\w+)=", unit, re.MULTILINE))


def test_the_terminal_waits_for_a_sign_of_life_as_long_as_systemd() -> None:
    waited = {part.name: part.watchdog_seconds for part in parts_of(Settings())}
    units = {part: (UNITS / f"intercup-{part}.service").read_text("utf-8") for part in SERVING}
    of_systemd = {
        part.strip("@"): float(re.findall(r"^WatchdogSec=(\d+)$", unit, re.MULTILINE)[0])
        for part, unit in units.items()
    }
    assert waited == of_systemd | {"demo": None}


def test_our_parts_give_back_large_blocks_however_they_are_started() -> None:
    name = "MALLOC_MMAP_THRESHOLD_"
    (given,) = {part.env[name] for part in parts_of(Settings()) if part.name != "rasa"}
    wanted = f"{name}={given}"
    assert f"Environment={wanted}" in (UNITS / "intercup-.service.d/10-all.conf").read_text("utf-8")
    assert f"AS app\nENV {wanted}" in (ROOT / "deploy/Containerfile").read_text("utf-8")


def test_web_has_room_for_a_rewriting_child_which_alone_ends_without_it() -> None:
    unit = (UNITS / "intercup-web.service").read_text("utf-8")
    limits = dict(re.findall(r"^Memory(\w+)=(\d+)M$", unit, re.MULTILINE))
    assert MEMORY_MAX >> 20 < int(limits["High"]) < int(limits["Max"])
    assert "OOMPolicy=continue" in unit
    compose = (ROOT / "deploy/compose.yaml").read_text("utf-8")
    of_web = compose.partition("8080:8080")[2]
    assert re.findall(r"mem_limit: (\d+)m", of_web)[0] == limits["Max"]


def test_the_worker_in_a_container_may_write_where_it_trains() -> None:
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text("utf-8"))
    container = (ROOT / "deploy/Containerfile").read_text("utf-8")
    (folder,) = re.findall(r"INTERCUP_DATA_DIR=(\S+)", container)
    (user,) = re.findall(r"useradd .*--uid (\d+)", container)
    worker = compose["services"]["worker"]
    assert worker["read_only"]
    assert worker["tmpfs"] == ["/tmp", f"{folder}:mode=0700,uid={user}"]  # noqa: S108


def test_every_command_of_a_unit_exists() -> None:
    texts = [(UNITS / service).read_text("utf-8") for service in SERVICES]
    named = {word for text in texts for word in re.findall(r"bin/intercup (\S+)", text)}
    assert named == {"web", "worker", "actions", "migrate", "bounces"}
    assert all(re.search(rf"^ +{name} ", _parser().format_help(), re.MULTILINE) for name in named)


def test_the_backup_may_write_wherever_its_configuration_says() -> None:
    config = (ROOT / "deploy/pgbackrest.conf").read_text("utf-8")
    written = set(re.findall(r"^(?:repo1|log|spool|lock)-path=(.+)$", config, re.MULTILINE))
    unit = (UNITS / "intercup-backup.service.d/20-own.conf").read_text("utf-8")
    (allowed,) = re.findall(r"^ReadWritePaths=(.+)$", unit, re.MULTILINE)
    assert "lock-path=" in config  # by default in /tmp, which the unit may only read
    assert written <= set(allowed.split())


def test_the_backup_leaves_the_shared_memory_of_postgresql() -> None:
    unit = (UNITS / "intercup-backup.service.d/20-own.conf").read_text("utf-8")
    assert {"User=postgres", "RemoveIPC=no"} <= set(unit.splitlines())


def test_the_target_starts_every_part() -> None:
    target = (UNITS / "intercup.target").read_text("utf-8")
    assert all(f"intercup-{part}" in target for part in SERVING)
    assert all(path.name in target for path in UNITS.glob("*.timer"))


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    """The socket that systemd listens on."""
    path = str(tmp_path / "notify")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(path)
    listener.settimeout(20)
    monkeypatch.setenv("NOTIFY_SOCKET", path)
    monkeypatch.setenv("WATCHDOG_USEC", "200000")
    return listener


async def test_a_hanging_loop_gives_no_signs_of_life(systemd: socket.socket) -> None:
    signs = asyncio.create_task(give_signs_of_life())
    await asyncio.sleep(0.35)
    systemd.setblocking(False)
    assert received(systemd)[:3] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
    time.sleep(0.5)  # noqa: ASYNC251 (hanging on purpose)
    assert received(systemd) == []
    signs.cancel()
    systemd.close()


def received(listener: socket.socket) -> list[bytes]:
    found = []
    while True:
        try:
            found.append(listener.recv(100))
        except BlockingIOError:
            return found


@pytest.mark.parametrize("part", ["web", "worker", "actions"])
def test_a_part_is_ready_and_lives_until_it_hangs(
    part: str, systemd: socket.socket, sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "intercup.db")
    settings = {
        "INTERCUP_DATA_DIR": str(tmp_path),
        "INTERCUP_HTTP_PORT": str(free_port()),
        "INTERCUP_RASA_SECRET": "s" * 32,
        "INTERCUP_ACTIONS_URL": f"http://127.0.0.1:{free_port()}",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "intercup.commands.main", part],
        cwd=ROOT,
        env=os.environ | settings,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert [systemd.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        systemd.setblocking(False)
        received(systemd)
        time.sleep(0.5)
        assert received(systemd) == []
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        systemd.setblocking(False)
        until = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < until:
            received(systemd)  # else a full queue holds up the process
            time.sleep(0.1)
        systemd.close()
        assert process.poll() is not None
