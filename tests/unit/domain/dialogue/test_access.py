"""Before login: help, a message to send alone or from here, and the login in the middle of it."""

from dataclasses import replace

import pytest

from intercup.domain.dialogue import (
    ACCESS,
    Draft,
    Heard,
    Turn,
    advance,
    after_login,
    draft_as_json,
    draft_from_json,
    open_request,
)
from intercup.domain.directory import Directory
from tests.support.dialogue_steps import COMPLETE, PRIVACY_VERSION, answers_of, presses, says

STORY = "dopo lo SPID torno sempre alla pagina iniziale"
HELP = Draft(first_message="m1", step="access_help")
ADDRESS = Draft(category=ACCESS, description="m1", step="address")
CODE = replace(ADDRESS, step="code")
OTHER_CATEGORIES = ("report_booking_problem", "ask_facility_information", "change_booking")


def opened(directory: Directory, turn: Turn) -> tuple[list[str], Draft]:
    outcome = open_request(Draft(), replace(turn, authenticated=False), directory)
    return answers_of(outcome), outcome.draft


def test_an_access_problem_finds_help_and_the_text_is_kept(directory: Directory) -> None:
    said, draft = opened(directory, says("report_access_problem", STORY))
    assert said == ["utter_access_problem"]
    assert (draft.step, draft.description, draft.category) == ("access_help", "new", None)


def test_a_problem_of_the_platform_finds_help_too(directory: Directory) -> None:
    said, draft = opened(
        directory,
        says("report_platform_problem", "la pagina iniziale resta bianca e non si apre niente"),
    )
    assert said == ["utter_platform_before_login"]
    assert (draft.step, draft.description, draft.category) == ("access_help", "new", "platform")


@pytest.mark.parametrize("intent", [*OTHER_CATEGORIES, "request_assistance", "inform_structure"])
def test_all_else_needs_the_login_and_is_noted(directory: Directory, intent: str) -> None:
    said, draft = opened(directory, says(intent, "per il Papardo di Messina, grazie mille"))
    assert said[-1:] == ["utter_login_needed"]
    assert ("utter_change_booking" in said) == (intent == "change_booking")
    assert (draft.step, draft.structure) == (None, "ao_papardo")


@pytest.mark.parametrize("intent", ["affirm", "request_assistance"])
def test_a_yes_starts_the_message(directory: Directory, intent: str) -> None:
    draft = advance(HELP, presses(intent), directory).draft
    assert (draft.category, draft.step, draft.first_message) == (ACCESS, "description", "m1")


@pytest.mark.parametrize("intent", ["deny", "thank", "goodbye"])
def test_a_no_leaves_all_as_it_is(directory: Directory, intent: str) -> None:
    outcome = advance(HELP, presses(intent), directory)
    assert (outcome.ending, answers_of(outcome)) == ("pause", ["utter_access_left"])
    assert outcome.draft.first_message == "m1"


def test_another_story_goes_on_after_the_first(directory: Directory) -> None:
    first = Heard("m1", ("ao_papardo",), "access", 1_900)
    draft = replace(HELP, heard=(first,))
    outcome = advance(draft, says("report_access_problem", STORY), directory)
    assert (outcome.draft.first_message, outcome.draft.step) == ("m1 new", "access_help")
    both = outcome.draft.heard_in("m1 new")
    assert (both.structures, both.topic) == (("ao_papardo",), "access")
    # A description may not become too long: then the newer text counts.
    again = advance(
        outcome.draft, replace(says("report_access_problem", STORY), message_id="x"), directory
    )
    longer = replace(says("report_access_problem", STORY), message_id="y", length=200)
    assert again.draft.first_message == "m1 new x"
    assert advance(again.draft, longer, directory).draft.first_message == "y"


@pytest.mark.parametrize(
    "text",
    ["ok, ho risolto", "grazie, adesso funziona", "sono riuscita a entrare", "tutto risolto"],
)
@pytest.mark.parametrize("intent", ["affirm", "thank", "cancel", "report_access_problem"])
def test_who_has_solved_it_sends_nothing(directory: Directory, intent: str, text: str) -> None:
    outcome = advance(HELP, says(intent, text), directory)
    assert (outcome.ending, answers_of(outcome)) == ("pause", ["utter_access_left"])


@pytest.mark.parametrize(
    "text", ["invia tu il messaggio", "lo mandi lei per favore", "scrivete voi"]
)
def test_send_it_for_me_is_understood_in_words(directory: Directory, text: str) -> None:
    assert advance(HELP, says("nlu_fallback", text), directory).draft.category == ACCESS


def test_an_unsure_yes_starts_nothing(directory: Directory) -> None:
    assert advance(HELP, says("affirm", "ok aspetti"), directory).draft.category is None


@pytest.mark.parametrize("intent", OTHER_CATEGORIES)
def test_a_matter_of_a_structure_still_needs_the_login(directory: Directory, intent: str) -> None:
    outcome = advance(HELP, says(intent, "non riesco a prenotare al Papardo"), directory)
    assert (outcome.ending, answers_of(outcome)) == ("pause", ["utter_login_needed"])
    assert outcome.draft.structure == "ao_papardo"


def test_the_message_asks_for_no_structure(directory: Directory) -> None:
    draft = Draft(category=ACCESS, step="description")
    steps = []
    for turn in (
        says("report_access_problem", STORY),
        says("out_of_scope", "indirizzo e-mail", address="sent"),
        says("out_of_scope", "numero", code="right"),
        presses("affirm"),
        presses("affirm"),
    ):
        draft = advance(draft, turn, directory).draft
        steps.append(draft.step)
    assert steps == ["address", "code", "privacy", "regulation", "confirmation"]
    assert (draft.address, draft.structure) == ("proved", None)


@pytest.mark.parametrize(
    ("draft", "verdict", "answer"),
    [
        (ADDRESS, "invalid", "utter_address_invalid"),
        (CODE, "invalid", "utter_address_invalid"),
        (CODE, "limited", "utter_code_limited"),
    ],
)
def test_an_address_without_a_code_keeps_the_question_open(
    directory: Directory, draft: Draft, verdict: str, answer: str
) -> None:
    outcome = advance(draft, says("affirm", "indirizzo", address=verdict), directory)
    assert (outcome.draft, answers_of(outcome)) == (draft, [answer])


def test_over_the_limit_of_codes_the_request_waits_and_no_address_is_asked_for(
    directory: Directory,
) -> None:
    for draft in (ADDRESS, replace(ADDRESS, step="access_help")):
        outcome = advance(draft, says("affirm", "indirizzo", address="limited"), directory)
        assert (outcome.ending, outcome.draft) == ("pause", replace(ADDRESS, step=None))
        assert answers_of(outcome) == ["utter_address_limited"]


def test_over_the_limit_of_codes_the_address_from_spid_stays(directory: Directory) -> None:
    asked = replace(COMPLETE, step="address")
    outcome = advance(asked, says("affirm", "indirizzo", address="limited"), directory)
    assert (outcome.ending, outcome.draft.step) == (None, "confirmation")
    assert answers_of(outcome)[0] == "utter_address_stays"


@pytest.mark.parametrize("verdict", ["wrong", "malformed", "expired", "used_up"])
def test_only_the_right_code_proves_an_address(directory: Directory, verdict: str) -> None:
    outcome = advance(CODE, says("affirm", "numero", code=verdict), directory)
    assert (outcome.draft, answers_of(outcome)) == (CODE, [f"utter_code_{verdict}"])


@pytest.mark.parametrize("step", [ADDRESS, CODE])
def test_a_yes_proves_nothing(directory: Directory, step: Draft) -> None:
    for turn in (presses("affirm"), says("affirm", "sì"), presses("edit_answer", field="code")):
        assert advance(step, turn, directory).draft.address is None


def test_a_new_code_or_another_address_is_possible(directory: Directory) -> None:
    again = advance(CODE, presses("edit_answer", field="code", address="sent"), directory)
    assert (again.draft.step, answers_of(again)) == ("code", ["utter_code_sent_again"])
    assert advance(CODE, presses("edit_answer", field="address"), directory).draft.step == "address"


def test_a_proved_address_can_be_changed_from_the_summary(directory: Directory) -> None:
    complete = replace(ADDRESS, address="proved", privacy=PRIVACY_VERSION, step="confirmation")
    draft = advance(complete, presses("edit_answer", field="address"), directory).draft
    assert (draft.step, draft.address, draft.privacy) == ("address", None, PRIVACY_VERSION)


@pytest.mark.parametrize("field", ["category", "structure"])
def test_what_the_message_has_not_cannot_be_edited(directory: Directory, field: str) -> None:
    draft = advance(ADDRESS, presses("edit_answer", field=field), directory).draft
    assert draft.step == "edit_choice"


@pytest.mark.parametrize("draft", [HELP, ADDRESS, CODE])
def test_after_the_login_the_text_is_kept_and_the_rest_forgotten(draft: Draft) -> None:
    left = after_login(replace(draft, heard=(Heard("m1", ("ao_papardo",), "access"),)))
    assert (left.category, left.step, left.address, left.first_message) == (None, None, None, "m1")
    assert left.heard_in("m1").structures == ("ao_papardo",)


def test_a_request_noted_before_login_goes_on_after_it() -> None:
    noted = Draft(category="technical", structure="ao_papardo", first_message="m1")
    assert after_login(noted) == noted
    platform = Draft(category="platform", first_message="m1", step="access_help")
    assert after_login(platform) == replace(platform, step=None)


def test_a_draft_survives_being_stored() -> None:
    heard = Heard("m1", ("a",), "access", 9, ("platform", "technical"))
    draft = replace(CODE, candidates=("a", "b"), heard=(heard,), misses=1)
    assert draft_from_json(draft_as_json(draft)) == draft
    assert draft_from_json({"key": "x"}) == Draft()


def test_after_login_the_address_from_spid_can_be_changed_or_kept(directory: Directory) -> None:
    asked = advance(COMPLETE, presses("edit_answer", field="address"), directory).draft
    assert asked.step == "address"
    assert advance(asked, presses("deny"), directory).draft == replace(asked, step="confirmation")
    sent = advance(asked, says("out_of_scope", "indirizzo", address="sent"), directory).draft
    proved = advance(sent, says("out_of_scope", "numero", code="right"), directory).draft
    assert (proved.step, proved.address) == ("confirmation", "proved")
