"""An emergency stops everything, is never the description by itself, and can be taken back."""

from dataclasses import replace
from typing import get_args

import pytest

from intercup.domain.dialogue import EMERGENCY, TAKEN_BACK, Draft, advance, after_login
from intercup.domain.dialogue.draft import Step
from intercup.domain.directory import Directory
from tests.support.dialogue_steps import COMPLETE, answers_of, presses, says
from tests.unit.domain.dialogue.test_detours import at

STORY = "mia madre è caduta in bagno, ha sbattuto la testa e adesso non risponde più"
STEPS = tuple(step for step in get_args(Step.__value__) if step != "alarm")
ALARM = says(EMERGENCY, STORY, next_intent="report_booking_problem")
DESCRIPTION = replace(COMPLETE, description=None, step="description")


@pytest.mark.parametrize("step", STEPS)
def test_every_step_stands_still(directory: Directory, step: str) -> None:
    outcome = advance(at(step), ALARM, directory)
    assert outcome.draft.step == "alarm"
    assert outcome.ending is None
    assert replace(outcome.draft, step=at(step).step, alarm=None, heard=()) == at(step)


@pytest.mark.parametrize("step", STEPS)
def test_taken_back_by_a_button_the_same_question_comes_again(
    directory: Directory, step: str
) -> None:
    alarmed = advance(at(step), says(EMERGENCY, "sto male"), directory).draft
    outcome = advance(alarmed, presses(TAKEN_BACK), directory)
    assert replace(outcome.draft, heard=()) == at(step)
    assert answers_of(outcome) == ["utter_alarm_over"]


def test_an_emergency_is_not_the_description(directory: Directory) -> None:
    alarmed = advance(DESCRIPTION, ALARM, directory).draft
    assert (alarmed.description, alarmed.first_message) == (None, None)
    again = advance(alarmed, says(EMERGENCY, "non respira più, aiuto, che cosa faccio"), directory)
    assert (again.draft.step, again.draft.description) == ("alarm", None)


def test_taken_back_its_text_is_offered_and_not_taken(directory: Directory) -> None:
    alarmed = advance(DESCRIPTION, ALARM, directory).draft
    calm = advance(alarmed, presses(TAKEN_BACK), directory).draft
    assert (calm.step, calm.description, calm.first_message) == ("description", None, "new")


@pytest.mark.parametrize(
    "text",
    [
        "non è un'emergenza",
        "no no sta bene, è solo un controllo dopo l'infarto",
        "i soccorsi li ho chiamati, riprendiamo",
        "ho già chiamato il 118",
        "era tre anni fa",
        "falso allarme",
        "voglio solo un controllo",
        "tutto bene, continui",
    ],
)
@pytest.mark.parametrize("intent", [EMERGENCY, "nlu_fallback", "cancel", "affirm"])
def test_it_is_taken_back_in_any_words_whatever_the_model_finds(
    directory: Directory, text: str, intent: str
) -> None:
    alarmed = advance(at("privacy"), ALARM, directory).draft
    outcome = advance(alarmed, says(intent, text), directory)
    assert outcome.draft.step == "privacy"
    advice = ["utter_possible_emergency"] if intent == EMERGENCY else []
    assert answers_of(outcome) == [*advice, "utter_alarm_over"]


def test_a_yes_does_not_take_it_back(directory: Directory) -> None:
    alarmed = advance(COMPLETE, ALARM, directory).draft
    outcome = advance(alarmed, says("affirm", "sì"), directory)
    assert (outcome.draft.step, outcome.ending) == ("alarm", None)


def test_any_other_answer_goes_on_where_it_stopped(directory: Directory) -> None:
    alarmed = advance(Draft(category="technical", step="structure"), ALARM, directory).draft
    outcome = advance(alarmed, says("inform_structure", "papardo"), directory)
    assert (outcome.draft.structure, outcome.draft.description) == ("ao_papardo", None)


def test_the_next_reading_of_the_text_opens_its_category(directory: Directory) -> None:
    alarmed = advance(Draft(step="category"), ALARM, directory).draft
    calm = advance(alarmed, presses(TAKEN_BACK), directory).draft
    assert (calm.category, calm.step, calm.first_message) == ("technical", "structure", "new")


def test_a_login_ends_a_message_about_access_behind_an_alarm_too(directory: Directory) -> None:
    alarmed = advance(at("access_help"), ALARM, directory).draft
    assert after_login(alarmed).step is None
