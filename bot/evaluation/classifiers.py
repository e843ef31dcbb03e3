"""Classifiers over the joined features of a text."""

from __future__ import annotations

from typing import Any, List, Tuple

import numpy as np
from engine.linear_model import LinearModel
from scipy.sparse import csr_matrix, hstack, issparse

SEED = 1


class LogisticRegression:
    """The classifier of our pipeline."""

    def __init__(self, C: float = 1.0) -> None:  # noqa: N803 - the name is scikit-learn's.
        self._strength = C
        self._model = LinearModel.empty()

    def fit(self, blocks: List[Any], labels: List[str]) -> None:
        """Train on the blocks of features, a row for each label."""
        ordered = _sparse_first(blocks)
        self._model = LinearModel.fit(ordered, labels, strength=self._strength, max_iter=1000)

    def predict(self, blocks: List[Any]) -> Tuple[str, float]:
        """Return the best label of one row, and its probability."""
        probabilities = self._model.probabilities_of(_sparse_first(blocks))[0]
        best = int(probabilities.argmax())
        return self._model.labels[best], float(probabilities[best])


def _sparse_first(blocks: List[Any]) -> List[Any]:
    return sorted(blocks, key=lambda block: not issparse(block))


class ScikitLearn:
    """Any classifier with scikit-learn's `fit` and `predict_proba`."""

    def __init__(self) -> None:
        self._model = self._make()

    def fit(self, blocks: List[Any], labels: List[str]) -> None:
        """Train on the blocks of features, a row for each label."""
        self._model.fit(_joined(blocks), np.asarray(labels))

    def predict(self, blocks: List[Any]) -> Tuple[str, float]:
        """Return the best label of one row, and its probability."""
        probabilities = self._model.predict_proba(_joined(blocks))[0]
        best = int(probabilities.argmax())
        return str(self._model.classes_[best]), float(probabilities[best])

    def _make(self) -> Any:
        raise NotImplementedError


class DenseRegression(ScikitLearn):
    """The same regression trained directly, for fewer features than sentences."""

    def __init__(self, C: float = 1.0) -> None:  # noqa: N803 - the name is scikit-learn's.
        self._strength = C
        super().__init__()

    def _make(self) -> Any:
        from sklearn.linear_model import LogisticRegression as Regression

        return Regression(C=self._strength, max_iter=1000, class_weight="balanced")


class CalibratedSvm(ScikitLearn):
    """A linear support vector machine with probabilities by sigmoid calibration."""

    def _make(self) -> Any:
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.svm import LinearSVC

        machine = LinearSVC(C=0.1, class_weight="balanced", random_state=SEED)
        return CalibratedClassifierCV(machine, cv=5)


class Neighbours(ScikitLearn):
    """The ten nearest sentences by cosine distance, weighted by distance."""

    def _make(self) -> Any:
        from sklearn.neighbors import KNeighborsClassifier

        return KNeighborsClassifier(10, metric="cosine", weights="distance", algorithm="brute")


class Perceptron(ScikitLearn):
    """A neural network with one hidden layer."""

    def _make(self) -> Any:
        from sklearn.neural_network import MLPClassifier

        return MLPClassifier((128,), alpha=1e-3, max_iter=40, random_state=SEED)


def _joined(blocks: List[Any]) -> Any:
    if not any(map(issparse, blocks)):
        return np.hstack(blocks)
    return hstack([csr_matrix(block) for block in blocks]).tocsr()
