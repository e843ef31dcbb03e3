"""The beginning of a request: from nothing, from a message that says it all, from a page."""

from dataclasses import replace

import pytest

from intercup.domain.dialogue import Draft, Heard, Turn, advance, misroutes, open_request
from intercup.domain.directory import Directory
from tests.support.dialogue_steps import COMPLETE, PRIVACY_VERSION, answers_of, presses, says

ALL_IN_ONE = "non riesco a prenotare al Papardo, esce errore 500"


def test_a_plain_wish_for_help_asks_the_category(directory: Directory) -> None:
    outcome = open_request(Draft(), says("request_assistance", "ho bisogno di aiuto"), directory)
    assert outcome.draft.step == "category"
    assert outcome.say == ()


def test_a_message_that_says_it_all_leaves_only_the_consents(directory: Directory) -> None:
    outcome = open_request(Draft(), says("report_booking_problem", ALL_IN_ONE), directory)
    assert outcome.draft == Draft(
        category="technical",
        structure="ao_papardo",
        description="new",
        heard=(Heard("new", (), "technical", len(ALL_IN_ONE), ("technical",)),),
        step="privacy",
        consent_asked=PRIVACY_VERSION,
    )


def test_what_was_understood_is_shown(directory: Directory) -> None:
    outcome = open_request(Draft(), says("report_booking_problem", ALL_IN_ONE), directory)
    assert answers_of(outcome) == ["utter_understood_both"]
    assert outcome.say[0].values == {
        "category_label": directory.category_by_id["technical"].label,
        "structure_name": directory.structure_by_id["ao_papardo"].name,
    }


@pytest.mark.parametrize(
    ("intent", "category"),
    [
        ("report_booking_problem", "technical"),
        ("ask_facility_information", "information"),
        ("change_booking", "information"),
        ("report_platform_problem", "platform"),
        ("report_access_problem", "platform"),
    ],
)
def test_each_kind_of_problem_gives_its_category(
    directory: Directory, intent: str, category: str
) -> None:
    assert open_request(Draft(), presses(intent), directory).draft.category == category


def test_a_category_button_shows_what_was_understood(directory: Directory) -> None:
    outcome = open_request(Draft(), presses("report_platform_problem"), directory)
    assert answers_of(outcome) == ["utter_understood_category"]
    assert outcome.draft.step == "structure"


def test_a_short_first_message_is_not_offered_as_the_description(directory: Directory) -> None:
    outcome = open_request(Draft(), says("report_booking_problem", "il sito è fermo"), directory)
    assert outcome.draft.first_message is None


def test_a_first_message_without_a_category_is_not_offered_as_the_description(
    directory: Directory,
) -> None:
    turn = says("request_assistance", "buongiorno, avrei bisogno di assistenza per favore")
    assert open_request(Draft(), turn, directory).draft.first_message is None


def test_a_name_of_several_structures_only_gives_candidates(directory: Directory) -> None:
    turn = says("report_booking_problem", "il CUP di Catania si blocca mentre prenoto")
    draft = open_request(Draft(), turn, directory).draft
    assert (draft.structure, draft.step) == (None, "structure")
    assert len(draft.candidates) == 3


def test_a_name_with_a_typo_only_gives_a_candidate(directory: Directory) -> None:
    turn = says("report_booking_problem", "il CUP del Papado si blocca mentre prenoto")
    draft = open_request(Draft(), turn, directory).draft
    assert (draft.structure, draft.candidates) == (None, ("ao_papardo",))


def test_a_place_not_in_intercup_is_told_at_once(directory: Directory) -> None:
    turn = says("report_booking_problem", "non riesco a prenotare all'ospedale di Enna")
    outcome = open_request(Draft(), turn, directory)
    assert outcome.draft.step == "structure"
    assert "utter_structure_outside" in answers_of(outcome)
    assert set(outcome.draft.candidates) == {"asp_caltanissetta", "asp_catania"}


def test_the_structure_of_the_page_is_proposed_not_chosen(directory: Directory) -> None:
    turn = presses("report_booking_problem", proposed_structure="asp_ragusa")
    draft = open_request(Draft(), turn, directory).draft
    assert (draft.structure, draft.candidates, draft.step) == (None, ("asp_ragusa",), "structure")


def test_a_name_in_the_text_wins_over_the_structure_of_the_page(directory: Directory) -> None:
    turn = says("report_booking_problem", ALL_IN_ONE, proposed_structure="asp_ragusa")
    draft = open_request(Draft(), turn, directory).draft
    assert (draft.structure, draft.candidates) == ("ao_papardo", ())


def test_the_structure_of_the_page_does_not_replace_the_chosen_one(directory: Directory) -> None:
    turn = presses("request_assistance", proposed_structure="asp_ragusa")
    known = Draft(category="technical", structure="asp_trapani")
    draft = open_request(known, turn, directory).draft
    assert (draft.structure, draft.candidates) == ("asp_trapani", ())


def test_only_a_structure_leads_to_the_category(directory: Directory) -> None:
    outcome = open_request(Draft(), says("inform_structure", "ASP di Trapani"), directory)
    assert outcome.draft == Draft(structure="asp_trapani", step="category")


def test_a_request_put_aside_goes_on_where_it_was(directory: Directory) -> None:
    kept = Draft(category="technical", structure="ao_papardo", description="m1")
    outcome = open_request(kept, says("request_assistance", "assistenza"), directory)
    assert outcome.draft.step == "privacy"
    assert outcome.draft.description == "m1"


def test_a_request_with_everything_goes_to_the_summary(directory: Directory) -> None:
    outcome = open_request(COMPLETE, presses("request_assistance"), directory)
    assert outcome.draft == COMPLETE


def test_a_turn_of_unknown_meaning_still_asks_the_first_question(directory: Directory) -> None:
    outcome = open_request(Draft(), Turn("nlu_fallback", 0.2, "boh"), directory)
    assert outcome.draft.step == "category"


CLOSE = says(
    "report_platform_problem",
    ALL_IN_ONE,
    confidence=0.5,
    ranking=(("report_platform_problem", 0.5), ("report_booking_problem", 0.4)),
)


def test_two_likely_categories_are_asked_with_both_offices(directory: Directory) -> None:
    outcome = open_request(Draft(), CLOSE, directory)
    assert outcome.draft.rivals == ("platform", "technical")
    assert (outcome.draft.category, outcome.draft.step) == (None, "category")
    assert outcome.draft.description == "new", "the text isn't asked for again"
    assert answers_of(outcome)[-1] == "utter_category_close"
    chosen = advance(outcome.draft, presses("report_booking_problem"), directory).draft
    assert (chosen.category, chosen.rivals, chosen.step) == ("technical", (), "privacy")


def test_the_two_are_asked_only_once(directory: Directory) -> None:
    asked = open_request(Draft(), CLOSE, directory).draft
    assert advance(asked, CLOSE, directory).draft.category == "platform"


STUCK = "Sto prenotando una visita a Trapani ma si blocca tutto e non vado avanti"


@pytest.mark.parametrize(
    ("intent", "text", "rivals"),
    [
        ("report_booking_problem", STUCK, {"technical", "platform"}),
        ("report_platform_problem", STUCK, {"technical", "platform"}),
        (
            "report_booking_problem",
            "a Ragusa clicco e non succede niente",
            {"technical", "platform"},
        ),
        (
            "report_booking_problem",
            "il calendario di Ragusa non mi dà posti fino a novembre, sarà un errore?",
            {"technical", "information"},
        ),
        (
            "report_platform_problem",
            "la prenotazione si blocca e non so se è il sito o l'ospedale",
            {"technical", "platform"},
        ),
        (
            "report_booking_problem",
            "a Ragusa c'è scritto agenda chiusa. Non è un guasto, vorrei sapere quando apre",
            {"technical", "information"},
        ),
        (
            "report_booking_problem",
            "all'ospedale è andato tutto bene, ma su InterCup la prenotazione non c'è",
            {"technical", "platform"},
        ),
        (
            "report_platform_problem",
            "il vostro portale passa bene i dati, è il loro che li rifiuta",
            {"technical", "platform"},
        ),
        (
            "report_booking_problem",
            "non capisco se è un problema dell'asp o del vostro sistema",
            {"technical", "platform"},
        ),
    ],
)
def test_words_that_leave_the_office_open_are_asked_however_sure_the_reading(
    directory: Directory, intent: str, text: str, rivals: set[str]
) -> None:
    outcome = open_request(Draft(), says(intent, text, mentioned=("asp_trapani",)), directory)
    assert set(outcome.draft.rivals) == rivals
    assert (outcome.draft.step, answers_of(outcome)[-1]) == ("category", "utter_category_close")


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("report_booking_problem", "a Trapani si blocca tutto quando scelgo il giorno"),
        ("report_booking_problem", "la prenotazione all'ASP di Trapani non va avanti"),
        ("report_platform_problem", "il sito è fermo, si blocca tutto"),
        ("report_platform_problem", "non funziona niente"),
        (
            "ask_facility_information",
            "a Ragusa non ci sono posti fino a novembre, si può fare altrove?",
        ),
    ],
)
def test_words_that_tell_where_it_broke_are_not_asked(
    directory: Directory, intent: str, text: str
) -> None:
    outcome = open_request(Draft(), says(intent, text), directory)
    assert (outcome.draft.rivals, outcome.draft.category is None) == ((), False)


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        (
            "ask_facility_information",
            "non serve più l'appuntamento a Trapani, è stato un errore",
        ),
        (
            "report_booking_problem",
            "non riesco a prendere appuntamento a Trapani, c'è scritto errore 500",
        ),
        ("report_booking_problem", "a Ragusa scelgo l'ambulatorio e si blocca tutto"),
    ],
)
def test_what_is_told_without_a_doubt_is_not_asked(
    directory: Directory, intent: str, text: str
) -> None:
    outcome = open_request(Draft(), says(intent, text, mentioned=("asp_trapani",)), directory)
    assert (outcome.draft.rivals, outcome.draft.category is None) == ((), False)


def test_a_second_message_before_login_leaves_the_office_open(directory: Directory) -> None:
    first = says("report_booking_problem", STUCK, authenticated=False)
    second = says("report_booking_problem", "mi aiutate a prenotare?", authenticated=False)
    before = open_request(Draft(), first, directory).draft
    before = open_request(before, second, directory).draft
    for turn in (presses("request_assistance"), replace(second, authenticated=True)):
        after = open_request(before, turn, directory).draft
        assert (after.step, set(after.rivals)) == ("category", {"technical", "platform"})


@pytest.mark.parametrize(
    ("rivals", "text", "category"),
    [
        (("technical", "platform"), "2", "platform"),
        (("technical", "platform"), "il secondo", "platform"),
        (("technical", "platform"), "l'ultimo", "information"),
        (("information", "technical"), "la prima", "information"),
        (("information", "technical"), "la terza", "platform"),
        ((), "la prima", "technical"),
    ],
)
def test_a_position_counts_in_the_order_shown(
    directory: Directory, rivals: tuple[str, ...], text: str, category: str
) -> None:
    asked = Draft(step="category", rivals=rivals)
    assert advance(asked, says("nlu_fallback", text), directory).draft.category == category


def test_an_office_left_open_before_login_is_asked_after_it(directory: Directory) -> None:
    turn = says("report_booking_problem", STUCK, authenticated=False)
    before = open_request(Draft(), turn, directory).draft
    assert (before.category, before.description) == (None, "new")
    after = open_request(before, presses("request_assistance"), directory).draft
    assert (after.step, set(after.rivals)) == ("category", {"technical", "platform"})


def test_the_answer_to_the_question_for_the_office_is_not_doubted_again(
    directory: Directory,
) -> None:
    asked = open_request(Draft(), says("report_booking_problem", STUCK), directory).draft
    chosen = advance(asked, presses("report_platform_problem"), directory).draft
    assert (chosen.category, misroutes(chosen, directory)) == ("platform", ())


def test_two_readings_of_one_category_are_not_asked(directory: Directory) -> None:
    readings = (("change_booking", 0.5), ("ask_facility_information", 0.4))
    turn = replace(CLOSE, intent="change_booking", ranking=readings)
    assert open_request(Draft(), turn, directory).draft.category == "information"


def test_a_text_answered_as_a_question_is_offered_when_a_button_opens_the_request(
    directory: Directory,
) -> None:
    earlier = Heard("m0", (), None, 40)
    outcome = open_request(Draft(), presses("report_booking_problem", earlier=earlier), directory)
    assert (outcome.draft.first_message, outcome.draft.description) == ("m0", None)
