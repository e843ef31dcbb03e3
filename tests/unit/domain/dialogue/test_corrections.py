"""Corrections in words at the summary, and changes of mind at every step."""

from dataclasses import replace

import pytest

from intercup.domain.dialogue import Draft, Heard, advance
from intercup.domain.dialogue.draft import NO_STRUCTURE, Step
from intercup.domain.directory import Directory
from tests.support.dialogue_steps import COMPLETE, PRIVACY_VERSION, answers_of, presses, says

TRAPANI = replace(COMPLETE, structure="asp_trapani")
ANY_INTENT = ["deny", "cancel", "edit_answer", "nlu_fallback", "inform_structure", "faq/copy_email"]


@pytest.mark.parametrize("intent", ANY_INTENT)
def test_a_structure_named_at_the_summary_is_taken_or_asked(
    directory: Directory, intent: str
) -> None:
    text = "aspetta l'ospedale è sbagliato, è il cannizzaro"
    draft = advance(COMPLETE, says(intent, text), directory).draft
    taken = (draft.structure, draft.step) == ("ao_cannizzaro", "confirmation")
    assert taken or ("ao_cannizzaro" in draft.candidates and draft.step == "structure")


@pytest.mark.parametrize("intent", ANY_INTENT)
def test_a_structure_ruled_out_leads_to_the_other(directory: Directory, intent: str) -> None:
    draft = advance(TRAPANI, says(intent, "non è trapani è ragusa"), directory).draft
    asked = draft.step == "structure" and draft.candidates == ("asp_ragusa",)
    assert asked or (draft.structure, draft.step) == ("asp_ragusa", "confirmation")


@pytest.mark.parametrize("intent", ["cancel", "deny", "nlu_fallback"])
@pytest.mark.parametrize(
    "text", ["non deve andare a trapani", "passate la richiesta all'assistenza intercup"]
)
def test_a_doubt_about_the_office_leads_to_the_choice_of_office(
    directory: Directory, text: str, intent: str
) -> None:
    outcome = advance(TRAPANI, says(intent, text), directory)
    assert (outcome.draft.step, outcome.ending) == ("office", None)
    assert outcome.draft.description == "m1"


@pytest.mark.parametrize("intent", [*ANY_INTENT, "report_booking_problem"])
def test_words_added_at_the_summary_stand_below_the_description(
    directory: Directory, intent: str
) -> None:
    text = "Prima di inviare vorrei aggiungere che l'impegnativa scade il 30"
    outcome = advance(COMPLETE, says(intent, text), directory)
    assert outcome.draft.description == "m1 new"
    assert (outcome.draft.step, outcome.ending) == ("confirmation", None)
    assert [say.response for say in outcome.say] == ["utter_added"]


@pytest.mark.parametrize(
    "text",
    ["ho la visita domani e la pagina resta bloccata", "l'aspetto della pagina è rotto, dopo"],
)
def test_a_problem_told_at_the_summary_is_no_wish_to_wait(directory: Directory, text: str) -> None:
    outcome = advance(COMPLETE, says("report_booking_problem", text), directory)
    assert (outcome.draft.description, answers_of(outcome)) == ("m1 new", ["utter_added"])


CORRECTED = ["m1 new", "utter_correction_noted"]
FACTS = [
    "la ricetta è del 4, non del 3",
    "Una rettifica: la ricetta è del 4, non del 3, ho guardato il foglio sbagliato",
    "il giorno era martedì e non lunedì",
    "non lunedì ma martedì",
    "ho sbagliato il nome del medico, è Russo",
    "il dottore è Russo, non Rossi",
    "nel testo ho scritto ginocchio destro, in realtà è il sinistro. Si può correggere?",
    "la visita del Papardo era il 4 e non il 3",
    "la visita è per mio padre, non per me",
    "ho messo il 3 invece del 4",
    "correggi il browser: è Chrome",
    "IL GIORNO È IL 24, NON IL 22",
]


@pytest.mark.parametrize("intent", [*ANY_INTENT, "report_booking_problem", "change_booking"])
@pytest.mark.parametrize("text", FACTS)
def test_a_fact_corrected_at_the_summary_is_offered_below_the_description(
    directory: Directory, text: str, intent: str
) -> None:
    for step in ("confirmation", "edit_choice"):
        outcome = advance(replace(COMPLETE, step=step), says(intent, text), directory)
        draft = outcome.draft
        assert (draft.step, draft.description, outcome.ending) == ("description", None, None), step
        assert [draft.first_message, *answers_of(outcome)] == CORRECTED, step
    taken = advance(draft, presses("affirm"), directory).draft
    assert (taken.description, taken.step) == ("m1 new", "confirmation")


@pytest.mark.parametrize(
    "text",
    [
        "ho sbagliato il giorno",
        "l'ora è sbagliata",
        "ho scritto male la data",
        "la data non è corretta",
    ],
)
def test_a_fact_said_to_be_wrong_only_leads_to_the_description(
    directory: Directory, text: str
) -> None:
    outcome = advance(COMPLETE, says("edit_answer", text), directory)
    assert (outcome.draft.step, outcome.draft.first_message) == ("description", "m1")
    assert answers_of(outcome) == []


def test_a_correction_without_room_leaves_the_description_to_be_written_anew(
    directory: Directory,
) -> None:
    draft = replace(COMPLETE, heard=(Heard("m1", (), None, 1_990),))
    outcome = advance(draft, says("edit_answer", FACTS[0]), directory)
    assert (outcome.draft.step, outcome.draft.first_message) == ("description", "m1")
    assert answers_of(outcome) == ["utter_correction_no_room"]


@pytest.mark.parametrize(
    "text",
    [
        "ho sbagliato, voglio cambiare l'appuntamento",
        "mi sono sbagliata, devo solo spostare la visita",
        "ho cambiato idea, voglio disdire la visita",
        "anzi no, vorrei cambiare la data dell'appuntamento",
        "in realtà vorrei spostare la visita del 4",
    ],
)
def test_another_wish_at_the_summary_changes_the_category_and_is_kept(
    directory: Directory, text: str
) -> None:
    for step in ("confirmation", "edit_choice"):
        turn = says("change_booking", text)
        changed = advance(replace(TRAPANI, step=step), turn, directory).draft
        assert changed.category == "information"
        assert "new" in (changed.description, changed.first_message)


def test_a_wish_that_fits_the_category_is_added(directory: Directory) -> None:
    draft = replace(TRAPANI, category="information")
    turn = says("change_booking", "ho sbagliato, voglio cambiare l'appuntamento")
    outcome = advance(draft, turn, directory)
    assert (outcome.draft.description, answers_of(outcome)) == ("m1 new", ["utter_added"])


@pytest.mark.parametrize("text", ["in realtà è un problema del sito, la ricetta non viene letta"])
def test_another_matter_after_in_realta_is_no_fact(directory: Directory, text: str) -> None:
    changed = advance(TRAPANI, says("report_platform_problem", text), directory).draft
    assert changed.category == "platform"


@pytest.mark.parametrize("text", ["ho sbagliato il nome del medico", "ho sbagliato il giorno"])
def test_a_wrong_fact_alone_changes_no_category(directory: Directory, text: str) -> None:
    draft = advance(TRAPANI, says("change_booking", text), directory).draft
    assert (draft.category, draft.step, draft.first_message) == ("technical", "description", "m1")


@pytest.mark.parametrize(
    "text",
    [
        "annulla tutto, ho sbagliato giorno",
        "lasciamo perdere, ho cambiato medico",
        "annulla tutto, la ricetta è scaduta",
    ],
)
def test_who_cancels_corrects_nothing(directory: Directory, text: str) -> None:
    for step in ("confirmation", "edit_choice", "office"):
        draft = advance(replace(TRAPANI, step=step), says("cancel", text), directory).draft
        assert (draft.step, draft.description) == ("cancel_check", "m1"), step


@pytest.mark.parametrize(
    "text",
    [
        "il sistema mi dice codice fiscale errato e non mi fa scegliere il calendario",
        "ho provato a cambiare browser e mi dà la stessa schermata bianca sul calendario",
    ],
)
def test_a_further_symptom_that_names_a_fact_is_never_dropped(
    directory: Directory, text: str
) -> None:
    outcome = advance(TRAPANI, says("report_booking_problem", text), directory)
    assert (outcome.draft.description, answers_of(outcome)) == ("m1 new", ["utter_added"])
    turn = says("nlu_fallback", text)
    for step in ("confirmation", "edit_choice"):
        outcome = advance(replace(TRAPANI, step=step), turn, directory)
        kept = outcome.draft.description or outcome.draft.first_message
        assert kept == "m1 new" or answers_of(outcome) == ["utter_step_unknown"], step


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("faq/change", "come faccio a cambiare l'orario della visita?"),
        ("faq/change", "posso cambiare medico?"),
        ("thank", "grazie, la data è corretta"),
        ("greet", "Salve, il codice è corretto"),
        ("faq/phone", "qual è il numero di telefono?"),
        ("ask_human", "datemi un numero da chiamare"),
        ("nlu_fallback", "datemi un numero da chiamare"),
        ("faq/times", "a che ora mi rispondono?"),
        ("thank", "grazie, per ora basta"),
        ("nlu_fallback", "grazie, per ora basta"),
        ("frustration", "sono 3 ore che provo"),
    ],
)
def test_questions_and_thanks_correct_nothing(directory: Directory, intent: str, text: str) -> None:
    for step in ("confirmation", "edit_choice", "office"):
        draft = replace(TRAPANI, step=step)
        after = advance(draft, says(intent, text), directory).draft
        assert replace(after, misses=0) == draft


@pytest.mark.parametrize("intent", ["deny", "edit_answer", "nlu_fallback"])
@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("non a Trapani", {"structure"}),
        ("no, non è Trapani", {"structure"}),
        ("la visita non è a Trapani", {"structure"}),
        ("no, non il Civico", {"edit_choice", "confirmation"}),
    ],
)
def test_a_structure_only_ruled_out_is_no_fact(
    directory: Directory, text: str, steps: set[str], intent: str
) -> None:
    for step in ("confirmation", "edit_choice"):
        draft = advance(replace(TRAPANI, step=step), says(intent, text), directory).draft
        assert (draft.description, draft.step in steps) == ("m1", True)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("2", "structure"),
        ("numero 3", "description"),
        ("la prima", "category"),
        ("l'ultimo", "confirmation"),
        ("la 9", "edit_choice"),
    ],
)
def test_a_position_in_the_list_of_changes_is_taken(
    directory: Directory, text: str, step: str
) -> None:
    for intent in ("nlu_fallback", "edit_answer", "deny"):
        if text == "la 9" and intent != "nlu_fallback":
            continue
        draft = advance(replace(TRAPANI, step="edit_choice"), says(intent, text), directory).draft
        assert draft.step == step


@pytest.mark.parametrize(
    "text",
    [
        "all'ufficio degli appuntamenti, non all'assistenza",
        "no, non all'ufficio tecnico",
        "l'ufficio è sbagliato, la visita l'ho fatta",
    ],
)
def test_an_office_not_understood_is_said_and_counted(directory: Directory, text: str) -> None:
    for intent in ("deny", "nlu_fallback", "inform_structure"):
        asked = replace(TRAPANI, step="office")
        outcome = advance(asked, says(intent, text), directory)
        assert (outcome.draft.step, outcome.draft.misses) == ("office", 1)
        assert answers_of(outcome) == ["utter_step_unknown"]


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "no, non il 3",
        "no, non è giusto",
        "ho sbagliato",
        "ho sbagliato tutto",
        "non mi convince",
    ],
)
def test_a_correction_of_nothing_named_is_asked_for(directory: Directory, text: str) -> None:
    for intent in ("deny", "edit_answer"):
        draft = advance(COMPLETE, says(intent, text), directory).draft
        assert draft.step in ("edit_choice", "confirmation")
        assert draft.description == "m1"


def test_the_wish_to_add_something_is_no_addition(directory: Directory) -> None:
    text = "vorrei aggiungere una cosa alla descrizione"
    draft = advance(COMPLETE, says("edit_answer", text), directory).draft
    assert (draft.step, draft.first_message) == ("description", "m1")


def test_an_objection_with_another_matter_is_asked_about(directory: Directory) -> None:
    text = "no fermo, io al calendario non ci sono arrivato, si blocca quando metto la ricetta"
    outcome = advance(COMPLETE, says("report_platform_problem", text), directory)
    assert (outcome.draft.step, outcome.draft.rivals) == ("category", ("technical", "platform"))


CLOSE = (("report_booking_problem", 0.4), ("ask_facility_information", 0.3))
LIKELIER_ANOTHER = (("report_platform_problem", 0.5), ("report_booking_problem", 0.1))


@pytest.mark.parametrize("step", ["privacy", "regulation", "confirmation", "edit_choice"])
@pytest.mark.parametrize(
    ("ranking", "rival"), [(CLOSE, "information"), (LIKELIER_ANOTHER, "platform")]
)
@pytest.mark.parametrize("intent", ["nlu_fallback", "inform_structure", "edit_answer"])
def test_an_objection_that_may_be_about_another_matter_is_asked_about(
    directory: Directory,
    step: Step,
    ranking: tuple[tuple[str, float], ...],
    rival: str,
    intent: str,
) -> None:
    draft = replace(COMPLETE, step=step, heard=(Heard("m1", length=50),))
    text = "però a pensarci al Papardo non c'entrano, non capiamo se la fanno"
    outcome = advance(draft, says(intent, text, ranking=ranking), directory)
    assert (outcome.draft.step, outcome.draft.rivals) == ("category", ("technical", rival))
    assert (outcome.draft.description, outcome.draft.structure) == ("m1 new", "ao_papardo")
    assert answers_of(outcome) == ["utter_category_close"]  # the structure is known already


def test_a_refusal_of_a_consent_is_no_other_matter(directory: Directory) -> None:
    text = "No, non acconsento a dare i miei dati a questo sito"
    turn = says("deny", text, ranking=(("deny", 0.58), ("report_platform_problem", 0.42)))
    refused = advance(replace(COMPLETE, step="privacy"), turn, directory).draft
    assert (refused.step, refused.description) == ("refusal", "m1")


def test_an_objection_without_room_below_the_description_is_asked_about_too(
    directory: Directory,
) -> None:
    draft = replace(COMPLETE, heard=(Heard("m1", length=1_990),))
    text = "però il Papardo non c'entra, si ferma da voi"
    turn = says("report_platform_problem", text, ranking=LIKELIER_ANOTHER)
    outcome = advance(draft, turn, directory)
    assert outcome.draft.rivals == ("technical", "platform")
    assert outcome.draft.description == "m1"


@pytest.mark.parametrize("text", ["no scusa, è sbagliato il nome del medico", "no ok va bene"])
def test_an_objection_about_this_matter_is_not_asked_about(directory: Directory, text: str) -> None:
    turn = says("report_booking_problem", text)
    assert advance(COMPLETE, turn, directory).draft.rivals == ()


def test_more_about_the_same_structure_stands_below_the_description(directory: Directory) -> None:
    turn = says("report_booking_problem", "la pagina del Papardo resta bianca pure oggi")
    outcome = advance(COMPLETE, turn, directory)
    assert (outcome.draft.description, answers_of(outcome)) == ("m1 new", ["utter_added"])


def test_a_change_of_mind_follows_the_page_that_it_blames(directory: Directory) -> None:
    """Even when it was read as a problem of the page that it clears."""
    platform = replace(COMPLETE, category="platform", structure=NO_STRUCTURE)
    text = "ho sbagliato io, non è il calendario: è la pagina di InterCup che non li elenca"
    for draft in (platform, COMPLETE):
        changed = advance(draft, says("report_booking_problem", text), directory).draft
        assert (changed.category, changed.step) == ("platform", "confirmation")


def test_words_not_understood_below_a_warning_lead_to_the_choice_of_office(
    directory: Directory,
) -> None:
    warned = replace(COMPLETE, heard=(Heard("m1", topic="platform"),))
    text = "ho provato pure le altre, fanno tutte lo stesso"
    assert advance(warned, says("nlu_fallback", text), directory).draft.step == "office"


@pytest.mark.parametrize(
    "text",
    [
        "ma perché va ai tecnici? è una domanda, mandatela all'ufficio",
        "scusi, che c'entrano i tecnici",
        "no, giratela a quelli del sito",
    ],
)
@pytest.mark.parametrize("intent", ["ask_wrong_recipient", "nlu_fallback", "deny"])
def test_who_wants_another_office_is_asked_for_it(
    directory: Directory, intent: str, text: str
) -> None:
    assert advance(COMPLETE, says(intent, text), directory).draft.step == "office"


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("faq/copy_email", "perché va a finire nella posta indesiderata?"),
        ("nlu_fallback", "che c'entra il codice fiscale"),
    ],
)
def test_who_speaks_of_something_else_is_not_asked_for_the_office(
    directory: Directory, intent: str, text: str
) -> None:
    assert advance(COMPLETE, says(intent, text), directory).draft.step != "office"


@pytest.mark.parametrize("intent", [*ANY_INTENT, "affirm"])
def test_who_wants_to_wait_at_the_summary_is_given_time(directory: Directory, intent: str) -> None:
    outcome = advance(COMPLETE, says(intent, "un attimo che rileggo"), directory)
    assert (answers_of(outcome), outcome.draft) == (["utter_no_hurry"], COMPLETE)


def test_the_office_chosen_the_summary_comes_again(directory: Directory) -> None:
    asked = replace(TRAPANI, step="office")
    by_button = advance(asked, replace(says("report_platform_problem", "x"), text=None), directory)
    assert (by_button.draft.category, by_button.draft.step) == ("platform", "confirmation")
    by_word = advance(asked, says("nlu_fallback", "assistenza generica"), directory)
    assert (by_word.draft.category, by_word.draft.step) == ("platform", "confirmation")
    assert advance(asked, says("deny", "no"), directory).draft == TRAPANI


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("la categoria è sbagliata", "category"),
        ("la copia la voglio su un altro indirizzo", "address"),
        ("la mia mail non è quella", "address"),
        ("il testo è sbagliato", "description"),
        ("voglio cambiare la struttura", "structure"),
    ],
)
@pytest.mark.parametrize("intent", ANY_INTENT)
def test_a_field_is_corrected_in_words(
    directory: Directory, text: str, step: str, intent: str
) -> None:
    assert advance(COMPLETE, says(intent, text), directory).draft.step == step


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("quella con la chiocciola", "address"),
        ("ho toccato la voce che non dovevo", "category"),
        ("mi mandate troppo lontano", "structure"),
        ("ho scritto coi piedi", "description"),
    ],
)
@pytest.mark.parametrize("step", ["confirmation", "edit_choice"])
def test_a_field_is_meant_without_its_name(
    directory: Directory, step: str, text: str, field: str
) -> None:
    turn = says("nlu_fallback", text, meant=field, meant_confidence=0.95)
    draft = advance(replace(COMPLETE, step=step), turn, directory).draft
    assert draft.step == field


def test_the_summary_needs_a_surer_reading_than_the_choice(directory: Directory) -> None:
    turn = says("nlu_fallback", "manca il puntino", meant="address", meant_confidence=0.7)
    assert advance(COMPLETE, turn, directory).draft == replace(COMPLETE, misses=1)
    choosing = replace(COMPLETE, step="edit_choice")
    assert advance(choosing, turn, directory).draft.step == "address"


@pytest.mark.parametrize("step", ["confirmation", "edit_choice"])
def test_the_text_that_changes_the_kind_isnt_lost(directory: Directory, step: str) -> None:
    text = "mi sono espressa male, il sito va: vorrei sapere se accettano i neonati"
    turn = says("ask_facility_information", text, meant="category", meant_confidence=0.95)
    draft = advance(replace(COMPLETE, step=step), turn, directory).draft
    assert (draft.step, draft.category, draft.description) == ("category", None, "m1 new")


@pytest.mark.parametrize("text", ["la mail è giusta", "la struttura va bene, ero io confuso"])
def test_a_field_that_is_right_is_not_changed(directory: Directory, text: str) -> None:
    turn = says("edit_answer", text, meant="address", meant_confidence=0.95)
    outcome = advance(COMPLETE, turn, directory)
    assert (outcome.draft, answers_of(outcome)) == (COMPLETE, ["utter_yes_unclear"])
    choosing = replace(COMPLETE, step="edit_choice")
    assert advance(choosing, turn, directory).draft == COMPLETE
    wrong = replace(turn, text=f"{text}, ma il testo è sbagliato", meant="description")
    assert advance(choosing, wrong, directory).draft.step == "description"


def test_a_position_in_the_list_counts_before_what_is_meant(directory: Directory) -> None:
    choosing = replace(COMPLETE, step="edit_choice")
    turn = says("affirm", "la seconda", meant="address", meant_confidence=0.9)
    assert advance(choosing, turn, directory).draft.step == "structure"


def test_cancelling_needs_a_word_of_cancelling(directory: Directory) -> None:
    for step in ("structure", "privacy", "confirmation"):
        draft = replace(COMPLETE, step=step, consent_asked=PRIVACY_VERSION)
        assert advance(draft, says("cancel", "non mi pare"), directory).draft.step != "cancel_check"
        assert advance(draft, says("cancel", "annulla"), directory).draft.step == "cancel_check"


def test_a_problem_told_instead_of_a_cancel_goes_on(directory: Directory) -> None:
    asked = replace(COMPLETE, step="cancel_check")
    turn = says("report_booking_problem", "ma io non riesco a scegliere la data")
    outcome = advance(asked, turn, directory)
    assert (outcome.draft.step, answers_of(outcome)) == ("confirmation", ["utter_not_cancelled"])


CHANGE = "anzi no, volevo solo sapere gli orari dell'ambulatorio di ortopedia del papardo"


@pytest.mark.parametrize("step", ["structure", "description", "privacy", "confirmation"])
def test_a_change_of_mind_changes_the_category_too(directory: Directory, step: str) -> None:
    draft = Draft(category="platform", description="m1", structure="none", step=step)
    turn = says("ask_facility_information", CHANGE)
    changed = advance(draft, turn, directory).draft
    assert (changed.category, changed.structure) == ("information", "ao_papardo")
    assert changed.description == "new", "the text of the earlier matter doesn't go along"


def test_a_short_change_of_mind_only_offers_the_earlier_text(directory: Directory) -> None:
    draft = Draft(category="platform", description="m1", structure="none", step="privacy")
    turn = says("ask_facility_information", "anzi, informazioni")
    changed = advance(draft, turn, directory).draft
    assert (changed.category, changed.description) == ("information", None)
    assert changed.first_message == "m1"


def test_a_bare_yes_to_a_doubtful_summary_asks_for_the_office(directory: Directory) -> None:
    heard = (Heard("m1", (), "information"),)
    draft = replace(COMPLETE, category="technical", description="m1", heard=heard)
    assert advance(draft, says("affirm", "sì"), directory).draft.step == "office"
    assert advance(draft, says("affirm", "sì, invia"), directory).ending == "send"


def test_an_objection_to_a_doubtful_summary_leads_to_the_offices(directory: Directory) -> None:
    doubtful = replace(COMPLETE, heard=(Heard("m1", (), "platform"),))
    text = "no ferma, non è il sito del papardo: l'errore è su intercup quando metto la ricetta"
    assert advance(doubtful, says("edit_answer", text), directory).draft.step == "office"
    other = "no ferma, è il Cannizzaro quello giusto"
    draft = advance(doubtful, says("edit_answer", other), directory).draft
    assert draft.structure == "ao_cannizzaro"


def test_a_wish_for_a_person_changes_no_field(directory: Directory) -> None:
    choosing = replace(COMPLETE, step="edit_choice")
    text = "vorrei parlare con un operatore"
    turn = says("ask_human", text, meant="description", meant_confidence=0.95)
    outcome = advance(choosing, turn, directory)
    assert (outcome.draft, answers_of(outcome)) == (choosing, ["utter_ask_human"])


@pytest.mark.parametrize("step", ["privacy", "regulation"])
def test_a_structure_to_put_instead_is_taken_or_asked_at_a_consent(
    directory: Directory, step: Step
) -> None:
    """Even in a text that speaks of a relative."""
    draft = replace(COMPLETE, structure="aou_policlinico_messina", step=step)
    text = (
        "abbiate pazienza, mia figlia dice che l'oculista bravo non sta al policlinico, sta al"
        " Papardo. allora mettete Papardo"
    )
    asked = advance(draft, says("edit_answer", text), directory).draft
    assert (asked.step, "ao_papardo" in asked.candidates) == ("structure", True)
    short = advance(draft, says("edit_answer", "mettete Papardo"), directory).draft
    assert short.structure == "ao_papardo"
