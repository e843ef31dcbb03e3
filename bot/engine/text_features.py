"""Features for every message with a text, computed alike in training and use."""

from __future__ import annotations

from typing import Any, List, Text

from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.windows import windows

WINDOWS = "windows"  # the attribute of the windows' features


class TextFeatures:
    """Mixin for featurizers: `features_of` returns a matrix with a row for each text."""

    def features_of(self, texts: List[Text]) -> Any:
        """Return the features of some texts, a row each."""
        raise NotImplementedError

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add features to the training examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        """Add features to the messages that have a text, in one call to save overhead.

        The text's windows get theirs too, a row each, the whole text first.
        """
        with_text = [message for message in messages if message.get(TEXT)]
        if with_text:
            spans = [windows(message.get(TEXT)) for message in with_text]
            matrix = self.features_of([window for span in spans for window in span])
            first = 0
            for message, span in zip(with_text, spans, strict=True):
                rows = matrix[first : first + len(span)]
                self.add_features_to_message(None, rows[:1], TEXT, message)
                self.add_features_to_message(None, rows, WINDOWS, message)
                first += len(span)
        return messages
