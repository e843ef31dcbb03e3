"""Explicit yeses: to a consent, or to sending the request as it is shown."""

from __future__ import annotations

from typing import Any, Dict, List, Text

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import diags, issparse

from engine.linear_classifier import LinearClassifier, metadata_of
from engine.linear_model import LinearModel, stacked_features
from engine.text_features import WINDOWS

EXPLICIT_YES = "explicit_yes"  # the property of a message: the steps that it says yes to
YES, NO = "affirm", "deny"  # the intents of the sentences that teach it
STEPS = ("privacy", "regulation", "confirmation")
LENGTH_MAX = 140  # characters; a longer text tells more than a yes
OWN = 0.7  # weight of what a step teaches for itself, beside what it teaches for all


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class YesDetector(LinearClassifier):
    """Name the steps that a short text surely says yes to, whatever its intent.

    "L'ho letta tutta" is a yes to the notice, and none to the consent. Sentences of the intents
    `affirm` and `deny` with the metadata `step` teach it. Every step has features of its own beside
    those that all share. Source: Daumé, Frustratingly Easy Domain Adaptation, 2007.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the defaults.

        `sure` is the probability from which a text is a yes; `C` the inverse of the
        regularisation's strength.
        """
        return {"sure": 0.9, "C": 1.0, "max_iter": 1000}

    def train(self, training_data: TrainingData) -> Resource:
        """Learn a column of weights for each step."""
        examples = [e for e in training_data.intent_examples if metadata_of(e).get("step")]
        if examples:
            steps = np.array([_step(example) for example in examples])
            features, _ = stacked_features(examples, WINDOWS, [1] * len(examples))
            learnt = LinearModel.fit(
                [block for each in features for block in _with_own(each, steps)],
                [example.get(INTENT) for example in examples],
                strength=self._config["C"],
                max_iter=self._config["max_iter"],
            )
            self._model = _by_step(learnt, [block.shape[1] for block in features])
        with self._model_storage.write_to(self._resource) as folder:
            self._model.write(folder)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set the steps."""
        for message in messages:
            text = message.get(TEXT)
            if text and len(text) <= LENGTH_MAX and self._model.labels:
                features, _ = stacked_features([message], WINDOWS)
                chances = 1 / (1 + np.exp(-self._model.scores_of(features)[0]))
                said = [STEPS[number] for number in np.flatnonzero(chances >= self._config["sure"])]
                message.set(EXPLICIT_YES, said, add_to_output=True)
        return messages


def _step(example: Message) -> int:
    """Return the number of the step at which a sentence is said."""
    return STEPS.index(metadata_of(example)["step"])


def _with_own(block: Any, steps: np.ndarray) -> List[Any]:
    """Return features, and for each step those of the sentences that are said there."""
    shares = [OWN * (steps == number).astype(np.float32) for number in range(len(STEPS))]
    if issparse(block):
        return [block, *((diags(share) @ block).tocsr() for share in shares)]
    return [block, *(share[:, np.newaxis] * block for share in shares)]


def _by_step(learnt: LinearModel, widths: List[int]) -> LinearModel:
    """Return the weights of a yes against none, a column for each step."""
    yes, no = learnt.labels.index(YES), learnt.labels.index(NO)
    against = learnt.weights[:, yes] - learnt.weights[:, no]
    ends = np.cumsum(np.repeat(widths, 1 + len(STEPS)))
    parts = np.split(against, ends[:-1])
    rows = []
    for first in range(0, len(parts), 1 + len(STEPS)):
        shared, *own = parts[first : first + 1 + len(STEPS)]
        rows.append(np.column_stack([shared + OWN * each for each in own]))
    bias = np.full(len(STEPS), learnt.bias[yes] - learnt.bias[no], np.float32)
    return LinearModel(list(STEPS), np.ascontiguousarray(np.vstack(rows)), bias)
