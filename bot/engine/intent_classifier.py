"""Intents and answers of the FAQ by one logistic regression."""

from __future__ import annotations

import inspect
from typing import Any, Dict, List, Optional, Text

import numpy as np
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    FULL_RETRIEVAL_INTENT_NAME_KEY,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    RESPONSE_SELECTOR,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine import faq_answers
from engine.faq_answers import FaqAnswers
from engine.linear_classifier import LinearClassifier, is_answer
from engine.linear_model import LinearModel, feature_names, stacked_features
from engine.text_features import WINDOWS

SMALLEST = 1e-6  # probability, below which one window may not decide alone
# NOTHING_SAID makes the FallbackClassifier report that nothing was understood.
NOTHING_SAID: Dict[Text, Any] = {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FullIntentClassifier(LinearClassifier):
    """Classify all intents, those of the FAQ (`faq/spid`) by their full names.

    This replaces the ResponseSelector, a TensorFlow model for each retrieval intent: if the best
    label is a full name, it sets the message property of a ResponseSelector. A confidence is the
    label's probability among all labels.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the defaults.

        `C` is the inverse of the regularisation's strength; `windows` the share of a long text's
        windows in its reading; `left_out` are intents of which another component decides. Answers
        to a single question teach the YesDetector or the FieldDetector instead.
        """
        return {"C": 1.0, "windows": 0.5, "max_iter": 1000, "ranking_length": 5, "left_out": []}

    def __init__(
        self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        super().__init__(config, model_storage, resource)
        self._answers = FaqAnswers({})

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> FullIntentClassifier:
        """Load the trained component and the answers."""
        component = super().load(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            component._answers = FaqAnswers.read(folder)
        return component

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:
        """Add the source of helper modules, which Rasa's fingerprint omits."""
        return (super().fingerprint_addon(config) or "") + inspect.getsource(faq_answers)

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the full names and keep the answers of the FAQ."""
        left_out = self._config["left_out"]
        examples = [
            e
            for e in training_data.intent_examples
            if e.get(TEXT) and e.get(INTENT) not in left_out and not is_answer(e)
        ]
        self._answers = FaqAnswers.of(training_data)
        if examples:
            labels = [example.get_full_intent() for example in examples]
            self._model = LinearModel.fit(
                stacked_features(examples, WINDOWS, [1] * len(examples))[0],
                labels,
                strength=self._config["C"],
                max_iter=self._config["max_iter"],
                kept=self._kept_weights(feature_names(examples[0], WINDOWS)),
            )
        with self._model_storage.write_to(self._resource) as folder:
            self._model.write(folder)
            self._answers.write(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set the intent, the ranking and, for the FAQ, the answer."""
        for message in messages:
            ranking = self._ranking(message)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            if FULL_RETRIEVAL_INTENT_NAME_KEY in ranking[0]:
                selected = self._answers.selected(ranking)
                message.set(RESPONSE_SELECTOR, selected, add_to_output=True)
        return messages

    def _ranking(self, message: Message) -> List[Dict[Text, Any]]:
        if not message.get(TEXT) or not self._model.labels:
            return [NOTHING_SAID]
        probabilities = self._probabilities(message)
        best = np.argsort(-probabilities)[: self._config["ranking_length"]]
        return [self._answers.reading(self._model.labels[i], float(probabilities[i])) for i in best]

    def _probabilities(self, message: Message) -> np.ndarray:
        """Return each label's probability; in a long text what most of it says counts too."""
        features, (count,) = stacked_features([message], WINDOWS)
        chances = self._model.probabilities_of(features)
        if count == 1:
            return chances[0]
        share, scores = self._config["windows"], np.log(chances + SMALLEST)
        joint = np.exp((1 - share) * scores[0] + share * scores[1:].mean(axis=0))
        return joint / joint.sum()
