"""Features for every message with a text, computed alike in training and use."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any, Callable, Collection, List, Text

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
    names: Collection[Text] = ()  # of the columns, if they have any

    def tobytes(self) -> bytes:
        """Return what Rasa takes a fingerprint of."""
        rows = self.matrix[self.first : self.last]
        parts = (rows.indices, rows.data) if issparse(rows) else (rows,)
        return b"".join(part.tobytes() for part in parts)


class TextFeatures:
    """Mixin for featurizers: `features_of` returns a matrix with a row for each text.

    `names` are those of its columns, if they have any.

    `is_for_narrow` is False if narrow windows get none: there are many, and embedding one takes
    longer than all else.
    """

    is_for_narrow = True
    names: Collection[Text] = ()

    def features_of(self, texts: List[Text]) -> Any:
        """Return the features of some texts, a row each."""
        raise NotImplementedError

    def kept_features_of(self, texts: List[Text]) -> Any:
        """Return the same in a training, which may leave to the next one what it computed.

        Texts of citizens never come here.
        """
        return self.features_of(texts)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add features to the training examples; their narrow windows don't overlap."""
        self._add_features(training_data.training_examples, WORDS, self.kept_features_of)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Add features to the messages that have a text."""
        self._add_features(messages, NARROW_STEP, self.features_of)
        return messages

    def _add_features(
        self, messages: List[Message], step: int, features_of: Callable[[List[Text]], Any]
    ) -> None:
        """Add the features of all windows in one call to save overhead, the whole text first."""
        with_text = [message for message in messages if message.get(TEXT)]
        if not with_text:
            return
        spans = self.spans_of([message.get(TEXT) for message in with_text], step)
        matrix = features_of([*chain.from_iterable(spans)])
        first = 0
        for message, wide, narrow in zip(with_text, spans[::2], spans[1::2], strict=True):
            middle, last = first + len(wide), first + len(wide) + len(narrow)
            rows = Rows(matrix, first, middle, self.names)
            self.add_features_to_message(None, rows, WINDOWS, message)
            if narrow:
                rows = Rows(matrix, middle, last, self.names)
                self.add_features_to_message(None, rows, NARROW, message)
            first = last

    def spans_of(self, texts: List[Text], step: int) -> List[List[Text]]:
        """Return the windows of each text, each time followed by its narrow ones."""
        return [
            span
            for text in texts
            for span in (windows(text), narrow_windows(text, step) if self.is_for_narrow else [])
        ]
