"""Training and use, sentence by sentence, of features with a classifier."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import joblib

from evaluation import classifiers, text_vectors
from evaluation.candidates import PlainCandidate
from evaluation.metrics import Prediction
from evaluation.sentences import Sentence

MODEL = "model.joblib"
MAX_CHARS = 400  # as in our pipeline
WARM_UP = 10  # sentences


class PlainModel:
    """Blocks of features, each with its scale, and a classifier over them."""

    def __init__(self, candidate: PlainCandidate) -> None:
        self._features = [
            (getattr(text_vectors, features.name)(), features.scale)
            for features in candidate.features
        ]
        self._classifier = getattr(classifiers, candidate.classifier)(**candidate.settings)

    def fit(self, sentences: Sequence[Sentence]) -> None:
        """Train on the sentences."""
        texts = [sentence.text[:MAX_CHARS] for sentence in sentences]
        for vectors, _ in self._features:
            vectors.fit(texts)
        self._classifier.fit(self._blocks(texts), [sentence.label for sentence in sentences])

    def predict(self, text: str) -> Tuple[str, float]:
        """Return the best label and its confidence."""
        return self._classifier.predict(self._blocks([text[:MAX_CHARS]]))

    def _blocks(self, texts: List[str]) -> List[Any]:
        return [vectors.transform(texts) * scale for vectors, scale in self._features]


def fit(candidate: PlainCandidate, sentences: Sequence[Sentence], folder: Path) -> None:
    """Train and write the model into the folder."""
    model = PlainModel(candidate)
    model.fit(sentences)
    joblib.dump(model, folder / MODEL)


def serve(
    folder: Path, sets: Dict[str, List[Sentence]]
) -> Dict[str, Tuple[List[Prediction], List[float]]]:
    """Return each set's predictions and the milliseconds of processor time of each."""
    model: PlainModel = joblib.load(folder / MODEL)
    for sentence in next(iter(sets.values()))[:WARM_UP]:
        model.predict(sentence.text)
    return {name: _predict(model, sentences) for name, sentences in sets.items()}


def _predict(
    model: PlainModel, sentences: Sequence[Sentence]
) -> Tuple[List[Prediction], List[float]]:
    predictions, times = [], []
    for sentence in sentences:
        start = time.process_time()
        label, confidence = model.predict(sentence.text)
        times.append((time.process_time() - start) * 1e3)
        predictions.append(Prediction(sentence.text, sentence.label, label, confidence))
    return predictions, times
