"""The directory of a running process follows its file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from intercup.services.structures.structures import Structures
from tests.support.paths import ROOT

TEXT = (ROOT / "config" / "structures.yaml").read_text("utf-8")
OLD, NEW = "cup@asptrapani.it", "nuovo@asptrapani.it"
type Write = Callable[[str], Structures]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the file and let the process, which started with the real one, look at it twice."""
    file = tmp_path / "structures.yaml"
    file.write_text(TEXT, "utf-8")
    structures = Structures.load(file)

    def change(text: str) -> Structures:
        file.write_text(text, "utf-8")
        structures.look()
        structures.look()
        return structures

    return change


def mailboxes(structures: Structures) -> tuple[str, ...]:
    return structures.directory.structure_by_id["asp_trapani"].technical


def test_a_changed_mailbox_is_in_use(write: Write) -> None:
    assert mailboxes(write(TEXT.replace(OLD, NEW))) == (NEW,)


@pytest.mark.parametrize(
    "broken",
    [
        TEXT.replace(OLD, "nessuna casella"),
        TEXT + "\n  - id: meta",
        "",
        "data: 2026-99-99",
        "[" * 2_000,
    ],
    ids=["no mailbox", "half an entry", "empty", "no date", "too deep"],
)
def test_an_invalid_file_is_refused_with_an_alarm_and_the_old_one_stays(
    write: Write, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    structures = write(broken)
    structures.look()
    assert OLD in mailboxes(structures)
    alarms = [r for r in caplog.records if "ALARM structures" in r.message]
    assert len(alarms) == 1
    assert structures.problems
    assert NEW in mailboxes(write(TEXT.replace(OLD, NEW)))
    assert structures.problems == ()


def test_a_category_that_the_running_model_does_not_know_is_refused(write: Write) -> None:
    structures = write(TEXT.replace("report_platform_problem:", "report_parking_problem:"))
    assert "report_parking_problem" in structures.problems[0]
    assert "make train" in structures.problems[0]


def test_a_file_that_is_still_being_written_waits(tmp_path: Path) -> None:
    file = tmp_path / "structures.yaml"
    file.write_text(TEXT, "utf-8")
    structures = Structures.load(file)
    for end in (len(TEXT) // 2, len(TEXT)):
        file.write_text(TEXT.replace(OLD, NEW)[: end + len(NEW)], "utf-8")
        structures.look()
        assert structures.problems == ()
    structures.look()
    assert mailboxes(structures) == (NEW,)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "structures.yaml"
    file.write_text(TEXT, "utf-8")
    structures = Structures.load(file)
    file.unlink()
    structures.look()
    structures.look()
    assert structures.problems
    assert OLD in mailboxes(structures)
