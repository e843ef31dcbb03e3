"""Features for every message with a text, computed alike in training and use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Text

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import issparse

from engine.windows import NARROW_STEP, WORDS, narrow_windows, windows

WINDOWS = "windows"  # the attribute of the windows' features
NARROW = "narrow_windows"  # that of the narrow windows' features, of long texts only


@dataclass(frozen=True)
class Rows:
    """A text's rows of the matrix of all texts: cutting a sparse one for each text takes 10 s."""

    matrix: Any
    first: int
    last: int

    def tobytes(self) -> bytes:
        """Return what Rasa takes a fingerprint of."""
        rows = self.matrix[self.first : self.last]
        parts = (rows.indices, rows.data) if issparse(rows) else (rows,)
        return b"".join(part.tobytes() for part in parts)


class TextFeatures:
    """Mixin for featurizers: `features_of` returns a matrix with a row for each text.

    `is_for_narrow` is False if narrow windows get none: there are many, and embedding one takes
    longer than all else.
    """

    is_for_narrow = True

    def features_of(self, texts: List[Text]) -> Any:
        """Return the features of some texts, a row each."""
        raise NotImplementedError

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add features to the training examples; their narrow windows don't overlap."""
        self._add_features(training_data.training_examples, WORDS)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Add features to the messages that have a text."""
        self._add_features(messages, NARROW_STEP)
        return messages

    def _add_features(self, messages: List[Message], step: int) -> None:
        """Add the features of all windows in one call to save overhead, the whole text first."""
        with_text = [message for message in messages if message.get(TEXT)]
        if not with_text:
            return
        spans = [
            (windows(text), narrow_windows(text, step) if self.is_for_narrow else [])
            for text in (message.get(TEXT) for message in with_text)
        ]
        matrix = self.features_of([each for span in spans for part in span for each in part])
        first = 0
        for message, (wide, narrow) in zip(with_text, spans, strict=True):
            middle, last = first + len(wide), first + len(wide) + len(narrow)
            self.add_features_to_message(None, Rows(matrix, first, middle), WINDOWS, message)
            if narrow:
                self.add_features_to_message(None, Rows(matrix, middle, last), NARROW, message)
            first = last
