from typing import Any

from evaluation import compare_table
from evaluation.candidates import FALLBACK, OURS, RasaCandidate, candidates, our_pipeline

FIGURES: dict[str, Any] = {
    "accuracy": 0.95,
    "macro_f1": 0.94,
    "calibration_error": 0.1,
    "out_of_scope": 0.9,
    "emergencies": 1.0,
}
RESULTS: dict[str, Any] = {
    "when": "2026-11-25T10:00:00+00:00",
    "machine": {"cpu": "CPU", "cores": 2, "ram_gb": 8.0, "load_before": 0.1},
    "sentences": {"training": 100, "dev": 50, "test": 60},
    "candidates": {
        "good": {
            "name": "Buono",
            "dev": FIGURES,
            "test": {**FIGURES, "accuracy": 0.961},
            "p50_ms": 1.26,
            "memory_mb": 130,
            "training_seconds": 2.0,
        },
        "bad": {"name": "Rotto", "failed": "manca qualcosa"},
    },
}


def test_each_candidate_has_a_key_of_its_own() -> None:
    keys = [candidate.key for candidate in candidates()]
    assert len(set(keys)) == len(keys)


def test_ours_is_the_pipeline_that_is_served() -> None:
    ours = next(candidate for candidate in candidates() if candidate.key == OURS)
    assert isinstance(ours, RasaCandidate)
    assert ours.pipeline == [part for part in our_pipeline() if part["name"] != FALLBACK]
    assert not ours.tensorflow


def test_the_table_has_a_row_for_each_candidate() -> None:
    text = compare_table.as_markdown(RESULTS)
    assert "| Buono | 0,950 | 0,961 | 0,940 | 0,100 | 0,90 / 0,90 | 1,00 / 1,00 | 1,3 |" in text
    assert "| Rotto | non misurato: manca qualcosa |" in text
