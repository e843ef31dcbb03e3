"""The supervisor's small decisions, without processes."""

import errno
import io
import os
import socket
from pathlib import Path

import pytest
from rich.console import Console

from intercup.supervisor import Limits, Part, Port, part_log
from intercup.supervisor import terminal_texts as texts
from intercup.supervisor.guard import still_watched
from intercup.supervisor.memory import group_memory
from intercup.supervisor.ports import TakenPort, free_instead, taken_ports
from intercup.supervisor.screen import Screen
from intercup.supervisor.state import Ended, State


def test_restarts_wait_1_2_4_8_16_then_30_seconds() -> None:
    delays = [Limits().restart_delay(failures) for failures in (1, 2, 3, 4, 5, 6, 1000)]
    assert delays == [1, 2, 4, 8, 16, 30, 30]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.04, "0,0 s"), (3.21, "3,2 s"), (9.96, "10 s"), (600, "10 min")]
)
def test_durations_are_written_the_italian_way(seconds: float, words: str) -> None:
    assert texts.duration(seconds) == words


def test_guard_watches_what_nobody_took_back() -> None:
    assert still_watched(["+10\n", "+11\n", "-10\n", "+12\n", "-12\n"]) == {11}


def test_last_lines_are_of_this_life_and_hold_no_control_characters(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("earlier life\n")
    assert last_lines_of(log, b"") == []
    said = "\n".join(f"line {number}" for number in range(40)) + "\n\n\x1b[31mred\x1b[0m \x07bell\n"
    lines = last_lines_of(log, said.encode())
    assert len(lines) == part_log.TAIL_LINES
    assert lines[-1] == "red bell"


def test_last_lines_outlive_the_rotation_that_they_caused(tmp_path: Path) -> None:
    assert last_lines_of(tmp_path / "web.log", b"x" * 100 + b"\nthe reason\n")[-1] == "the reason"


def last_lines_of(log: Path, said: bytes) -> list[str]:
    """Let a part say something in one write; its log is put aside at 100 bytes."""
    part = part_log.PartLog(log, size=100, files=2)
    os.write(part.input, said)
    part.close_input()
    return part.last_lines()


def test_rotation_forgets_the_oldest_run(tmp_path: Path) -> None:
    log = tmp_path / "log" / "web.log"
    for run in range(8):
        part_log.rotate(log, 5)
        log.write_text(f"run {run}")
    kept = {file.name: file.read_text() for file in log.parent.iterdir()}
    assert kept == {"web.log": "run 7"} | {
        f"web.log.{age}": f"run {7 - age}" for age in range(1, 6)
    }


def test_all_taken_ports_are_found_at_once() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as first,
        socket.create_server(("127.0.0.1", 0)) as second,
    ):
        ports = [listener.getsockname()[1] for listener in (first, second)]
        parts = [Part(f"part{port}", ("true",), ports=(Port(port),)) for port in ports]
        assert [taken.port.number for taken in taken_ports(parts)] == ports


def test_two_parts_on_one_port_are_told_apart(free_number: int) -> None:
    parts = [Part(name, ("true",), ports=(Port(free_number),)) for name in ("web", "rasa")]
    [taken] = taken_ports(parts)
    assert (taken.part.name, taken.holder) == ("rasa", "web")


def test_a_host_that_is_not_ours_is_a_problem_of_the_address(free_number: int) -> None:
    part = Part("web", ("true",), ports=(Port(free_number, "X", host="192.0.2.1"),))
    problem, _ = texts.port_taken(taken_ports([part])[0])
    assert "192.0.2.1" in problem


@pytest.mark.parametrize(
    ("setting", "way_out"),
    [
        ("INTERCUP_HTTP_PORT", "INTERCUP_HTTP_PORT=6005"),
        ("INTERCUP_RASA_URL", "INTERCUP_RASA_URL=http://127.0.0.1:6005"),
    ],
)
def test_the_way_out_of_a_taken_port_can_be_typed_as_it_is(setting: str, way_out: str) -> None:
    taken = TakenPort(Part("x", ()), Port(5005, setting), OSError(errno.EADDRINUSE, "taken"))
    _, remedy = texts.port_taken(taken)
    assert remedy.endswith(way_out)


def test_memory_is_measured_by_process_group() -> None:
    assert group_memory()[os.getpgrp()] > 0


def test_a_part_failing_with_the_same_words_says_them_once_until_it_gives_up() -> None:
    screen, shown = plain_screen()
    end = Ended(Path("web.log"), code=1, lines=["the reason"])
    for _ in range(3):
        screen.restarting(screen.rows[0], end, 1.0)
    assert shown.getvalue().count("the reason") == 1
    screen.gave_up(screen.rows[0], end, 4)
    assert shown.getvalue().count("the reason") == 2


def test_plain_lines_have_no_escape_sequences() -> None:
    screen, shown = plain_screen()
    screen.open()
    screen.change(screen.rows[0], State.READY, 3.2)
    screen.all_ready(3.2)
    assert not screen.is_live
    assert "\x1b" not in shown.getvalue()
    assert "pronto in 3,2 s" in shown.getvalue()


def test_log_lines_are_not_taken_for_markup() -> None:
    screen, shown = plain_screen()
    lines = ["[bold]x[/red] [link=http://evil]"]
    screen.restarting(screen.rows[0], Ended(Path("web.log"), code=1, lines=lines), 1.0)
    assert lines[0] in shown.getvalue()


def plain_screen() -> tuple[Screen, io.StringIO]:
    """Make a screen of one part that isn't a terminal."""
    shown = io.StringIO()
    screen = Screen(
        Console(file=shown, width=80, force_terminal=False),
        [Part("web", ("true",))],
        log_dir=Path("var/log"),
        title="InterCup",
        address="http://127.0.0.1:8080",
        hints=[("Casella di prova", "http://127.0.0.1:8080/demo/mailbox")],
    )
    return screen, shown


@pytest.fixture
def free_number() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        number: int = listener.getsockname()[1]
        return number


def test_free_ports_are_proposed_in_the_place_of_those_in_use() -> None:
    """Several ports of one setting move together, above each of them."""
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        first, second = one.getsockname()[1], two.getsockname()[1]
        web = Part("web", ("x",), ports=(Port(first, "INTERCUP_HTTP_PORT"),))
        rasas = [
            Part("rasa", ("x",), ports=(Port(second - 1, "INTERCUP_RASA_URL"),)),
            Part("rasa-2", ("x",), ports=(Port(second, "INTERCUP_RASA_URL"),)),
        ]
        parts = [web, *rasas, Part("idp", ("x",), ports=(Port(second + 1, "IDP_PORT"),))]
        found = free_instead(parts, taken_ports(parts))
        # The identity provider's may be another program's just now.
        assert set(found) - {"IDP_PORT"} == {"INTERCUP_HTTP_PORT", "INTERCUP_RASA_URL"}
        moved = int(found["INTERCUP_RASA_URL"].removeprefix("http://127.0.0.1:"))
        ports = [Port(int(found["INTERCUP_HTTP_PORT"])), Port(moved), Port(moved + 1)]
        assert len({second + 1, *(port.number for port in ports)}) == 4
        assert taken_ports([Part("new", ("x",), ports=tuple(ports))]) == []


def test_a_port_that_is_not_allowed_is_not_moved() -> None:
    part = Part("web", ("x",), ports=(Port(80, "INTERCUP_HTTP_PORT"),))
    taken = TakenPort(part, part.ports[0], OSError(errno.EACCES, "no"))
    assert free_instead([part], [taken]) == {}
