"""Character and word n-grams weighed by TF-IDF as Rasa features."""

from __future__ import annotations

import inspect
import json
from itertools import chain, compress
from typing import Any, Collection, Dict, List, Optional, Text

import numpy as np
import sklearn
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.sparsefuncs_fast import inplace_csr_row_normalize_l2

from engine import glossary
from engine.glossary import told_in_italian
from engine.kept_arrays import FOLDER
from engine.ngram_cache import Counts, cached_counts
from engine.text_features import TextFeatures
from engine.windows import WORDS

# JSON, so that a model file can't contain code.
NGRAMS_FILE = "ngrams.json"
RARITY_FILE = "rarity.npy"
WORD = r"\w+"  # also of a single letter


def ngram_vectorizer(config: Dict[Text, Any]) -> TfidfVectorizer:
    """Return the untrained vectorizer of n-grams."""
    return TfidfVectorizer(
        analyzer=config["analyzer"],
        token_pattern=WORD if config["analyzer"] == "word" else None,
        ngram_range=(config["min_ngram"], config["max_ngram"]),
        min_df=config["min_texts"],
        lowercase=True,
        strip_accents="unicode",
        sublinear_tf=True,
        dtype=np.float32,
    )


class _Growing(Dict[Text, int]):
    """Columns, of which every n-gram gets one when it is asked for."""

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, ngram: Text) -> int:
        self[ngram] = len(self)
        return self[ngram]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class NgramFeaturizer(TextFeatures, SparseFeaturizer, GraphComponent):
    """Add the text's n-grams, without capitals and accents, as a sparse feature.

    Those of characters distinguish domain words that embeddings blur (NRE, SPID, ticket) and
    tolerate typos; those of words tell "non respira" from "respira bene". Foreign words of the
    glossary count as Italian ones.
    Rasa's CountVectorsFeaturizer has no weights or normalisation: long texts would dominate.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the defaults.

        `weight` is the length of a text's vector, `analyzer` what the n-grams are made of:
        `char_wb`, characters within a word, or `word`.
        """
        return {
            **SparseFeaturizer.get_default_config(),
            "weight": 3.0,
            "analyzer": "char_wb",
            "min_ngram": 2,
            "max_ngram": 4,
            "min_texts": 2,
            "max_chars": 400,
        }

    def __init__(
        self,
        name: Text,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
    ) -> None:
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._analyse = ngram_vectorizer(config).build_analyzer()
        self._vocabulary: Dict[Text, int] = {}
        self._rarity = np.empty(0)

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NgramFeaturizer:
        """Create the untrained component."""
        return cls(execution_context.node_name, config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NgramFeaturizer:
        """Load the trained component."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            component._vocabulary = json.loads((folder / NGRAMS_FILE).read_text())
            component._rarity = np.load(folder / RARITY_FILE, allow_pickle=False)
        return component

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Refuse impossible lengths of n-grams."""
        if not 1 <= config["min_ngram"] <= config["max_ngram"]:
            raise ValueError("NgramFeaturizer: 1 <= min_ngram <= max_ngram")

    @classmethod
    def fingerprint_addon(cls, config: Dict[Text, Any]) -> Optional[Text]:
        """Add the glossary, which Rasa's fingerprint omits."""
        return inspect.getsource(glossary) + glossary.FILE.read_text("utf-8")

    @property
    def names(self) -> Collection[Text]:
        """Return the n-grams."""
        return self._vocabulary

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the n-grams of the training sentences, and how rare each is."""
        texts = [example.get(TEXT) for example in training_data.nlu_examples if example.get(TEXT)]
        # With their windows, whose counts are asked for next.
        counts = self._kept_counts([*texts, *chain.from_iterable(self.spans_of(texts, WORDS))])
        with_it = np.bincount(counts.matrix[: len(texts)].indices, minlength=len(counts.ngrams))
        found = zip(counts.ngrams, with_it, strict=True)
        kept = sorted(compress(found, with_it >= self._config["min_texts"]))
        self._vocabulary = {ngram: number for number, (ngram, _) in enumerate(kept)}
        in_texts = np.array([count for _, count in kept])
        self._rarity = np.log((1 + len(texts)) / (1 + in_texts)).astype(np.float32) + 1
        with self._model_storage.write_to(self._resource) as folder:
            (folder / NGRAMS_FILE).write_text(json.dumps(self._vocabulary))
            np.save(folder / RARITY_FILE, self._rarity)
        return self._resource

    def features_of(self, texts: List[Text]) -> csr_matrix:
        """Return the weighted n-grams of some texts, a row each."""
        return self._weighed(self._counted(texts, self._vocabulary))

    def kept_features_of(self, texts: List[Text]) -> csr_matrix:
        """Return the same in a training."""
        return self._weighed(self._kept_counts(texts).of_ngrams(self._vocabulary))

    def _kept_counts(self, texts: List[Text]) -> Counts:
        """Return the counts of all n-grams, counting only those of new texts."""
        path = FOLDER / f"ngrams-{self._config['analyzer']}.npz"
        code = inspect.getsource(type(self)) + (self.fingerprint_addon(self._config) or "")
        manner = f"{self._config} {sklearn.__version__} {code}"
        return cached_counts(texts, path, manner, self._counts_of_all)

    def _counts_of_all(self, texts: List[Text]) -> Counts:
        """Return the counts of all n-grams in the texts."""
        columns = _Growing()
        return Counts(self._counted(texts, columns), list(columns))

    def _counted(self, texts: List[Text], columns: Dict[Text, int]) -> csr_matrix:
        """Count n-grams that have a column.

        The vectorizer would look at each word anew, which takes 8 s for a training instead of 2.
        """
        rows = [self._pieces(text) for text in texts]
        known = {
            piece: np.array([columns[n] for n in self._analyse(piece) if n in columns], np.int32)
            for piece in dict.fromkeys(chain.from_iterable(rows))
        }
        numbers = [[known[piece] for piece in row] for row in rows]
        found = np.concatenate([np.empty(0, np.int32), *chain.from_iterable(numbers)])
        ends = np.cumsum([0, *(sum(map(len, row)) for row in numbers)])
        shape = (len(texts), len(columns))
        counts = csr_matrix((np.ones(len(found), np.float32), found, ends), shape=shape)
        counts.sum_duplicates()
        return counts

    def _pieces(self, text: Text) -> List[Text]:
        """Return the parts of a text in which its n-grams are: one by one only its words."""
        cut = told_in_italian(text[: self._config["max_chars"]])
        return cut.split() if self._config["analyzer"] == "char_wb" else [cut]

    def _weighed(self, counts: csr_matrix) -> csr_matrix:
        """Weigh counts as the vectorizer does, which takes five times as long as counting."""
        counts.data = (np.log(counts.data) + 1) * self._rarity[counts.indices]
        inplace_csr_row_normalize_l2(counts)
        counts.data *= self._config["weight"]
        return counts
