"""A logistic regression over sparse and dense sentence features."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, List, Optional, Tuple

import numpy as np
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy.linalg import cholesky, solve_triangular
from scipy.sparse import csr_matrix, issparse, vstack
from sklearn.linear_model import LogisticRegression

LABELS_FILE = "labels.json"
WEIGHTS_FILE = "weights.npz"
JITTER = 1e-6  # lets the same sentence occur twice
SentenceFeatures = Tuple[Optional[csr_matrix], Optional[np.ndarray]]


def sentence_features(message: Message) -> SentenceFeatures:
    """Return the sparse and the dense features of the text, one row each; None without any."""
    _, sparse = message.get_sparse_features(TEXT)
    _, dense = message.get_dense_features(TEXT)
    return sparse.features.tocsr() if sparse else None, dense.features if dense else None


def _blocks(features: List[SentenceFeatures]) -> List[Any]:
    """Return the sparse and the dense features of all sentences, a row each.

    Apart, because as one sparse matrix the products of the dense ones took 2 s.
    """
    sparse, dense = zip(*features, strict=True)
    blocks: List[Any] = []
    if sparse[0] is not None:
        blocks.append(vstack(sparse).tocsr().astype(np.float64))
    if dense[0] is not None:
        blocks.append(np.vstack(dense).astype(np.float64))
    return blocks


def _dense(matrix: Any) -> np.ndarray:
    return matrix.toarray() if issparse(matrix) else matrix


@dataclass(frozen=True)
class LinearModel:
    """Labels and their weights, a row for each feature, the sparse ones first.

    scikit-learn trains it; two products of matrices use it, 10 times faster than scikit-learn's
    checks of its input. As plain arrays, a model file can't hold code.
    """

    labels: List[str]
    weights: np.ndarray
    bias: np.ndarray

    @classmethod
    def empty(cls) -> LinearModel:
        """Return the model that knows no label."""
        return cls([], np.empty((0, 0), np.float32), np.empty(0, np.float32))

    @classmethod
    def fit(
        cls, features: List[SentenceFeatures], labels: List[str], strength: float, max_iter: int
    ) -> LinearModel:
        """Train on the features of the sentences; each label counts the same."""
        blocks = _blocks(features)
        # There are more features than sentences, so the regression is fitted in the space of the
        # sentences, where it has the same solution, and its weights are carried back:
        # a third of the time.
        gram = sum(_dense(block @ block.T) for block in blocks)
        factor = cholesky(gram + JITTER * np.eye(len(labels)), lower=True)
        regression = LogisticRegression(C=strength, max_iter=max_iter, class_weight="balanced")
        regression.fit(factor, labels)
        shares = solve_triangular(factor, regression.coef_.T, lower=True, trans="T")
        weights = np.vstack([block.T @ shares for block in blocks])
        return cls(
            list(map(str, regression.classes_)),
            np.ascontiguousarray(weights, dtype=np.float32),
            regression.intercept_.astype(np.float32),
        )

    def probabilities(
        self, sparse: Optional[csr_matrix], dense: Optional[np.ndarray]
    ) -> np.ndarray:
        """Return the probability of each label."""
        scores = self.bias.copy()
        split = sparse.shape[1] if sparse is not None else 0
        if sparse is not None:
            scores += sparse.data @ self.weights[sparse.indices]
        if dense is not None:
            scores += dense[0] @ self.weights[split:]
        exponentials = np.exp(scores - scores.max())
        return exponentials / exponentials.sum()

    def write(self, folder: Path) -> None:
        """Write the model into the folder."""
        (folder / LABELS_FILE).write_text(json.dumps(self.labels))
        np.savez(folder / WEIGHTS_FILE, weights=self.weights, bias=self.bias)

    @classmethod
    def read(cls, folder: Path) -> LinearModel:
        """Read what `write` wrote."""
        labels = json.loads((folder / LABELS_FILE).read_text())
        with np.load(folder / WEIGHTS_FILE, allow_pickle=False) as arrays:
            return cls(labels, arrays["weights"], arrays["bias"])
