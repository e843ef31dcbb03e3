import asyncio
from typing import Any

import numpy as np
import pytest
from engine import patches
from engine.emergency_detector import POSSIBLE, EmergencyDetector, _with_narrow
from engine.linear_model import LinearModel
from engine.sentence_featurizer import SentenceFeaturizer
from engine.text_features import NARROW, WINDOWS, Rows
from engine.windows import (
    PART_MAX,
    READ,
    SHORT,
    WORDS,
    narrow_windows,
    windows,
)
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from scipy.sparse import csr_matrix

RANKING = [{"name": "thank", "confidence": 0.8}, {"name": "greet", "confidence": 0.1}]
ADVICE = "Chiami il 112."
STORY = ", ".join(f"ho provato a prenotare la visita numero {n}" for n in range(20))


def detector(**more: Any) -> EmergencyDetector:
    """A detector whose model takes a window's features for the scores of its labels."""
    made = EmergencyDetector({**EmergencyDetector.get_default_config(), **more}, None, None)
    labels = ["doubtful", "none", "sure"]
    made._model = LinearModel(labels, np.eye(3, dtype=np.float32), np.zeros(3, np.float32))
    made._narrow_model = made._model
    return made


Chances = tuple[tuple[float, float], ...]  # of each window: of being doubtful, and sure


def read_as(*chances: tuple[float, float], narrow: Chances = ()) -> Message:
    """A message with windows of these chances."""
    message = Message({TEXT: "testo", "intent": RANKING[0], "intent_ranking": RANKING})
    for attribute, rows in ((WINDOWS, chances), (NARROW, narrow)):
        if rows:
            scores = np.log([[doubtful, 1 - doubtful - sure, sure] for doubtful, sure in rows])
            message.add_features(
                Features(Rows(scores, 0, len(rows)), FEATURE_TYPE_SENTENCE, attribute, "test")
            )
    return message


@pytest.mark.parametrize(
    ("reading", "chances", "narrow", "is_stopped"),
    [
        (("report_booking_problem", 0.99), [(0.1, 0.4)], (), False),
        (("report_booking_problem", 0.97), [(0.1, 0.4)], (), True),
        (("change_booking", 0.99), [(0.1, 0.4)], (), True),
        (("report_booking_problem", 0.99), [(0.1, 0.6)], (), True),
        (("report_booking_problem", 0.99), [(0.1, 0.4), (0.1, 0.5)], (), True),
        (("report_booking_problem", 0.99), [(0.1, 0.4)], ((0.01, 0.95),), True),
        (None, [(0.1, 0.4)], (), True),
    ],
)
def test_a_fault_that_is_certain_is_stopped_by_a_high_chance_only(
    reading: Any, chances: list[tuple[float, float]], narrow: Chances, is_stopped: bool
) -> None:
    message = read_as(*chances, narrow=narrow)
    ranking = [{"name": reading[0], "confidence": reading[1]}] if reading else []
    message.set("intent_ranking", ranking)
    bounds = {"sure": 0.3, "agreed_sure": 0.2, "part_possible": 0.4, "narrow_sure": 0.9}
    others = {"overruled": 0.5, "other_certain": 0.98, "others": ["report_booking_problem"]}
    detector(**bounds, **others).process([message])
    assert (message.get("intent")["name"] == "medical_emergency") == is_stopped
    assert bool(message.get(POSSIBLE)) != is_stopped


def judged(*chances: tuple[float, float], narrow: Chances = ()) -> Message:
    message = read_as(*chances, narrow=narrow)
    bounds = {"sure": 0.3, "agreed_sure": 0.2, "part_sure": 0.6, "narrow_sure": 0.9}
    bounds |= {"possible": 0.2, "agreed_possible": 0.12, "part_possible": 0.4}
    bounds |= {"narrow_possible": 0.7}
    detector(**bounds).process([message])
    return message


def test_a_sure_emergency_comes_before_the_next_reading() -> None:
    message = judged((0.1, 0.4))
    assert message.get("intent") == {"name": "medical_emergency", "confidence": 1.0}
    names = [reading["name"] for reading in message.get("intent_ranking")]
    assert names == ["medical_emergency", "thank", "greet"]
    assert message.get(POSSIBLE) is None


def test_a_doubtful_one_leaves_the_reading_and_is_marked() -> None:
    message = judged((0.15, 0.1))
    assert (message.get("intent"), message.get("intent_ranking")) == (RANKING[0], RANKING)
    assert message.get(POSSIBLE) is True


def test_a_harmless_text_stays_as_it_is() -> None:
    message = judged((0.05, 0.05), (0.1, 0.05))
    assert (message.get("intent"), message.get(POSSIBLE)) == (RANKING[0], None)


def test_a_window_must_be_surer_than_the_whole_text() -> None:
    message = judged((0.05, 0.05), (0.2, 0.35))
    assert (message.get("intent"), message.get(POSSIBLE)) == (RANKING[0], True)


def test_the_worst_window_decides() -> None:
    assert judged((0.01, 0.01), (0.01, 0.9)).get("intent")["name"] == "medical_emergency"
    assert judged((0.01, 0.01), (0.5, 0.01)).get(POSSIBLE) is True


def test_a_long_text_that_no_window_agrees_with_is_in_no_tier() -> None:
    message = judged((0.05, 0.7), (0.05, 0.05))
    assert (message.get("intent"), message.get(POSSIBLE)) == (RANKING[0], None)
    assert judged((0.05, 0.8), (0.05, 0.05)).get(POSSIBLE) is True
    assert judged((0.05, 0.7), (0.05, 0.1)).get(POSSIBLE) is True
    message = judged((0.05, 0.4), (0.05, 0.05), (0.05, 0.25))
    assert message.get("intent")["name"] == "medical_emergency"


def test_a_narrow_window_decides_where_it_is_surer_still() -> None:
    harmless = (0.05, 0.05)
    found = judged(harmless, harmless, narrow=(harmless, (0.02, 0.95)))
    assert found.get("intent")["name"] == "medical_emergency"
    doubtful = judged(harmless, harmless, narrow=((0.02, 0.8), harmless))
    assert (doubtful.get("intent"), doubtful.get(POSSIBLE)) == (RANKING[0], True)
    message = judged(harmless, harmless, narrow=((0.02, 0.6), harmless))
    assert (message.get("intent"), message.get(POSSIBLE)) == (RANKING[0], None)


def test_the_narrow_windows_of_harmless_examples_teach_only() -> None:
    examples = [sparse_with_narrow() for _ in range(3)]
    features = [csr_matrix((3, 3)), np.zeros((3, 4))]
    labels = ["none", "sure", "doubtful"]
    taught, taught_labels = _with_narrow(features, labels, examples, labels)
    assert ([block.shape for block in taught], taught_labels) == (
        [(5, 3)],
        [*labels, "none", "none"],
    )
    taught, taught_labels = _with_narrow(features, labels, [read_as((0.1, 0.1))] * 3, labels)
    assert ([block.shape for block in taught], taught_labels) == ([(3, 3)], labels)


def sparse_with_narrow() -> Message:
    message = Message({TEXT: "testo"})
    message.add_features(
        Features(Rows(csr_matrix((2, 3)), 0, 2), FEATURE_TYPE_SENTENCE, NARROW, "test")
    )
    return message


def test_narrow_windows_have_a_model_of_their_own() -> None:
    harmless = (0.05, 0.05)
    made = detector(narrow_sure=0.9)
    made._narrow_model = LinearModel(made._model.labels, np.zeros((3, 3)), np.array([0, 9, 0]))
    message = read_as(harmless, harmless, narrow=(harmless, (0.02, 0.95)))
    made.process([message])
    assert message.get("intent") == RANKING[0]


def test_narrow_windows_are_not_embedded() -> None:
    message = Message({TEXT: STORY})
    SentenceFeaturizer("test", SentenceFeaturizer.get_default_config()).process([message])
    assert {features.attribute for features in message.features} == {WINDOWS}


def test_a_message_without_a_text_is_left_alone() -> None:
    message = Message({"intent": RANKING[0]})
    detector().process([message])
    assert message.get("intent") == RANKING[0]


def test_a_short_text_is_its_own_only_window() -> None:
    text = "x" * SHORT
    assert windows(text) == [text]


def test_every_word_of_a_long_text_is_in_a_window() -> None:
    whole, *parts = windows(STORY)
    assert whole == STORY
    assert all(any(f"numero {n}" in part for part in parts) for n in range(20))
    assert max(map(len, parts)) <= PART_MAX


def test_a_text_without_punctuation_is_cut_all_the_same() -> None:
    parts = windows("parola " * 5_000)[1:]
    assert max(map(len, parts)) <= PART_MAX
    assert sum(map(len, parts)) <= 2 * READ


def test_words_at_any_place_are_in_one_window_also_in_capitals() -> None:
    alarm = "mia madre non respira con le labbra tutte blu"
    filler = "vorrei la visita che abbiamo prenotato per il mese prossimo "
    texts = (f"{(filler * 9)[:start]} {alarm} {filler * 9}" for start in range(400))
    assert all(any(alarm in part for part in windows(text)[1:]) for text in texts)
    parts = [windows(text)[1:] for text in (STORY, STORY.upper())]
    assert [part.upper() for part in parts[0]] == parts[1]


def test_a_danger_told_in_a_few_words_is_in_a_narrow_window_at_any_place() -> None:
    alarm = "mamma non respira più"
    filler = ["parola"] * 300
    for start in range(0, 300, 3):
        words = [*filler[:start], *alarm.split(), *filler[start:]]
        parts = narrow_windows(" ".join(words))
        assert any(alarm in part for part in parts), start
        assert max(len(part.split()) for part in parts) == WORDS


def test_narrow_windows_are_bounded_and_only_of_long_texts() -> None:
    assert narrow_windows("x" * SHORT) == []
    assert narrow_windows("x" * (READ + SHORT)) == ["x" * READ]
    assert narrow_windows(" " * (SHORT + 1)) == [""]
    assert len(narrow_windows("a " * READ)) <= READ // WORDS
    assert len(narrow_windows("parola " * READ, WORDS)) < len(narrow_windows("parola " * READ))


@pytest.mark.parametrize(("possible", "said"), [(True, [ADVICE]), (None, [])])
def test_the_advice_stands_above_the_answer_to_a_doubtful_text(
    monkeypatch: pytest.MonkeyPatch, agent: Agent, possible: bool | None, said: list[str]
) -> None:
    class Sentences:
        async def generate(self, name: str, *_: Any) -> dict[str, str]:
            assert name == patches.ADVICE
            return {"text": ADVICE}

    patched = patches._advise
    monkeypatch.setattr(agent.processor, "nlg", Sentences())
    tracker = DialogueStateTracker("a", [])
    tracker.update(UserUttered("x", {"name": "greet"}, parse_data={POSSIBLE: possible}))
    channel = CollectingOutputChannel()
    asyncio.run(patched(agent.processor, channel, tracker))
    assert [each["text"] for each in channel.messages if "text" in each] == said


@pytest.mark.parametrize(
    ("told", "chances", "tier"),
    [
        ("sure", (0.01, 0.01), "sure"),
        ("doubtful", (0.01, 0.01), "doubtful"),
        ("doubtful", (0.01, 0.9), "sure"),
        ("none of ours", (0.01, 0.01), "none"),
        (None, (0.01, 0.9), "sure"),
    ],
)
def test_the_words_of_the_service_only_add_to_the_models_judgement(
    told: str | None, chances: tuple[float, float], tier: str
) -> None:
    message = read_as(chances)
    message.set("metadata", {"emergency": told} if told else None)
    detector().process([message])
    is_sure = message.get("intent")["name"] == "medical_emergency"
    assert (is_sure, bool(message.get(POSSIBLE))) == (tier == "sure", tier == "doubtful")
