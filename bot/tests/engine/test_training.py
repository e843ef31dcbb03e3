import re
from pathlib import Path
from typing import Any

import pytest
from engine import launcher, training
from rasa import telemetry
from rasa.cli.utils import validate_assistant_id_in_config
from rasa.shared.exceptions import YamlException
from rasa.shared.nlu.training_data.formats import RasaYAMLReader
from rasa.shared.utils import io, validation

CONFIGURED = Path(__file__).parents[2] / "config.yml"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose training only writes a file."""
    (tmp_path / "models").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "config.yml").write_text("language: it")
    (tmp_path / "data" / "nlu.yml").write_text("nlu: []")
    monkeypatch.setattr(training, "_quiet", lambda: None)
    monkeypatch.setattr(training, "_train", lambda project, model: model.write_text("trained"))
    return tmp_path


def test_an_unchanged_model_is_left_alone(folder: Path) -> None:
    assert [training.train(folder), training.train(folder)] == [True, False]


def test_a_changed_source_trains_again(folder: Path) -> None:
    training.train(folder)
    (folder / "data" / "nlu.yml").write_text("nlu: [1]")
    assert training.train(folder)


def test_a_lost_model_trains_again(folder: Path) -> None:
    training.train(folder)
    (folder / "models" / training.MODEL_NAME).unlink()
    assert training.train(folder)


def test_a_failed_training_leaves_no_mark(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(project: Path, model: Path) -> None:
        raise training.TrainingError("no model")

    monkeypatch.setattr(training, "_train", fail)
    with pytest.raises(training.TrainingError):
        training.train(folder)
    assert not list((folder / "models").iterdir())


def test_training_leaves_the_configuration_as_it_is(project: Path) -> None:
    assert (project / "config.yml").read_bytes() == CONFIGURED.read_bytes()


def test_rasas_own_commands_leave_the_configuration_as_it_is(tmp_path: Path) -> None:
    copy = tmp_path / "config.yml"
    copy.write_bytes(CONFIGURED.read_bytes())
    validate_assistant_id_in_config(str(copy))
    assert copy.read_bytes() == CONFIGURED.read_bytes()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("nlu:\n- intent: greet\n  examples: [ciao]\n", r"in .*/nlu\.yml:3:"),
        ("nlu:\n- intent: greet\n  exemples: |\n    - ciao\n", r"in .*/nlu\.yml:2:"),
        ("nlu:\n- intent: [\n", "line 3"),
    ],
)
def test_an_error_in_a_file_is_told_with_its_line(
    content: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "validate_yaml_schema", validation.validate_yaml_schema)
    training.look_for_lines_of_errors_only()
    file = tmp_path / "nlu.yml"
    file.write_text(content)
    with pytest.raises(YamlException) as caught:
        RasaYAMLReader().read(file)
    assert re.search(told, str(caught.value))


def test_a_file_in_order_is_parsed_in_c_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "validate_yaml_schema", validation.validate_yaml_schema)
    read, kinds = io.read_yaml, []

    def note_kind(content: str, reader_type: Any = "safe") -> Any:
        kinds.append(reader_type)
        return read(content, reader_type)

    monkeypatch.setattr(io, "read_yaml", note_kind)
    training.look_for_lines_of_errors_only()
    RasaYAMLReader().reads("nlu:\n- intent: greet\n  examples: |\n    - ciao\n")
    assert set(kinds) == {"safe"}


@pytest.mark.parametrize("wish", ["true", None])
def test_the_launcher_turns_telemetry_off_whatever_the_environment_says(
    wish: "str | None", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_on = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RASA_TELEMETRY_ENABLED")
    if wish:
        monkeypatch.setenv("RASA_TELEMETRY_ENABLED", wish)
    monkeypatch.setattr(
        telemetry.rasa_utils, "read_global_config_value", lambda *_, **__: {"enabled": True}
    )
    monkeypatch.setattr(
        training, "train", lambda *_: is_on.append(telemetry.is_telemetry_enabled()) or True
    )
    assert telemetry.is_telemetry_enabled()
    launcher.main(["--project", str(tmp_path), "train"])
    assert is_on == [False]
