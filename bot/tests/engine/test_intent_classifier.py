import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine.intent_classifier import FullIntentClassifier
from engine.linear_model import LinearModel
from engine.text_features import WINDOWS, Rows
from rasa.core.agent import Agent
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression


def understand(agent: Agent, text: str) -> dict[str, Any]:
    return asyncio.run(agent.parse_message(text))


def test_a_plain_intent_has_no_answer_selected(agent: Agent) -> None:
    parsed = understand(agent, "grazie mille davvero")
    assert parsed["intent"]["name"] == "thank"
    assert "response_selector" not in parsed


def test_a_question_is_known_by_its_intent_and_its_full_name(agent: Agent) -> None:
    intent = understand(agent, "ma che cos'è questo SPID?")["intent"]
    assert (intent["name"], intent["full_retrieval_intent_name"]) == ("faq", "faq/spid")


def test_the_answer_is_selected_as_a_response_selector_would(agent: Agent) -> None:
    parsed = understand(agent, "ma che cos'è questo SPID?")
    selected = parsed["response_selector"]
    assert selected["all_retrieval_intents"] == ["faq"]
    assert selected["faq"]["response"] == {
        "responses": [{"text": "Lo SPID è l'identità digitale."}],
        "confidence": parsed["intent"]["confidence"],
        "intent_response_key": "faq/spid",
        "utter_action": "utter_faq/spid",
    }
    assert selected["faq"]["ranking"][0]["intent_response_key"] == "faq/spid"


def test_rasas_own_action_gives_the_answer(agent: Agent) -> None:
    replies = asyncio.run(agent.handle_text("dove trovo il numero della ricetta?", sender_id="a"))
    assert [reply["text"] for reply in replies] == ["L'NRE è il numero della ricetta."]


def test_where_no_rule_fits_there_is_one_answer(agent: Agent) -> None:
    replies = asyncio.run(agent.handle_text("/affirm", sender_id="no rule"))
    assert [reply["text"] for reply in replies] == ["Non ho una regola."]


def test_the_ranking_has_full_names_and_falling_confidences(agent: Agent) -> None:
    ranking = understand(agent, "dove trovo il numero?")["intent_ranking"]
    confidences = [
        reading["confidence"] for reading in ranking if reading["name"] != "nlu_fallback"
    ]
    assert len(confidences) >= 3
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) <= 1.0 + 1e-6
    assert all("full_retrieval_intent_name" in r for r in ranking if r["name"] == "faq")


@pytest.mark.parametrize("text", ["", " ", "😀"])
def test_a_text_without_words_does_no_harm(agent: Agent, text: str) -> None:
    assert understand(agent, text)["intent"]["name"] is not None


def test_the_regression_is_scikit_learns() -> None:
    random = np.random.default_rng(1)
    labels = [f"label_{i % 4}" for i in range(40)]
    dense = random.normal(size=(40, 60)).astype(np.float32)
    sparse = csr_matrix(random.random((40, 30)) * (random.random((40, 30)) > 0.7))
    dense[1], sparse[1] = dense[5], sparse[5]
    features = [(sparse[i], dense[i : i + 1]) for i in range(40)]
    ours = LinearModel.fit([sparse, dense], labels, strength=0.01, max_iter=1000, tolerance=1e-9)
    matrix = vstack([hstack([s, csr_matrix(d)]) for s, d in features]).tocsr()
    theirs = LogisticRegression(C=0.01, max_iter=1000, class_weight="balanced").fit(matrix, labels)
    probabilities = ours.probabilities_of([sparse, dense])
    np.testing.assert_allclose(probabilities, theirs.predict_proba(matrix), atol=1e-3)


def test_an_intent_left_out_is_never_found(tmp_path: Path) -> None:
    config = {**FullIntentClassifier.get_default_config(), "left_out": ["medical_emergency"]}
    classifier = FullIntentClassifier(config, LocalModelStorage(tmp_path), Resource("intents"))
    examples = [
        example(text, intent, vector)
        for text, intent, vector in (
            ("non respira", "medical_emergency", [1.0, 0.0, 0.0]),
            ("grazie", "thank", [0.0, 1.0, 0.0]),
            ("ciao", "greet", [0.0, 0.0, 1.0]),
        )
    ]
    classifier.train(TrainingData(examples))
    classifier.process(examples)
    assert [e.get("intent")["name"] for e in examples[1:]] == ["thank", "greet"]
    names = {reading["name"] for e in examples for reading in e.get("intent_ranking")}
    assert names == {"thank", "greet"}


def test_what_most_of_a_long_text_says_counts_too(tmp_path: Path) -> None:
    config = FullIntentClassifier.get_default_config()
    classifier = FullIntentClassifier(config, LocalModelStorage(tmp_path), Resource("intents"))
    spam, ham = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]
    classifier.train(TrainingData([example("a", "thank", spam), example("b", "greet", ham)]))
    short, long = example("c", "", [0.6, 0.4, 0.0]), example("d", "", [0.6, 0.4, 0.0], ham, ham)
    classifier.process([short, long])
    assert [e.get("intent")["name"] for e in (short, long)] == ["thank", "greet"]


def example(text: str, intent: str, *vectors: list[float]) -> Message:
    """A message whose whole text and windows have these vectors."""
    message = Message({TEXT: text, "intent": intent})
    rows = Rows(np.array(vectors), 0, len(vectors))
    message.add_features(Features(rows, FEATURE_TYPE_SENTENCE, WINDOWS, "test"))
    return message
