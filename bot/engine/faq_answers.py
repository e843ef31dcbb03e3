"""Answers of the FAQ in the format of a ResponseSelector's output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Text

from rasa.nlu.constants import (
    RESPONSE_SELECTOR_PREDICTION_KEY,
    RESPONSE_SELECTOR_RANKING_KEY,
    RESPONSE_SELECTOR_RESPONSES_KEY,
    RESPONSE_SELECTOR_RETRIEVAL_INTENTS,
    RESPONSE_SELECTOR_UTTER_ACTION_KEY,
)
from rasa.shared.nlu.constants import (
    FULL_RETRIEVAL_INTENT_NAME_KEY,
    INTENT_NAME_KEY,
    INTENT_RESPONSE_KEY,
    PREDICTED_CONFIDENCE_KEY,
    RESPONSE_IDENTIFIER_DELIMITER,
)
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.nlu.training_data.util import intent_response_key_to_template_key

ANSWERS_FILE = "answers.json"


class FaqAnswers:
    """The answers by the full names of their intents."""

    def __init__(self, answers: Dict[Text, List[Dict[Text, Any]]]) -> None:
        self._answers = answers

    @classmethod
    def of(cls, training_data: TrainingData) -> FaqAnswers:
        """Collect the answers of the intents that have a full name."""
        names = {example.get(INTENT_RESPONSE_KEY) for example in training_data.nlu_examples}
        responses = training_data.responses
        return cls(
            {
                name: responses.get(intent_response_key_to_template_key(name), [])
                for name in sorted(names - {None})
            }
        )

    def reading(self, label: Text, confidence: float) -> Dict[Text, Any]:
        """Return a label in Rasa's format: its intent and, if it has one, its full name."""
        reading = {INTENT_NAME_KEY: label, PREDICTED_CONFIDENCE_KEY: confidence}
        if label in self._answers:
            reading[INTENT_NAME_KEY] = _retrieval_intent(label)
            reading[FULL_RETRIEVAL_INTENT_NAME_KEY] = label
        return reading

    def selected(self, ranking: List[Dict[Text, Any]]) -> Dict[Text, Any]:
        """Return the `response_selector` property for a ranking whose best has a full name."""
        intent = ranking[0][INTENT_NAME_KEY]
        name = ranking[0][FULL_RETRIEVAL_INTENT_NAME_KEY]
        return {
            RESPONSE_SELECTOR_RETRIEVAL_INTENTS: sorted(set(map(_retrieval_intent, self._answers))),
            intent: {
                RESPONSE_SELECTOR_PREDICTION_KEY: {
                    RESPONSE_SELECTOR_RESPONSES_KEY: self._answers[name],
                    PREDICTED_CONFIDENCE_KEY: ranking[0][PREDICTED_CONFIDENCE_KEY],
                    INTENT_RESPONSE_KEY: name,
                    RESPONSE_SELECTOR_UTTER_ACTION_KEY: intent_response_key_to_template_key(name),
                },
                RESPONSE_SELECTOR_RANKING_KEY: [
                    {
                        PREDICTED_CONFIDENCE_KEY: reading[PREDICTED_CONFIDENCE_KEY],
                        INTENT_RESPONSE_KEY: reading[FULL_RETRIEVAL_INTENT_NAME_KEY],
                    }
                    for reading in ranking
                    if reading[INTENT_NAME_KEY] == intent
                ],
            },
        }

    def write(self, folder: Path) -> None:
        """Write the answers into the folder."""
        (folder / ANSWERS_FILE).write_text(json.dumps(self._answers, ensure_ascii=False))

    @classmethod
    def read(cls, folder: Path) -> FaqAnswers:
        """Read the answers from the folder."""
        return cls(json.loads((folder / ANSWERS_FILE).read_text()))


def _retrieval_intent(full_name: Text) -> Text:
    return full_name.split(RESPONSE_IDENTIFIER_DELIMITER)[0]
