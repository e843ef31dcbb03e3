from pathlib import Path

import pytest
from engine import training


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
