"""Changing one's mind, asking in the middle, refusing, cancelling: nothing given is lost."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intercup.domain.dialogue import EMERGENCY, TAKEN_BACK, Draft, Turn, advance, open_request
from intercup.domain.dialogue.draft import ACCESS_STEPS, Step
from intercup.domain.dialogue.interruption import INTERRUPTIONS, STEP_ANSWERS
from intercup.domain.dialogue.order import FIELDS
from intercup.domain.directory import Directory
from tests.support.dialogue_steps import COMPLETE, answers_of, presses, says

STEPS = tuple(step for step in get_args(Step.__value__) if step != "alarm")
CONSENTS = ("privacy", "regulation")
PROBLEMS = (
    *("report_booking_problem", "ask_facility_information", "change_booking"),
    *("report_platform_problem", "report_access_problem"),
)
INTENTS = (*sorted(INTERRUPTIONS | STEP_ANSWERS), *PROBLEMS, "faq/spid", EMERGENCY, TAKEN_BACK, "?")
WORDS = (None, "sì", "no", "papardo", "Catania", "la struttura", "annulla tutto", "x" * 200)
TURNS = st.builds(
    lambda intent, text, confidence: Turn(intent, confidence, text, "m9", len(text or "")),
    st.sampled_from(("affirm", "deny", "cancel", "edit_answer")) | st.sampled_from(INTENTS),
    st.none() | st.sampled_from(WORDS),
    st.sampled_from((0.3, 0.9)),
)


def at(step: str) -> Draft:
    """A draft at this step, as the flow itself leaves it."""
    if step == "access_help":
        return Draft(first_message="m1", step="access_help")
    if step in ACCESS_STEPS:
        return replace(COMPLETE, category="access", structure=None, step=step)
    asked = {"refusal": "privacy", "cancel_check": "privacy", "description_check": "description"}
    empty = asked.get(step, step)
    draft = replace(COMPLETE, **{empty: None}) if empty in FIELDS else COMPLETE
    pending = "m1 faq/spid" if step == "description_check" else None
    version = getattr(COMPLETE, empty) if empty in CONSENTS else None
    return replace(draft, step=step, pending=pending, consent_asked=version)


@pytest.mark.parametrize("step", [step for step in STEPS if step != "description"])
@pytest.mark.parametrize(
    ("intent", "answer"),
    [
        ("faq/spid", "utter_faq/spid"),
        ("greet", "utter_greet_again"),
        ("ask_human", "utter_ask_human"),
        ("out_of_scope", "utter_out_of_scope"),
    ],
)
def test_a_question_in_the_middle_leaves_the_step_open(
    directory: Directory, step: str, intent: str, answer: str
) -> None:
    outcome = advance(at(step), says(intent, "ma come funziona?"), directory)
    assert outcome.draft == at(step)
    assert answers_of(outcome) == [answer]


@pytest.mark.parametrize("step", [step for step in STEPS if step != "description"])
def test_what_is_not_understood_leaves_the_step_open(directory: Directory, step: str) -> None:
    outcome = advance(at(step), says("nlu_fallback", "bla bla bla"), directory)
    assert replace(outcome.draft, misses=0) == at(step)
    helped = {
        "privacy": "utter_consent_help",
        "regulation": "utter_consent_help",
        "structure": "utter_structure_help",
    }
    assert answers_of(outcome) == [helped.get(step, "utter_step_unknown")]


def test_who_is_not_understood_twice_in_a_row_is_offered_another_way(directory: Directory) -> None:
    draft = at("privacy")
    said = []
    for text in ("bla bla", "non so", "boh"):
        outcome = advance(draft, says("nlu_fallback", text), directory)
        draft, said = outcome.draft, [*said, *answers_of(outcome)]
    assert said == ["utter_consent_help", "utter_step_lost", "utter_step_lost"]
    understood = advance(draft, says("greet", "ciao"), directory).draft
    assert understood == at("privacy")


@pytest.mark.parametrize("field", ["category", "structure", "description"])
def test_an_edit_goes_to_its_field_and_keeps_the_others(directory: Directory, field: str) -> None:
    outcome = advance(COMPLETE, presses("edit_answer", field=field), directory)
    first_message = "m1" if field == "description" else None
    assert outcome.draft == replace(
        COMPLETE, **{field: None, "step": field, "first_message": first_message}
    )


@pytest.mark.parametrize(
    ("field", "turn"),
    [
        ("category", presses("ask_facility_information")),
        ("structure", says("inform_structure", "asp trapani")),
        ("description", says("report_booking_problem", "la pagina resta bianca")),
        ("description", presses("affirm")),
    ],
)
def test_an_edited_field_leads_back_to_the_summary(
    directory: Directory, field: str, turn: Turn
) -> None:
    editing = advance(COMPLETE, presses("edit_answer", field=field), directory).draft
    outcome = advance(editing, turn, directory)
    assert (outcome.draft.step, outcome.draft.privacy) == (
        "confirmation",
        COMPLETE.privacy,
    )


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("ho sbagliato struttura", "structure"),
        ("vorrei cambiare la descrizione", "description"),
        ("la categoria non è giusta", "category"),
        ("devo cambiare ospedale", "structure"),
    ],
)
def test_an_edit_in_words_finds_its_field(directory: Directory, text: str, field: str) -> None:
    assert advance(at("privacy"), says("edit_answer", text), directory).draft.step == field


@pytest.mark.parametrize("text", ["ho sbagliato", "ho sbagliato struttura e descrizione"])
def test_an_edit_of_an_unclear_field_asks_which(directory: Directory, text: str) -> None:
    asked = advance(at("regulation"), says("edit_answer", text), directory).draft
    assert asked.step == "edit_choice"
    assert advance(asked, presses("deny"), directory).draft.step == "regulation"


def test_no_at_the_summary_asks_what_to_change(directory: Directory) -> None:
    asked = advance(COMPLETE, presses("deny"), directory).draft
    assert asked.step == "edit_choice"
    assert advance(asked, presses("deny"), directory).draft == COMPLETE


def test_an_edit_to_a_category_of_a_structure_asks_for_one(directory: Directory) -> None:
    platform = replace(COMPLETE, category=None, structure="none", step="category")
    draft = advance(platform, presses("report_booking_problem"), directory).draft
    assert (draft.structure, draft.step) == (None, "structure")


@pytest.mark.parametrize("consent", CONSENTS)
def test_a_refused_consent_can_be_thought_over(directory: Directory, consent: str) -> None:
    asking = at(consent)
    refused = advance(asking, presses("deny"), directory).draft
    assert refused == replace(asking, step="refusal")
    assert advance(refused, presses("affirm"), directory).draft == asking


@pytest.mark.parametrize("consent", CONSENTS)
def test_a_refused_consent_can_leave_all_as_it_is(directory: Directory, consent: str) -> None:
    refused = replace(COMPLETE, **{consent: None, "step": "refusal"})
    outcome = advance(refused, presses("deny"), directory)
    assert (outcome.ending, answers_of(outcome)) == ("pause", ["utter_request_kept"])
    assert outcome.draft == replace(COMPLETE, **{consent: None, "step": None})


def test_a_refused_consent_can_delete_all(directory: Directory) -> None:
    asked = advance(at("refusal"), presses("cancel"), directory).draft
    assert asked.step == "cancel_check"
    outcome = advance(asked, presses("affirm"), directory)
    assert (outcome.ending, outcome.draft) == ("cancel", Draft())


@pytest.mark.parametrize("step", [s for s in STEPS if s not in ("cancel_check", "access_help")])
def test_cancelling_is_asked_again_and_can_be_taken_back(directory: Directory, step: str) -> None:
    asked = advance(at(step), says("cancel", "annulla tutto"), directory).draft
    assert asked.step == "cancel_check"
    # From a question about a question the flow goes back to the first of the two.
    back = {"refusal": replace(at("refusal"), step="privacy"), "edit_choice": COMPLETE}
    back |= {"office": COMPLETE}
    back |= {"code": at("address")}  # the address isn't proved yet: it is asked again
    assert advance(asked, presses("deny"), directory).draft == back.get(step, at(step))


@settings(max_examples=500)
@given(
    step=st.sampled_from((None, *STEPS)),
    turns=st.lists(TURNS, max_size=8),
    alarmed=st.booleans(),
)
def test_the_flow_always_asks_something_until_it_ends(
    directory: Directory, step: str | None, turns: list[Turn], alarmed: bool
) -> None:
    begun = open_request(Draft(), Turn("request_assistance"), directory).draft
    draft = at(step) if step else begun
    draft = replace(draft, step="alarm") if alarmed else draft
    for turn in turns:
        outcome = advance(draft, turn, directory)
        assert (outcome.draft.step is None) == (outcome.ending is not None), (draft, turn)
        if outcome.ending:
            return
        draft = outcome.draft


@pytest.mark.parametrize("text", ["niente", "Nulla.", "va bene così", "lasci stare"])
def test_nothing_to_change_leads_back(directory: Directory, text: str) -> None:
    asked = replace(COMPLETE, step="edit_choice")
    assert advance(asked, says("nlu_fallback", text), directory).draft == COMPLETE
