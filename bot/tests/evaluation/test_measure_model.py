from pathlib import Path

import pytest
from evaluation import measure_model
from evaluation.metrics import Prediction
from evaluation.report import BURIED, STRANGERS, TIERS, SetFigures
from evaluation.targets import CORE, EMERGENCY

RIGHT = [Prediction(f"frase di {core}", core, core, 0.9) for core in CORE]
HALF_RIGHT = [Prediction("x" * 151, "deny", found, 0.9) for found in ("deny", EMERGENCY)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for report and documents, instead of the repository."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "tuning.md").write_text(
        "prima\n<!-- nlu:begin -->\n<!-- nlu:end -->\ndopo"
    )
    monkeypatch.setattr(measure_model, "DOCS", tmp_path / "docs")
    monkeypatch.setattr(measure_model, "RESULTS", tmp_path / "results")
    return tmp_path


def measured(monkeypatch: pytest.MonkeyPatch, copied: tuple[str, ...] = ()) -> None:
    sets = [SetFigures(name, RIGHT, [5.0], copied) for name in ("dev", "test")]
    sets.append(SetFigures(STRANGERS, HALF_RIGHT, [5.0], ()))
    found = [Prediction("", EMERGENCY, EMERGENCY, 1.0)]
    tiers, long = (SetFigures(name, found, [5.0], ()) for name in (TIERS, BURIED))
    monkeypatch.setattr(measure_model, "_measure", lambda: (sets, tiers, long, []))


def test_the_command_succeeds_when_all_is_reached(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured(monkeypatch)
    assert measure_model.report(record=False) == 0


def test_the_command_fails_when_something_is_missed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured(monkeypatch, copied=("ciao",))
    assert measure_model.report(record=False) == 1


def test_recording_writes_the_table_and_the_figure(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured(monkeypatch)
    measure_model.report(record=True)
    text = (folder / "docs" / "tuning.md").read_text()
    assert text.startswith("prima\n") and text.endswith("\ndopo")
    assert "| `medical_emergency` * | 1,000 | 1,000 | 1,000 | 1 |" in text
    assert "|  | sviluppo (dev) | prova (test) | estranei |" in text
    assert "| altre frasi fermate con il 112 | 0,000 | 0,000 | 0,500 |" in text
    assert "| accuratezza oltre 150 caratteri |  |  | 0,500 ± 0,405 |" in text
    assert "| emergenze fermate con il 112 | 1,000 | ≥ 0,95 |" in text
    assert "in 1.900 caratteri senza punteggiatura | 1,000 | ≥ 0,80 |" in text
    assert (folder / "docs" / measure_model.FIGURE).stat().st_size > 0
