"""The supervisor with real processes: ready, restarts, giving up, and the end of everybody."""

import os
import signal
import socket
import stat
import time
from pathlib import Path

import pytest

from intercup.supervisor.signs import PAUSE
from tests.support.ports import free_port
from tests.support.supervisor_harness import Supervised, alive, until

READY = "Pronto in"


def test_says_ready_when_tcp_and_http_parts_answer(supervised: Supervised) -> None:
    port, http_port = free_port(), free_port()
    supervised.start(
        {"name": "tcp", "does": ["listen", port], "ready": ["127.0.0.1", port]},
        {"name": "web", "does": ["http", http_port], "ready": f"http://127.0.0.1:{http_port}/"},
    )
    supervised.prints(READY)
    assert "apri http://127.0.0.1:8080" in supervised.output


def test_a_part_that_answers_503_is_not_ready_yet(supervised: Supervised) -> None:
    port = free_port()
    started = time.monotonic()
    url = f"http://127.0.0.1:{port}/health?deep=1"
    supervised.start({"name": "web", "does": ["http", port], "ready": url})
    supervised.prints(READY)
    assert time.monotonic() - started > 0.5


def test_a_taken_port_is_named_with_its_holder_and_a_way_out(supervised: Supervised) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        supervised.start({"name": "web", "ports": [[port, "INTERCUP_HTTP_PORT"]]})
        assert supervised.exit_code() == 2
    assert f"{port} (web)" in supervised.output
    assert "(pid " in supervised.output
    assert "INTERCUP_HTTP_PORT=" in supervised.output
    assert supervised.pids() == []


def test_a_crashed_part_starts_again_and_its_last_words_are_shown(supervised: Supervised) -> None:
    port = free_port()
    does = ["say", "the-reason", "crash-once", 3, "listen", port]
    supervised.start(
        {"name": "rasa", "does": does, "ready": ["127.0.0.1", port]}, first_restart=0.1
    )
    supervised.prints(READY)
    assert "codice 3" in supervised.output
    assert "│ the-reason" in supervised.output


def test_a_part_killed_later_comes_back(supervised: Supervised) -> None:
    port = free_port()
    part = {"name": "rasa", "does": ["listen", port], "ready": ["127.0.0.1", port]}
    supervised.start(part, first_restart=0.1)
    supervised.prints(READY)
    first = supervised.pid("rasa")
    signal_pid(first, signal.SIGKILL)
    supervised.prints("rasa  pronto", times=2)
    assert "segnale SIGKILL" in supervised.output
    assert supervised.pid("rasa") != first


def test_a_part_without_further_signs_of_life_is_killed_and_starts_again(
    supervised: Supervised,
) -> None:
    port = free_port()
    part = {
        "name": "web",
        "does": ["ignore", "TERM", "child", "grandchild", "signs", 5, "listen", port],
        "ready": ["127.0.0.1", port],
        "watchdog_seconds": 0.5,
    }
    supervised.start(part, first_restart=0.1, watch=0.1, stop=0.3)
    supervised.prints("non dava più segni di vita")
    first = [supervised.pid(name) for name in ("web", "grandchild")]
    supervised.prints("web  pronto", times=2)
    assert supervised.pid("web") != first[0]
    assert not any(map(alive, first))


def test_a_machine_that_stood_still_costs_no_part_its_life(supervised: Supervised) -> None:
    supervised.start({"name": "web", "does": ["signs", 500], "watchdog_seconds": 1}, watch=0.1)
    supervised.prints(READY)
    part = supervised.pid("web")
    supervised.signal(signal.SIGSTOP)
    signal_pid(part, signal.SIGSTOP)
    time.sleep(PAUSE + 1)
    supervised.signal(signal.SIGCONT)
    time.sleep(0.3)
    signal_pid(part, signal.SIGCONT)
    time.sleep(1.5)
    assert alive(part)
    assert "segni di vita" not in supervised.output


def test_a_part_runs_without_a_watchdog_where_its_socket_has_no_room(
    supervised: Supervised, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setenv("TMPDIR", str(deep))
    supervised.start({"name": "web", "watchdog_seconds": 1})
    supervised.prints(READY)
    assert alive(supervised.pid("web"))


def test_nobody_is_missed_who_gave_no_sign_of_life(supervised: Supervised) -> None:
    supervised.start({"name": "web", "watchdog_seconds": 0.1}, watch=0.1)
    supervised.prints(READY)
    time.sleep(1)
    assert alive(supervised.pid("web"))
    assert "segni di vita" not in supervised.output


def test_gives_up_on_a_part_that_never_starts_and_ends_the_others(supervised: Supervised) -> None:
    supervised.start(
        {"name": "web"}, {"name": "rasa", "does": ["say", "why", "crash", 4]}, first_restart=0.05
    )
    assert supervised.exit_code() == 1
    assert supervised.output.count("codice 4") == 5
    assert not alive(supervised.pid("web"))


def test_goes_on_without_a_part_that_is_not_critical(supervised: Supervised) -> None:
    port = free_port()
    supervised.start(
        {"name": "web", "does": ["listen", port], "ready": ["127.0.0.1", port]},
        {"name": "extra", "does": ["crash", 1], "critical": False},
        first_restart=0.02,
    )
    supervised.prints(READY)
    assert alive(supervised.pid("web"))


def test_a_missing_program_is_reported_without_further_attempts(supervised: Supervised) -> None:
    supervised.start({"name": "rasa", "command": ["/nowhere/python"]})
    assert supervised.exit_code() == 1
    assert supervised.output.count("/nowhere/python") == 1


def test_a_part_that_never_answers_counts_as_failed(supervised: Supervised) -> None:
    port = free_port()
    part = {"name": "rasa", "ready": ["127.0.0.1", port], "timeout_seconds": 0.3}
    supervised.start(part, start_attempts=2, first_restart=0.05)
    assert supervised.exit_code() == 1
    assert "non risponde" in supervised.output


def test_ctrl_c_ends_parts_and_their_children(supervised: Supervised) -> None:
    supervised.start({"name": "web", "does": ["child", "grandchild"]}, {"name": "worker"})
    pids = [supervised.pid(name) for name in ("web", "worker", "grandchild")]
    supervised.signal(signal.SIGINT)
    assert supervised.exit_code() == 0
    assert not any(map(alive, pids))
    assert "Tutti i componenti sono fermi" in supervised.output


def test_a_part_may_finish_its_work_on_sigterm(supervised: Supervised) -> None:
    supervised.start({"name": "worker", "does": ["slow-end", 0.7, "say", "on"]})
    until(lambda: "on" in log(supervised, "worker"), "the worker")
    supervised.signal(signal.SIGTERM)
    assert supervised.exit_code() == 0
    assert "finished" in log(supervised, "worker")


def test_a_stubborn_part_is_killed_after_the_grace(supervised: Supervised) -> None:
    does = ["ignore", "TERM", "stubborn-child", "grandchild"]
    supervised.start({"name": "web", "does": does}, stop=0.3)
    pids = [supervised.pid(name) for name in ("web", "grandchild")]
    supervised.signal(signal.SIGTERM)
    assert supervised.exit_code() == 0
    assert not any(map(alive, pids))


def test_a_second_ctrl_c_does_not_wait(supervised: Supervised) -> None:
    supervised.start({"name": "web", "does": ["ignore", "TERM", "say", "on"]})
    until(lambda: "on" in log(supervised, "web"), "the part")
    supervised.signal(signal.SIGINT)
    supervised.prints("Arresto:")
    supervised.signal(signal.SIGINT)
    assert supervised.exit_code() == 0
    assert not alive(supervised.pid("web"))


def test_children_left_by_a_crashed_part_are_ended_before_it_starts_again(
    supervised: Supervised,
) -> None:
    does = ["stubborn-child", "grandchild", "say", "on"]
    supervised.start({"name": "web", "does": does}, first_restart=30.0)
    grandchild = supervised.pid("grandchild")
    signal_pid(supervised.pid("web"), signal.SIGKILL)
    supervised.prints("riavvio")
    assert not alive(grandchild)


def test_kill_9_of_the_supervisor_ends_everybody(supervised: Supervised) -> None:
    supervised.start(
        {"name": "web", "does": ["child", "grandchild"]},
        {"name": "rasa", "does": ["ignore", "TERM"]},
        stop=0.5,
    )
    pids = [supervised.pid(name) for name in ("web", "rasa", "grandchild")]
    supervised.signal(signal.SIGKILL)
    until(lambda: not any(map(alive, pids)), "the end of all parts")


def test_logs_are_private_and_earlier_runs_are_kept(supervised: Supervised) -> None:
    for word in ("first", "second"):
        supervised.start({"name": "web", "does": ["say", word]})
        until(lambda: word in log(supervised, "web"), word)  # noqa: B023
        supervised.signal(signal.SIGTERM)
        assert supervised.exit_code() == 0
    assert "first" in (supervised.logs / "web.log.1").read_text()
    assert "first" not in log(supervised, "web")
    assert stat.S_IMODE((supervised.logs / "web.log").stat().st_mode) == 0o600


def until_done(supervised: Supervised) -> list[Path]:
    """Wait for the line that says done, and return all files of the log."""

    def files() -> list[Path]:
        return list(supervised.logs.glob("web.log*"))

    until(lambda: any("done" in file.read_text() for file in files()), "the last line")
    return files()


def test_a_log_that_is_full_is_put_aside_while_the_part_writes(supervised: Supervised) -> None:
    supervised.start(
        {"name": "web", "does": ["count", 3_000, "say", "done"]}, log_size=10_000, log_files=30
    )
    files = until_done(supervised)
    assert 4 <= len(files) <= 31
    assert all(file.stat().st_size < 20_000 for file in files)
    lines = [line for file in files for line in file.read_text().splitlines()]
    numbers = sorted(int(line.split()[1]) for line in lines if line != "done")
    assert numbers == list(range(3_000))
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_no_more_files_are_kept_than_asked_for(supervised: Supervised) -> None:
    supervised.start(
        {"name": "web", "does": ["count", 2_000, "say", "done"]}, log_size=10_000, log_files=2
    )
    assert {file.name for file in until_done(supervised)} == {
        "web.log",
        "web.log.1",
        "web.log.2",
    }


def test_the_last_lines_of_a_part_are_shown_after_its_log_was_put_aside(
    supervised: Supervised,
) -> None:
    supervised.start(
        {"name": "web", "does": ["count", 2_000, "say", "the reason", "crash", 3]},
        log_size=10_000,
        start_attempts=1,
    )
    assert supervised.exit_code() == 1
    supervised.prints("the reason")


def signal_pid(pid: int, number: signal.Signals) -> None:
    """Send a signal to one process."""
    os.kill(pid, number)


def log(supervised: Supervised, name: str) -> str:
    """Return a part's log, empty before it exists."""
    file = supervised.logs / f"{name}.log"
    return file.read_text() if file.exists() else ""
