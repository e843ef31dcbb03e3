import asyncio
from typing import Any

import numpy as np
import pytest
from engine.intent_classifier import FullIntentClassifier
from engine.linear_model import LinearModel
from rasa.core.agent import Agent
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
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
    probabilities = np.stack([ours.probabilities(*each) for each in features])
    np.testing.assert_allclose(probabilities, theirs.predict_proba(matrix), atol=1e-3)


@pytest.mark.parametrize(
    ("chance", "word", "winner"),
    [
        (0.25, None, "thank"),
        (0.35, None, "medical_emergency"),
        (0.02, "medical_emergency/breath", "thank"),
        (0.10, "medical_emergency/breath", "medical_emergency"),
        (0.10, "other/breath", "thank"),
    ],
)
def test_an_urgent_intent_wins_though_another_is_likelier(
    chance: float, word: str | None, winner: str
) -> None:
    bounds = {"alone": 0.3, "with_word": 0.05}
    config = FullIntentClassifier.get_default_config()
    classifier = FullIntentClassifier(
        {**config, "urgent": {"medical_emergency": bounds, "unknown": bounds}}, None, None
    )
    bias = np.log(np.array([chance, 1 - chance]))
    classifier._model = LinearModel(["medical_emergency", "thank"], np.empty((0, 2)), bias)
    token = Token("aiuto", 0, data={"pattern": {word: True}} if word else {})
    message = Message({TEXT: "aiuto", "text_tokens": [token]})
    classifier.process([message])
    assert message.get("intent")["name"] == winner
    assert (message.get("intent")["confidence"] == 1.0) == (winner == "medical_emergency")
