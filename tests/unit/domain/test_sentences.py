"""Choice of the sentences of a chat that are worth a look."""

import json
from dataclasses import replace

import pytest

from intercup.domain.dialogue import Draft
from intercup.domain.directory import Directory
from intercup.domain.sentences import (
    Exchange,
    Said,
    Sentence,
    follow,
    left_by,
    said_as_json,
    said_from_json,
    say_the_same,
)

SURE = Sentence(
    id="one",
    sealed="…",
    day="2026-11-29",
    until="2026-12-29",
    step="",
    intent="report_booking_problem",
    confidence=0.9,
    second="report_platform_problem",
    second_confidence=0.05,
    language=None,
    model="abc",
)
UNSURE = replace(SURE, confidence=0.4)
TECHNICAL = Draft(category="technical", step="structure")


def kept(
    directory: Directory, *turns: Exchange
) -> tuple[Said, dict[str, tuple[tuple[str, ...], str | None]]]:
    """Play a chat's turns; return what it remembers, and reasons and label of what was kept."""
    said, found = Said(), {}
    for turn in turns:
        said, sentences = follow(said_from_json(said_as_json(said)), turn, directory)
        found |= {sentence.id: (sentence.reasons, sentence.label) for sentence in sentences}
    return said, found


def test_a_sure_reading_that_leads_on_is_not_kept(directory: Directory) -> None:
    turns = [Exchange(Draft(), TECHNICAL, SURE), Exchange(TECHNICAL, TECHNICAL, payload="/x")]
    assert kept(directory, *turns)[1] == {}


def test_a_sentence_of_low_confidence_is_kept_with_the_next_turn(directory: Directory) -> None:
    first = Exchange(Draft(), Draft(), UNSURE)
    assert kept(directory, first)[1] == {}
    assert kept(directory, first, Exchange(Draft(), Draft()))[1] == {"one": (("low",), None)}


def test_a_name_of_a_structure_may_have_any_reading(directory: Directory) -> None:
    turns = [Exchange(TECHNICAL, TECHNICAL, UNSURE), Exchange(TECHNICAL, TECHNICAL)]
    assert kept(directory, *turns)[1] == {}


def test_the_pressed_button_labels_the_two_readings_question(directory: Directory) -> None:
    asked = Exchange(Draft(), Draft(), SURE, asked=True)
    pressed = Exchange(Draft(), TECHNICAL, payload="/report_platform_problem")
    found = kept(directory, asked, pressed)[1]
    assert found == {"one": (("asked",), "report_platform_problem")}


def test_a_category_corrected_later_marks_the_sentence_that_gave_it(directory: Directory) -> None:
    other = Draft(category="platform", step="privacy")
    turns = [
        Exchange(Draft(), TECHNICAL, SURE),
        Exchange(TECHNICAL, replace(TECHNICAL, structure="ao_papardo"), payload="/x"),
        Exchange(replace(TECHNICAL, structure="ao_papardo"), Draft(step="category")),
        Exchange(Draft(step="category"), other, payload="/report_platform_problem"),
    ]
    assert kept(directory, *turns)[1] == {"one": (("corrected",), "report_platform_problem")}


def test_a_structure_corrected_later_is_labelled_by_its_id(directory: Directory) -> None:
    draft = Draft(category="technical", structure="asp_catania", step="privacy")
    right = replace(draft, structure="ao_cannizzaro")
    turns = [Exchange(Draft(), draft, SURE), Exchange(draft, right, payload="/x")]
    assert kept(directory, *turns)[1] == {"one": (("corrected",), "ao_cannizzaro")}


def test_an_emergency_taken_back_is_labelled_by_its_next_reading(directory: Directory) -> None:
    alarmed = Draft(alarm="m1 ask_facility_information ")
    alarm = replace(SURE, intent="medical_emergency", confidence=1.0)
    turns = [
        Exchange(Draft(), alarmed, alarm),
        Exchange(alarmed, Draft(), payload="/not_emergency"),
    ]
    assert kept(directory, *turns)[1] == {"one": (("calm",), "ask_facility_information")}


def test_the_same_said_twice_counts_where_it_led_nowhere(directory: Directory) -> None:
    again = replace(SURE, id="two")
    stuck = [Exchange(Draft(), Draft(), SURE), Exchange(Draft(), Draft(), again, repeated=True)]
    assert kept(directory, *stuck)[1] == {"one": (("repeated",), None)}
    privacy, regulation = Draft(step="privacy"), Draft(step="regulation")
    agreed = [Exchange(privacy, privacy, SURE), Exchange(privacy, regulation, again, repeated=True)]
    assert kept(directory, *agreed)[1] == {}


def test_an_answer_that_a_step_does_not_understand_is_kept(directory: Directory) -> None:
    missed = replace(TECHNICAL, misses=1)
    turns = [Exchange(TECHNICAL, missed, SURE), Exchange(missed, missed)]
    assert kept(directory, *turns)[1] == {"one": (("low",), None)}


def test_a_refused_consent_ends_the_keeping(directory: Directory) -> None:
    refused = Draft(step="refusal")
    turns = [
        Exchange(Draft(), Draft(), UNSURE),
        Exchange(Draft(step="privacy"), refused, payload="/deny"),
        Exchange(refused, Draft(), replace(UNSURE, id="two")),
        Exchange(Draft(), Draft()),
    ]
    said, found = kept(directory, *turns)
    assert (said.stopped, found) == (True, {})
    assert left_by(said) is None


def test_a_sent_request_was_understood(directory: Directory) -> None:
    turns = [
        Exchange(Draft(), TECHNICAL, SURE),
        Exchange(TECHNICAL, Draft(), payload="/affirm", ended=True),
    ]
    assert kept(directory, *turns)[0] == Said()


@pytest.mark.parametrize(("intent", "reasons"), [("greet", ("left",)), ("thank", None)])
def test_the_last_sentence_before_leaving(intent: str, reasons: tuple[str, ...] | None) -> None:
    left = left_by(Said(replace(SURE, intent=intent)))
    assert (left and left.reasons) == reasons


def test_what_a_chat_remembers_is_json() -> None:
    said = Said(SURE.with_reason("low"), {"category": (SURE, "technical")})
    assert said_from_json(json.loads(json.dumps(said_as_json(said)))) == said


def test_sentences_with_most_words_in_common_say_the_same() -> None:
    assert say_the_same("non riesco a prenotare al papardo", "Non riesco a prenotare al Papardo!")
    assert not say_the_same("non riesco a prenotare", "vorrei sapere gli orari")
    assert not say_the_same("sì", "sì")
