"""Emergencies, looked for in every part of a text."""

from __future__ import annotations

from typing import Any, Dict, List, Text, Tuple

import numpy as np
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    METADATA,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import issparse, vstack

from engine.linear_classifier import LinearClassifier, metadata_of
from engine.linear_model import LinearModel, feature_names, stacked_features
from engine.text_features import NARROW, WINDOWS

POSSIBLE = "possible_emergency"  # the property of a message that may tell of one
SURE, DOUBTFUL, NONE = "sure", "doubtful", "none"
NARROW_FOLDER = "narrow"  # of the model's files
TIERS = (NONE, DOUBTFUL, SURE)
TOLD = "emergency"  # in the message's metadata: the tier by the service's list of words
CERTAIN = 1.0  # confidence of an emergency; the other readings keep half of theirs


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EmergencyDetector(LinearClassifier):
    """Judge a text and each window of it.

    A sure emergency becomes the first intent, above the ranking of the classifier before it, which
    then holds the next reading. A doubtful one leaves the intent and sets `possible_emergency`.
    Sentences of the intent teach the sure ones; those with the metadata `tier: doubtful` the rest.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the defaults.

        `sure` and `possible` are the probabilities from which a text is in that tier, if a window
        of it, where it has any, agrees with the probability `agreed_…`; `part_…` are those from
        which a window decides alone, `narrow_…` a narrow one, `alone` that from which the whole is
        possible without one. Up to `overruled` the whole of a text is only possible if one of the
        intents `others` has the confidence `other_certain`.
        `C` is the inverse of the regularisation's strength; `balance` see LinearModel.fit.
        """
        return {
            "intent": "medical_emergency",
            "sure": 0.2,
            "possible": 0.05,
            "alone": 0.8,
            "agreed_sure": 0.2,
            "agreed_possible": 0.1,
            "part_sure": 0.5,
            "part_possible": 0.2,
            "narrow_sure": 0.9,
            "narrow_possible": 0.6,
            "overruled": 0.0,
            "other_certain": 1.0,
            "others": [],
            "C": 3.0,
            "balance": 0.25,
        }

    def __init__(
        self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        super().__init__(config, model_storage, resource)
        self._narrow_model = LinearModel.empty()

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> EmergencyDetector:
        """Load the trained component and its model of narrow windows."""
        component = super().load(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            component._narrow_model = LinearModel.read(folder / NARROW_FOLDER)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the tiers; a harmless text is harmless in every window, also in the narrow ones.

        These have a model of their own, as they have no embedding.
        """
        examples = [e for e in training_data.intent_examples if e.get(TEXT)]
        tiers = [self._tier(example) for example in examples]
        if SURE in tiers and NONE in tiers:
            rows = [None if tier == NONE else 1 for tier in tiers]
            features, counts = stacked_features(examples, WINDOWS, rows)
            labels = [tier for tier, count in zip(tiers, counts, strict=True) for _ in range(count)]
            names = feature_names(examples[0], WINDOWS)
            self._model = self._fitted(features, labels, names)
            narrow = _with_narrow(features, labels, examples, tiers)
            self._narrow_model = self._fitted(*narrow, names, f"-{NARROW_FOLDER}")
        with self._model_storage.write_to(self._resource) as folder:
            self._model.write(folder)
            (folder / NARROW_FOLDER).mkdir()
            self._narrow_model.write(folder / NARROW_FOLDER)
        return self._resource

    def _fitted(
        self, features: List[Any], labels: List[Text], names: List[Text], model: Text = ""
    ) -> LinearModel:
        columns = sum(block.shape[1] for block in features)  # the narrow windows' have no embedding
        return LinearModel.fit(
            features,
            labels,
            self._config["C"],
            max_iter=1000,
            balance=self._config["balance"],
            kept=self._kept_weights(names[:columns], model),
        )

    def _tier(self, example: Message) -> Text:
        if example.get(INTENT) == self._config["intent"]:
            return SURE
        return DOUBTFUL if metadata_of(example).get("tier") == DOUBTFUL else NONE

    def process(self, messages: List[Message]) -> List[Message]:
        """Set intent and ranking of emergencies, and the mark of possible ones."""
        for message in messages:
            tier = max(_told(message), self._judge(message), key=TIERS.index)
            if tier == SURE:
                self._put_first(message)
            elif tier == DOUBTFUL:
                message.set(POSSIBLE, True, add_to_output=True)
        return messages

    def _judge(self, message: Message) -> Text:
        """Return the text's tier."""
        labels = self._model.labels
        if not message.get(TEXT) or not labels:
            return NONE
        chances = self._model.probabilities_of(stacked_features([message], WINDOWS)[0])
        narrow = chances[:0]
        if _has_narrow(message):
            features = stacked_features([message], NARROW)[0]
            narrow = self._narrow_model.probabilities_of(features)
        sure, none = labels.index(SURE), labels.index(NONE)
        if self._reach(SURE, chances[:, sure], narrow[:, sure]):
            is_read_otherwise = self._is_read_otherwise(message, chances[:, sure], narrow[:, sure])
            return DOUBTFUL if is_read_otherwise else SURE
        alarming, narrowly = 1 - chances[:, none], 1 - narrow[:, none]
        is_alone = alarming[0] >= self._config["alone"]
        return DOUBTFUL if is_alone or self._reach("possible", alarming, narrowly) else NONE

    def _reach(self, tier: Text, chances: np.ndarray, narrow: np.ndarray) -> bool:
        """Return True if the whole text, the first row, or one of its windows is in a tier.

        The whole of a long story says less than a sentence: it mixes everything told in it. A
        window lacks context, and must be surer; the more so a narrow one.
        """
        if narrow.size and narrow.max() >= self._config[f"narrow_{tier}"]:
            return True
        whole, parts = chances[0], chances[1:]
        if not parts.size:
            return bool(whole >= self._config[tier])
        is_agreed = whole >= self._config[tier] and parts.max() >= self._config[f"agreed_{tier}"]
        return bool(is_agreed or parts.max() >= self._config[f"part_{tier}"])

    def _is_read_otherwise(self, message: Message, chances: np.ndarray, narrow: np.ndarray) -> bool:
        """Return True if a fault is certain and a low chance of the whole text decided.

        "Sono paralizzato alla scelta dell'ora, non va avanti" is such a text.
        """
        certain = {
            reading[INTENT_NAME_KEY]
            for reading in message.get(INTENT_RANKING_KEY) or []
            if reading[PREDICTED_CONFIDENCE_KEY] >= self._config["other_certain"]
        }
        if not certain.intersection(self._config["others"]):
            return False
        windows = np.concatenate([chances[1:], narrow])
        is_in_a_part = bool(windows.size) and windows.max() >= self._config["part_possible"]
        return chances[0] <= self._config["overruled"] and not is_in_a_part

    def _put_first(self, message: Message) -> None:
        emergency = {INTENT_NAME_KEY: self._config["intent"], PREDICTED_CONFIDENCE_KEY: CERTAIN}
        others = [
            {**reading, PREDICTED_CONFIDENCE_KEY: reading[PREDICTED_CONFIDENCE_KEY] * CERTAIN / 2}
            for reading in message.get(INTENT_RANKING_KEY) or []
        ]
        message.set(INTENT, emergency, add_to_output=True)
        message.set(INTENT_RANKING_KEY, [emergency, *others], add_to_output=True)


def _told(message: Message) -> Text:
    """Return the tier that the service gives a text, which may only be too low."""
    tier = (message.get(METADATA) or {}).get(TOLD)
    return tier if tier in TIERS else NONE


def _has_narrow(message: Message) -> bool:
    return any(features.attribute == NARROW for features in message.features)


def _with_narrow(
    features: List[Any], labels: List[Text], examples: List[Message], tiers: List[Text]
) -> Tuple[List[Any], List[Text]]:
    """Return the sparse features and their labels, with the narrow windows of harmless examples."""
    sparse = [block for block in features if issparse(block)]
    harmless = [
        example
        for example, tier in zip(examples, tiers, strict=True)
        if tier == NONE and _has_narrow(example)
    ]
    if not harmless:
        return sparse, labels
    narrow, counts = stacked_features(harmless, NARROW)
    both = [vstack(pair).tocsr() for pair in zip(sparse, narrow, strict=True)]
    return both, labels + [NONE] * sum(counts)
