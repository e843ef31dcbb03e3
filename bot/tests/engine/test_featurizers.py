from typing import Any

import numpy as np
import pytest
from engine import sentence_featurizer
from engine.linear_model import stacked_features
from engine.ngram_featurizer import NgramFeaturizer, ngram_vectorizer
from engine.sentence_featurizer import SentenceFeaturizer, sentence_encoder
from engine.text_features import WINDOWS
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

CONTEXT = ExecutionContext(GraphSchema({}), node_name="node")


def sentence_vector(text: str, **config: Any) -> np.ndarray:
    full: dict[str, Any] = {**SentenceFeaturizer.get_default_config(), **config}
    component = SentenceFeaturizer.create(full, None, None, CONTEXT)
    (message,) = component.process([Message({TEXT: text})])
    return stacked_features([message], WINDOWS, [1])[0][0]


def test_the_vector_has_the_length_of_the_scale() -> None:
    assert np.linalg.norm(sentence_vector("buongiorno", scale=7.0)) == pytest.approx(7.0, abs=1e-3)


def test_capitals_make_no_difference() -> None:
    np.testing.assert_allclose(sentence_vector("AIUTO"), sentence_vector("aiuto"))


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    text = "parola " * 10_000
    np.testing.assert_allclose(sentence_vector(text), sentence_vector(text[:400]), atol=1e-5)


def test_the_encoder_is_loaded_once() -> None:
    assert sentence_encoder() is sentence_encoder()


def test_other_weights_have_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = SentenceFeaturizer.fingerprint_addon({})
    monkeypatch.setattr(sentence_featurizer, "version", lambda _: "99")
    assert SentenceFeaturizer.fingerprint_addon({}) != before


def test_a_scale_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="scale"):
        sentence_vector("ciao", scale=0)


def test_ngrams_are_the_same_after_loading(tmp_path: Any) -> None:
    storage, resource = LocalModelStorage(tmp_path), Resource("ngrams")
    config = {**NgramFeaturizer.get_default_config(), "min_texts": 1}
    trained = NgramFeaturizer.create(config, storage, resource, CONTEXT)
    examples = [Message({TEXT: t, INTENT: "a"}) for t in ("perché no", "però sì", "ricetta")]
    trained.train(TrainingData(examples))
    loaded = NgramFeaturizer.load(config, storage, resource, CONTEXT)
    vectors = [
        stacked_features(each.process([Message({TEXT: "PERCHE la ricetta"})]), WINDOWS)[0][
            0
        ].toarray()
        for each in (trained, loaded)
    ]
    np.testing.assert_allclose(vectors[0], vectors[1])
    assert np.linalg.norm(vectors[0]) == pytest.approx(3.0)


def test_ngrams_weigh_what_scikit_learn_says(tmp_path: Any) -> None:
    storage, resource = LocalModelStorage(tmp_path), Resource("ngrams")
    config = {**NgramFeaturizer.get_default_config(), "min_texts": 1}
    texts = ["la ricetta, la ricetta", "la visita è scaduta", ""]
    NgramFeaturizer.create(config, storage, resource, CONTEXT).train(
        TrainingData([Message({TEXT: text, INTENT: "a"}) for text in texts])
    )
    found = NgramFeaturizer.load(config, storage, resource, CONTEXT).features_of(texts)
    wanted = ngram_vectorizer(config).fit(texts[:2]).transform(texts) * config["weight"]
    np.testing.assert_allclose(found.toarray(), wanted.toarray(), atol=1e-6)


def test_word_ngrams_know_which_words_stand_together(tmp_path: Any) -> None:
    more = {"analyzer": "word", "min_texts": 1, "min_ngram": 1, "max_ngram": 2}
    config = {**NgramFeaturizer.get_default_config(), **more}
    storage, resource = LocalModelStorage(tmp_path), Resource("words")
    featurizer = NgramFeaturizer.create(config, storage, resource, CONTEXT)
    texts = ["non respira", "respira, non parla"]
    featurizer.train(TrainingData([Message({TEXT: text, INTENT: "a"}) for text in texts]))
    first, second = featurizer.features_of(texts).toarray()
    in_both = {"non", "respira"}
    assert first.any() and (first * second).nonzero()[0].size == len(in_both)


@pytest.mark.parametrize("component", [SentenceFeaturizer, NgramFeaturizer])
def test_nothing_of_a_citizens_text_is_kept(tmp_path: Any, component: Any) -> None:
    trained = component.create(component.get_default_config(), None, None, CONTEXT)
    trained.process([Message({TEXT: "a b " * 1_000})])
    assert list(tmp_path.rglob("*")) == []
