"""The comparison of two models."""

from pathlib import Path

from evaluation.metrics import Prediction
from evaluation.sentences import BOT
from evaluation.trial import changes, compared, emergencies, misread, unanswered

EMERGENCY = "medical_emergency"


def test_a_set_shows_the_intents_whose_recall_changed() -> None:
    old = [Prediction("a", "greet", "greet", 0.9), Prediction("b", "thank", "greet", 0.9)]
    new = [Prediction("a", "greet", "greet", 0.9), Prediction("b", "thank", "thank", 0.9)]
    assert compared(old, new) == {
        "sentences": 2,
        "before": 0.5,
        "after": 1.0,
        "intents": {"thank": [0.0, 1.0, 1]},
    }


def test_a_question_back_is_another_reading() -> None:
    old = [Prediction("a", "greet", "greet", 0.9), Prediction("b", "thank", "thank", 0.9)]
    new = [Prediction("a", "greet", "greet", 0.3, asked=True), old[1]]
    assert changes("dev", old, new) == [
        {"set": "dev", "text": "a", "label": "greet", "before": "greet", "after": "greet?"}
    ]


def test_an_emergency_found_in_no_tier_is_lost() -> None:
    found = Prediction("a", EMERGENCY, EMERGENCY, 0.9)
    advised = Prediction("a", EMERGENCY, "out_of_scope", 0.9, possible=True)
    missed = Prediction("a", EMERGENCY, "out_of_scope", 0.9)
    harmless = Prediction("b", "greet", "greet", 0.9)
    assert emergencies([found, harmless], [advised, harmless]) == []
    assert emergencies([advised, harmless], [missed, harmless]) == ["a"]


def test_a_known_sentence_that_is_misread_or_asked_about_is_named() -> None:
    known = [
        Prediction("a", "greet", "greet", 0.9),
        Prediction("b", "thank", "greet", 0.9),
        Prediction("c", "thank", "thank", 0.3, asked=True),
    ]
    assert misread(known) == [
        {"text": "b", "label": "thank", "after": "greet"},
        {"text": "c", "label": "thank", "after": "thank?"},
    ]


def test_every_intent_of_the_program_is_answered_and_a_new_one_is_not(tmp_path: Path) -> None:
    assert unanswered(BOT) == []
    (tmp_path / "data").mkdir()
    for name in ("data/faq.yml", "data/rules.yml"):
        (tmp_path / name).write_text((BOT / name).read_text("utf-8"), "utf-8")
    domain = (BOT / "domain.yml").read_text("utf-8")
    assert "\nintents:\n" in domain
    more = domain.replace("\nintents:\n", "\nintents:\n  - ask_weather\n")
    (tmp_path / "domain.yml").write_text(more.replace("utter_greet:", "utter_hello:"), "utf-8")
    assert unanswered(tmp_path) == ["ask_weather", "utter_greet"]
