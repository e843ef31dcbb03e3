"""The description: the one step where a text may be an answer, a command or a question."""

from dataclasses import replace

import pytest

from intercup.domain.dialogue import Draft, Heard, advance
from intercup.domain.directory import Directory
from tests.support.dialogue_steps import answers_of, presses, says

ASKED = Draft(category="technical", structure="ao_papardo", step="description")


@pytest.mark.parametrize("text", ["errore", "x" * 9])
def test_a_short_text_asks_for_more(directory: Directory, text: str) -> None:
    outcome = advance(ASKED, says("report_booking_problem", text), directory)
    assert outcome.draft == ASKED
    assert answers_of(outcome) == ["utter_description_short"]


def test_a_short_greeting_is_answered(directory: Directory) -> None:
    outcome = advance(ASKED, says("greet", "salve"), directory)
    assert answers_of(outcome) == ["utter_greet_again"]


def test_ten_characters_are_enough(directory: Directory) -> None:
    assert advance(ASKED, says("report_booking_problem", "x" * 10), directory).draft.description


def test_a_short_sure_command_is_a_command(directory: Directory) -> None:
    assert advance(ASKED, says("cancel", "annulla tutto"), directory).draft.step == "cancel_check"


def test_an_unsure_command_is_a_description(directory: Directory) -> None:
    turn = says("cancel", "vorrei annullare la visita", confidence=0.4)
    assert advance(ASKED, turn, directory).draft.description == "new"


def test_a_long_command_is_a_description(directory: Directory) -> None:
    turn = says("cancel", "ho provato ad annullare tutto ma il sito dice che la sessione è chiusa")
    assert advance(ASKED, turn, directory).draft.description == "new"


@pytest.mark.parametrize("intent", ["faq/spid", "ask_human", "ask_request_status"])
def test_a_question_is_asked_about(directory: Directory, intent: str) -> None:
    outcome = advance(ASKED, says(intent, "come funziona lo SPID?"), directory)
    assert outcome.draft == replace(
        ASKED, step="description_check", pending=f"new {intent}", heard=(Heard("new", length=22),)
    )


def test_a_long_question_is_a_description(directory: Directory) -> None:
    turn = says("faq/spid", "come funziona lo SPID? " * 6)
    assert advance(ASKED, turn, directory).draft.description == "new"


def test_an_unsure_question_is_a_description(directory: Directory) -> None:
    turn = says("faq/spid", "come funziona lo SPID?", confidence=0.5)
    assert advance(ASKED, turn, directory).draft.description == "new"


def test_a_question_that_was_a_description_is_taken(directory: Directory) -> None:
    check = replace(ASKED, step="description_check", pending="m7 faq/spid")
    outcome = advance(check, presses("affirm"), directory)
    assert (outcome.draft.description, outcome.draft.step) == ("m7", "privacy")
    assert outcome.draft.pending is None


@pytest.mark.parametrize(
    ("intent", "answer"), [("faq/spid", "utter_faq/spid"), ("ask_human", "utter_ask_human")]
)
def test_a_question_that_was_one_is_answered(
    directory: Directory, intent: str, answer: str
) -> None:
    check = replace(ASKED, step="description_check", pending=f"m7 {intent}")
    outcome = advance(check, presses("deny"), directory)
    assert outcome.draft == ASKED
    assert answers_of(outcome) == [answer]


def test_cancelling_at_the_check_and_going_on_keeps_the_text(directory: Directory) -> None:
    check = replace(ASKED, step="description_check", pending="m7 faq/spid")
    asked = advance(check, presses("cancel"), directory).draft
    assert advance(asked, presses("deny"), directory).draft == check


OFFERED = replace(ASKED, first_message="m0")


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("deny", "no"),
        ("deny", "no, lo riscrivo"),
        ("edit_answer", "lo riscrivo"),
        ("deny", "no, non è quello che intendevo"),
        ("nlu_fallback", "non usare il testo che ho scritto"),
    ],
)
def test_a_no_to_the_offered_text_is_no_description(
    directory: Directory, intent: str, text: str
) -> None:
    outcome = advance(OFFERED, says(intent, text), directory)
    assert outcome.draft == replace(OFFERED, first_message=None)
    assert answers_of(outcome) == ["utter_description_again"]


@pytest.mark.parametrize(
    ("intent", "text", "offered", "said"),
    [
        ("edit_answer", "no, la ricetta è del 5", "m0 m1 new", "utter_correction_noted"),
        ("deny", "no, non il 4, il 5", "m0 m1 new", "utter_correction_noted"),
        ("edit_answer", "no, ho sbagliato il giorno", "m0 m1", "utter_description_again"),
    ],
)
def test_a_fact_corrected_in_the_offered_text_deletes_nothing(
    directory: Directory, intent: str, text: str, offered: str, said: str
) -> None:
    outcome = advance(replace(ASKED, first_message="m0 m1"), says(intent, text), directory)
    assert (outcome.draft.step, outcome.draft.first_message) == ("description", offered)
    assert answers_of(outcome) == [said]


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("affirm", "sì"),
        ("nlu_fallback", "usi quello che ho già scritto"),
        ("edit_answer", "va bene il testo che ho scritto"),
    ],
)
def test_a_yes_to_the_offered_text_takes_it(directory: Directory, intent: str, text: str) -> None:
    assert advance(OFFERED, says(intent, text), directory).draft.description == "m0"


def test_a_real_description_still_takes_the_place_of_the_offered_text(directory: Directory) -> None:
    text = "no, il problema è un altro: la pagina resta bianca quando scelgo la data della visita"
    assert advance(OFFERED, says("deny", text), directory).draft.description == "new"


@pytest.mark.parametrize(("text", "step"), [("è una domanda", "description"), ("sì", None)])
def test_the_check_is_answered_in_words_too(
    directory: Directory, text: str, step: str | None
) -> None:
    check = replace(ASKED, step="description_check", pending="m5 faq/spid")
    draft = advance(check, says("affirm", text), directory).draft
    assert (draft.step == "description") == (step == "description")
