"""Rasa's own commands; `make rasa-commands` tries the slow ones too."""

from pathlib import Path

from tests.support.rasa_commands import COMMANDS, problem_of

QUICK = ("run actions", "export")  # they refuse before they load a model


def test_the_quick_commands_say_what_a_developer_must_read(tmp_path: Path) -> None:
    commands = [command for command in COMMANDS if command.line in QUICK]
    assert len(commands) == len(QUICK)
    assert [problem for each in commands if (problem := problem_of(each, tmp_path))] == []
