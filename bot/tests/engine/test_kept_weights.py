"""A training begins with the weights of the last one."""

from pathlib import Path

import numpy as np
import pytest
from engine import linear_model
from engine.kept_weights import KeptWeights
from engine.linear_model import LinearModel, Regression

WEIGHTS = np.arange(6, dtype=np.float32).reshape(3, 2)
FEATURES = ["sì", "no"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "models/weights.npz"
    KeptWeights(path, FEATURES).keep(["affirm", "deny"], WEIGHTS)
    return path


def test_they_are_found_by_their_names(file: Path) -> None:
    found = KeptWeights(file, ["forse", "no", "sì"]).matching(["deny", "thank", "affirm"])
    assert found.tolist() == [[0, 0, 0], [3, 0, 2], [1, 0, 0], [5, 0, 4]]


@pytest.mark.parametrize("content", [None, b"", b"not an archive", b"PK\x03\x04 cut"])
def test_without_a_file_or_with_a_broken_one_they_are_zero(
    tmp_path: Path, content: bytes | None
) -> None:
    kept = KeptWeights(tmp_path / "weights.npz", FEATURES)
    if content is not None:
        kept.path.write_bytes(content)
    assert not kept.matching(["affirm"]).any()
    kept.keep(["affirm"], WEIGHTS[:, :1])
    assert kept.matching(["affirm"]).tolist() == [[0], [2], [4]]


class Lessons:
    """Sentences of three labels, some of which a first training doesn't know."""

    def __init__(self) -> None:
        random = np.random.default_rng(1)
        self.features = (random.normal(size=(300, 20)) * np.logspace(0, 2.0, 20)).astype(np.float32)
        labels = (self.features @ random.normal(size=(20, 3))).argmax(axis=1)
        self.labels = [str(label) for label in labels]

    def fitted(self, count: int, kept: KeptWeights | None = None) -> LinearModel:
        features, labels = [self.features[:count]], self.labels[:count]
        return LinearModel.fit(features, labels, 1.0, 1000, tolerance=1e-5, kept=kept)


def test_a_training_from_them_ends_where_one_from_nothing_does_and_sooner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = []

    class Counted(Regression):
        def loss_and_gradient(self, flat: np.ndarray) -> tuple[float, np.ndarray]:
            steps.append(len(self.shape))
            return super().loss_and_gradient(flat)

    monkeypatch.setattr(linear_model, "Regression", Counted)
    lessons = Lessons()
    kept = KeptWeights(tmp_path / "weights.npz", [str(number) for number in range(20)])
    lessons.fitted(290, kept)
    steps.clear()
    again, taken = lessons.fitted(300, kept), len(steps)
    steps.clear()
    anew = lessons.fitted(300)
    assert taken < 0.7 * len(steps)
    features = [lessons.features]
    theirs = anew.probabilities_of(features)
    np.testing.assert_allclose(again.probabilities_of(features), theirs, atol=0.01)
    np.testing.assert_allclose(kept.matching(anew.labels)[:-1], again.weights)
