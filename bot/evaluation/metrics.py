"""Metrics of the NLU model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Dict, List, Sequence, Tuple

BINS = 10
LEVELS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
NORMAL_95 = 1.96  # standard deviations


@dataclass(frozen=True)
class Prediction:
    """A sentence, its label, and the most likely one with its confidence.

    `asked` means that the assistant asks for a clarification instead of acting; `possible` that
    it says what to do in an emergency, above the answer.
    """

    text: str
    label: str
    predicted: str
    confidence: float
    asked: bool = False
    possible: bool = False

    @property
    def right(self) -> bool:
        """True if the most likely label is the true one."""
        return self.predicted == self.label


@dataclass(frozen=True)
class IntentScore:
    """Recall and precision of one intent."""

    precision: float
    recall: float
    f1: float
    sentences: int


def share(part: int, whole: int) -> float:
    """Return a share between 0 and 1; 0 if the whole is 0."""
    return part / whole if whole else 0.0


def accuracy(predictions: Sequence[Prediction]) -> float:
    """Return the share of right labels."""
    return share(sum(p.right for p in predictions), len(predictions))


def margin(value: float, count: int) -> float:
    """Return half the 95 % interval of a share measured on so many sentences (Wilson)."""
    z2 = NORMAL_95**2
    spread = NORMAL_95 * (value * (1 - value) / count + z2 / (4 * count**2)) ** 0.5
    return spread / (1 + z2 / count)


def by_intent(predictions: Sequence[Prediction]) -> Dict[str, IntentScore]:
    """Return the scores of the intents that occur as true labels."""
    true = Counter(p.label for p in predictions)
    predicted = Counter(p.predicted for p in predictions)
    right = Counter(p.label for p in predictions if p.right)
    return {
        label: IntentScore(
            precision=share(right[label], predicted[label]),
            recall=share(right[label], true[label]),
            f1=share(2 * right[label], predicted[label] + true[label]),
            sentences=true[label],
        )
        for label in sorted(true)
    }


def macro_f1(predictions: Sequence[Prediction]) -> float:
    """Return the mean of the intents' F1."""
    scores = by_intent(predictions)
    return sum(score.f1 for score in scores.values()) / len(scores)


def recall(predictions: Sequence[Prediction], label: str) -> float:
    """Return the share of a label's sentences that get the label."""
    of_label = [p for p in predictions if p.label == label]
    return share(sum(p.right for p in of_label), len(of_label))


def calibration_error(predictions: Sequence[Prediction]) -> float:
    """Return the expected calibration error.

    In ten bins of confidence, the mean distance between confidence and accuracy.
    Source: Guo et al., On Calibration of Modern Neural Networks, 2017, section 2.
    """
    bins: Dict[int, List[Prediction]] = {}
    for p in predictions:
        bins.setdefault(min(int(p.confidence * BINS), BINS - 1), []).append(p)
    gaps = (abs(sum(p.right - p.confidence for p in members)) for members in bins.values())
    return sum(gaps) / len(predictions) if predictions else 0.0


def above(predictions: Sequence[Prediction], level: float) -> Tuple[float, float]:
    """Return the share of sentences at or above a confidence, and their accuracy."""
    sure = [p for p in predictions if p.confidence >= level]
    return share(len(sure), len(predictions)), accuracy(sure)


def worst_mistakes(predictions: Sequence[Prediction], count: int = 10) -> List[Prediction]:
    """Return the wrong labels with the highest confidence."""
    wrong = [p for p in predictions if not p.right]
    return sorted(wrong, key=lambda p: -p.confidence)[:count]


def percentile(values: Sequence[float], part: float) -> float:
    """Return the percentile, with `part` between 0 and 1."""
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]
