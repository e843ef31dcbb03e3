"""The base of classifiers with one linear model over the features of messages."""

from __future__ import annotations

import inspect
import sys
from typing import Any, Dict, List, Optional, Sequence, Text, Type, TypeVar

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import METADATA, METADATA_INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine import linear_model
from engine.kept_arrays import FOLDER
from engine.kept_weights import KeptWeights
from engine.linear_model import LinearModel

Classifier = TypeVar("Classifier", bound="LinearClassifier")


def metadata_of(example: Message) -> Dict[Text, Any]:
    """Return the metadata that a training file gives an example's intent."""
    return (example.get(METADATA) or {}).get(METADATA_INTENT) or {}


def is_answer(example: Message) -> bool:
    """Return True if an example answers a single question, and teaches no intent."""
    return not metadata_of(example).keys().isdisjoint(("step", "field"))


class LinearClassifier(IntentClassifier, GraphComponent):
    """Creation, loading and fingerprint; training and use are the subclass's."""

    def __init__(
        self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = LinearModel.empty()

    def _kept_weights(self, features: Sequence[Text], model: Text = "") -> KeptWeights:
        """Return the weights of the last training; `model` names one of several."""
        return KeptWeights(FOLDER / f"weights-{type(self).__name__}{model}.npz", features)

    @classmethod
    def required_components(cls) -> List[Type]:
        """Return the components required earlier in the pipeline."""
        return [Featurizer]

    @classmethod
    def create(
        cls: Type[Classifier],
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Classifier:
        """Create the untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls: Type[Classifier],
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Classifier:
        """Load the trained component."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = LinearModel.read(folder)
        return component

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:
        """Add the source of helper modules, which Rasa's fingerprint omits."""
        return inspect.getsource(linear_model) + inspect.getsource(sys.modules[__name__])

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Classify the training examples for later components."""
        self.process(training_data.training_examples)
        return training_data
