"""A logistic regression over sparse and dense sentence features."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Callable, Deque, List, Optional, Sequence, Tuple

import numpy as np
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE
from rasa.shared.nlu.training_data.message import Message
from scipy.sparse import issparse, vstack

from engine.kept_weights import KeptWeights
from engine.text_features import Rows
from engine.training_threads import in_threads, shares

LABELS_FILE = "labels.json"
WEIGHTS_FILE = "weights.npz"
CORRECTIONS = 6  # steps that the minimisation remembers
ENOUGH = 1e-4  # share of the expected decrease that makes a step good
SMALLEST_STEP = 1e-6
LAST_STEPS = 3  # those that decide whether more are worth it


def stacked_features(
    messages: List[Message], attribute: str, bounds: Optional[List[Optional[int]]] = None
) -> Tuple[List[Any], List[int]]:
    """Return a matrix for each featurizer, the sparse ones first, and each message's rows in it.

    `bounds` are the most rows of each message; None takes all.
    """
    limits = bounds or [None] * len(messages)
    columns = [
        [_bounded(rows, limit) for rows, limit in zip(column, limits, strict=True)]
        for column in zip(*(_rows(message, attribute) for message in messages), strict=True)
    ]
    columns.sort(key=lambda column: not issparse(column[0].matrix))
    counts = [rows.last - rows.first for rows in columns[0]]
    return [_joined(column).astype(np.float32, copy=False) for column in columns], counts


def _rows(message: Message, attribute: str) -> List[Rows]:
    """Return the rows of each featurizer.

    Rasa's Message.get_sparse_features copies and joins them, which costs 2 s a training.
    """
    return [
        features.features
        for features in message.features
        if features.attribute == attribute and features.type == FEATURE_TYPE_SENTENCE
    ]


def feature_names(message: Message, attribute: str) -> List[str]:
    """Return a name for each column of the stacked features, the same in every training."""
    blocks = sorted(_rows(message, attribute), key=lambda rows: not issparse(rows.matrix))
    return [
        f"{number} {name}"
        for number, rows in enumerate(blocks)
        for name in rows.names or range(rows.matrix.shape[1])
    ]


def _bounded(rows: Rows, limit: Optional[int]) -> Rows:
    return (
        rows if limit is None else Rows(rows.matrix, rows.first, min(rows.last, rows.first + limit))
    )


def _joined(column: List[Rows]) -> Any:
    """Return the rows one below the other, those of one matrix taken at once."""
    blocks = [list(group) for _, group in groupby(column, key=lambda rows: id(rows.matrix))]
    taken = [_taken(group) for group in blocks]
    if len(taken) == 1:
        return taken[0]
    return vstack(taken).tocsr() if issparse(taken[0]) else np.vstack(taken)


def _taken(group: List[Rows]) -> Any:
    """Return some rows of one matrix."""
    matrix = group[0].matrix
    numbers = np.concatenate([np.arange(rows.first, rows.last) for rows in group])
    return matrix if len(numbers) == matrix.shape[0] else matrix[numbers]


class Regression:
    """The objective of a logistic regression: loss plus size of the weights."""

    def __init__(
        self, blocks: List[Any], numbers: np.ndarray, strength: float, balance: float = 1.0
    ) -> None:
        counts = np.bincount(numbers)
        truth = np.eye(len(counts), dtype=np.float32)[numbers]
        weights = strength * (len(numbers) / (len(counts) * counts)) ** balance
        importance = weights[numbers].astype(np.float32)
        self._shares = [
            _Share([block[rows] for block in blocks], truth[rows], importance[rows])
            for rows in shares(len(numbers))
        ]
        self.shape = (sum(block.shape[1] for block in blocks) + 1, len(counts))

    def loss_and_gradient(self, flat: np.ndarray) -> Tuple[float, np.ndarray]:
        """Return both for the weights and, as their last row, the bias."""
        weights = flat.reshape(self.shape)
        found = in_threads(lambda share: share.loss_and_gradient(weights), self._shares)
        gradient = sum(part for _, part in found)
        gradient[:-1] += weights[:-1]
        size = weights[:-1].ravel()
        return sum(loss for loss, _ in found) + 0.5 * float(size @ size), gradient.ravel()


class _Share:
    """Some rows of a regression's sentences."""

    def __init__(self, blocks: List[Any], truth: np.ndarray, importance: np.ndarray) -> None:
        self._blocks = blocks
        self._transposed = [block.T.tocsr() if issparse(block) else block.T for block in blocks]
        self._ends = np.cumsum([block.shape[1] for block in blocks])
        self._truth = truth
        self._importance = importance

    def loss_and_gradient(self, weights: np.ndarray) -> Tuple[float, np.ndarray]:
        """Return the rows' loss and its gradient."""
        parts = np.split(weights, self._ends)
        scores = sum(block @ part for block, part in zip(self._blocks, parts, strict=False))
        scores = scores + weights[-1]
        scores -= scores.max(axis=1, keepdims=True)
        exponentials = np.exp(scores)
        sums = exponentials.sum(axis=1, keepdims=True)
        losses = np.log(sums[:, 0]) - (scores * self._truth).sum(axis=1)
        errors = (exponentials / sums - self._truth) * self._importance[:, np.newaxis]
        gradient = [*(block @ errors for block in self._transposed), errors.sum(axis=0)]
        return float(np.sum(losses * self._importance, dtype=np.float64)), np.vstack(gradient)


def minimum(
    objective: Callable[[np.ndarray], Tuple[float, np.ndarray]],
    place: np.ndarray,
    max_iter: int,
    tolerance: float,
) -> np.ndarray:
    """Return the variables that minimise a convex function, given with its gradient, by L-BFGS.

    `place` is where to begin.

    Source: Nocedal and Wright, Numerical Optimization, algorithm 7.5. In single precision: scipy's
    takes as long as the objective for its own steps, and six times the memory.
    """
    value, slope = objective(place)
    known: Deque[Tuple[np.ndarray, np.ndarray, float]] = deque(maxlen=CORRECTIONS)
    gains: Deque[float] = deque(maxlen=LAST_STEPS)
    for _ in range(max_iter):
        direction = _direction(slope, known)
        descent = float(direction @ slope)
        if descent >= 0:
            break
        step = np.float32(1.0 if known else (-descent) ** -0.5)
        new_value = float("inf")
        while new_value > value + ENOUGH * step * descent and step >= SMALLEST_STEP:
            new = place + step * direction
            new_value, new_slope = objective(new)
            step /= 2
        if new_value > value:
            break
        moved, turned = new - place, new_slope - slope
        curvature = float(moved @ turned)
        if curvature > 0:
            known.append((moved, turned, curvature))
        gains.append(value - new_value)
        place, value, slope = new, new_value, new_slope
        if len(gains) == LAST_STEPS and sum(gains) <= LAST_STEPS * tolerance * value:
            break
    return place


def _direction(
    slope: np.ndarray, known: Sequence[Tuple[np.ndarray, np.ndarray, float]]
) -> np.ndarray:
    """Return the way down, bent by the curvature of the last steps."""
    direction, shares_of = -slope, []
    for moved, turned, curvature in reversed(known):
        share = float(moved @ direction) / curvature
        direction -= np.float32(share) * turned
        shares_of.append(share)
    if known:
        _, turned, curvature = known[-1]
        direction *= np.float32(curvature / float(turned @ turned))
    for (moved, turned, curvature), share in zip(known, reversed(shares_of), strict=True):
        direction += np.float32(share - float(turned @ direction) / curvature) * moved
    return direction


@dataclass(frozen=True)
class LinearModel:
    """Labels and their weights, a row for each feature, the sparse ones first.

    Prediction takes two matrix products, 10 times faster than scikit-learn with its input checks.
    The file contains plain arrays, so it can't contain code.
    """

    labels: List[str]
    weights: np.ndarray
    bias: np.ndarray

    @classmethod
    def empty(cls) -> LinearModel:
        """Return a model without labels."""
        return cls([], np.empty((0, 0), np.float32), np.empty(0, np.float32))

    @classmethod
    def fit(
        cls,
        features: List[Any],
        labels: List[str],
        strength: float,
        max_iter: int,
        tolerance: float = 3e-4,
        balance: float = 1.0,
        kept: Optional[KeptWeights] = None,
    ) -> LinearModel:
        """Train on matrices with a row for each sentence, from the weights kept of the last time.

        `balance` 1 gives all labels the same weight, 0 all sentences.

        The result equals scikit-learn's, which would need the embeddings as a sparse matrix: 10 s
        for 3,700 sentences instead of 3. `tolerance` is the relative change of the loss at which to
        stop: smaller ones double the time and change no answer.
        """
        names, numbers = np.unique(labels, return_inverse=True)
        regression = Regression(features, numbers, strength, balance)
        labels = list(map(str, names))
        start = kept.matching(labels) if kept else np.zeros(regression.shape, np.float32)
        solution = minimum(regression.loss_and_gradient, start.ravel(), max_iter, tolerance)
        weights = solution.reshape(regression.shape)
        if kept:
            kept.keep(labels, weights)
        return cls(labels, np.ascontiguousarray(weights[:-1]), weights[-1])

    def scores_of(self, features: List[Any]) -> np.ndarray:
        """Return the scores of each row: a column for each label."""
        parts = np.split(self.weights, np.cumsum([block.shape[1] for block in features])[:-1])
        return sum(block @ part for block, part in zip(features, parts, strict=True)) + self.bias

    def probabilities_of(self, features: List[Any]) -> np.ndarray:
        """Return the probabilities of each row: a column for each label."""
        scores = self.scores_of(features)
        exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
        return exponentials / exponentials.sum(axis=1, keepdims=True)

    def write(self, folder: Path) -> None:
        """Write the model into the folder."""
        (folder / LABELS_FILE).write_text(json.dumps(self.labels))
        np.savez(folder / WEIGHTS_FILE, weights=self.weights, bias=self.bias)

    @classmethod
    def read(cls, folder: Path) -> LinearModel:
        """Read the model from the folder."""
        labels = json.loads((folder / LABELS_FILE).read_text())
        with np.load(folder / WEIGHTS_FILE, allow_pickle=False) as arrays:
            return cls(labels, arrays["weights"], arrays["bias"])
