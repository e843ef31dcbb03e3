"""The field of the request that a citizen wants changed."""

from __future__ import annotations

from typing import Any, Dict, List, Text

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.linear_classifier import LinearClassifier, metadata_of
from engine.linear_model import LinearModel, stacked_features
from engine.text_features import WINDOWS

FIELD_MEANT = "field_meant"  # the property of a message: the likeliest field, and its probability


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FieldDetector(LinearClassifier):
    """Name the field that a text wants changed, whatever its intent: "manca il puntino" is one.

    Sentences with the metadata `field` teach it, among them some of the field `none`.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the defaults. `C` is the inverse of the regularisation's strength."""
        return {"C": 1.0, "max_iter": 1000}

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the fields."""
        examples = [e for e in training_data.intent_examples if metadata_of(e).get("field")]
        if examples:
            self._model = LinearModel.fit(
                stacked_features(examples, WINDOWS, [1] * len(examples))[0],
                [metadata_of(example)["field"] for example in examples],
                strength=self._config["C"],
                max_iter=self._config["max_iter"],
            )
        with self._model_storage.write_to(self._resource) as folder:
            self._model.write(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set the likeliest field, `none` or another, and its probability."""
        for message in messages:
            if message.get(TEXT) and self._model.labels:
                features, _ = stacked_features([message], WINDOWS, [1])
                chances = self._model.probabilities_of(features)[0]
                best = int(chances.argmax())
                found = {"name": self._model.labels[best], "confidence": float(chances[best])}
                message.set(FIELD_MEANT, found, add_to_output=True)
        return messages
