"""Each question of the request, with the answers that move it on."""

from dataclasses import replace

import pytest

from intercup.domain.dialogue import Draft, Heard, advance, others_possible
from intercup.domain.dialogue.draft import NO_STRUCTURE
from intercup.domain.directory import Directory
from tests.support.dialogue_steps import (
    COMPLETE,
    PRIVACY_VERSION,
    REGULATION_VERSION,
    answers_of,
    presses,
    says,
)

STRUCTURE = Draft(category="technical", step="structure")
PLATFORM = Draft(category="platform", step="structure")
DESCRIPTION = Draft(category="technical", structure="ao_papardo", step="description")
PRIVACY = replace(DESCRIPTION, description="m1", step="privacy", consent_asked=PRIVACY_VERSION)
REGULATION = replace(
    PRIVACY, privacy=PRIVACY_VERSION, step="regulation", consent_asked=REGULATION_VERSION
)
LONG = "Quando scelgo la data la pagina resta bianca e devo ricominciare."


def test_a_category_leads_to_the_structure(directory: Directory) -> None:
    outcome = advance(Draft(step="category"), presses("report_booking_problem"), directory)
    assert (outcome.draft.category, outcome.draft.step) == ("technical", "structure")


def test_a_category_told_with_its_structure_skips_that_question(directory: Directory) -> None:
    turn = says("report_booking_problem", "si blocca il CUP del Papardo mentre prenoto la visita")
    draft = advance(Draft(step="category"), turn, directory).draft
    assert (draft.structure, draft.description, draft.step) == ("ao_papardo", "new", "privacy")


def test_a_structure_named_at_the_category_question_is_kept(directory: Directory) -> None:
    turn = says("inform_structure", "ASP di Trapani")
    draft = advance(Draft(step="category"), turn, directory).draft
    assert (draft.structure, draft.step) == ("asp_trapani", "category")


def test_a_typed_structure_leads_to_the_description(directory: Directory) -> None:
    outcome = advance(STRUCTURE, says("inform_structure", "papardo"), directory)
    assert (outcome.draft.structure, outcome.draft.step) == ("ao_papardo", "description")
    assert answers_of(outcome) == ["utter_structure_taken"]


def test_a_chosen_structure_leads_to_the_description(directory: Directory) -> None:
    turn = presses("inform_structure", structure="asp_trapani")
    assert advance(STRUCTURE, turn, directory).draft.structure == "asp_trapani"


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Problema tecnico!", "technical"),
        ("informazioni", "information"),
        ("ASSISTENZA GENERICA SUL SISTEMA INTERCUP", "platform"),
    ],
)
def test_the_words_of_a_category_choose_it_whatever_was_understood(
    directory: Directory, text: str, category: str
) -> None:
    outcome = advance(Draft(step="category"), says("nlu_fallback", text), directory)
    assert outcome.draft.category == category


@pytest.mark.parametrize("intent", ["out_of_scope", "nlu_fallback", "ask_facility_information"])
def test_a_name_counts_whatever_the_intent(directory: Directory, intent: str) -> None:
    draft = advance(STRUCTURE, says(intent, "quella di Trapani"), directory).draft
    assert draft.structure == "asp_trapani"


@pytest.mark.parametrize(
    ("text", "answer", "count"),
    [
        ("papado", "utter_structure_guess", 1),
        ("Catania", "utter_structure_several", 3),
        ("Enna", "utter_structure_outside", 2),
    ],
)
def test_an_uncertain_name_gives_candidates(
    directory: Directory, text: str, answer: str, count: int
) -> None:
    outcome = advance(STRUCTURE, says("inform_structure", text), directory)
    assert (outcome.draft.structure, outcome.draft.step) == (None, "structure")
    assert answers_of(outcome) == [answer]
    assert len(outcome.draft.candidates) == count


def test_yes_takes_the_only_candidate(directory: Directory) -> None:
    draft = replace(STRUCTURE, candidates=("ao_papardo",))
    outcome = advance(draft, says("affirm", "sì"), directory)
    assert (outcome.draft.structure, outcome.draft.candidates) == ("ao_papardo", ())


def test_yes_does_not_choose_among_several(directory: Directory) -> None:
    draft = replace(STRUCTURE, candidates=("asp_catania", "ao_cannizzaro"))
    outcome = advance(draft, says("affirm", "sì"), directory)
    assert (outcome.draft.structure, outcome.draft.step) == (None, "structure")


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        ("ospedale di Paternò", "asp_catania"),
        ("Paternò mi pare", "asp_catania"),
        ("non è Paternò", None),
        ("Paternò? e se fosse il Cannizzaro?", None),
        ("Acireale, anzi il Papardo", None),
    ],
)
def test_a_place_named_again_takes_its_only_structure(
    directory: Directory, text: str, structure: str | None
) -> None:
    draft = replace(STRUCTURE, candidates=("asp_catania",))
    outcome = advance(draft, says("inform_structure", text), directory)
    assert outcome.draft.structure == structure


def test_a_place_that_is_also_a_word_counts_as_a_whole_answer(directory: Directory) -> None:
    outcome = advance(STRUCTURE, says("nlu_fallback", "noto"), directory)
    assert outcome.draft.candidates == ("asp_siracusa",)
    assert answers_of(outcome) == ["utter_structure_guess"]


def test_no_drops_the_candidates_and_asks_again(directory: Directory) -> None:
    draft = replace(STRUCTURE, candidates=("ao_papardo",))
    outcome = advance(draft, says("deny", "no"), directory)
    assert outcome.draft == STRUCTURE


@pytest.mark.parametrize(("intent", "text"), [("deny", "no, Ragusa"), ("affirm", "sì ma a Ragusa")])
def test_a_name_wins_over_yes_and_no(directory: Directory, intent: str, text: str) -> None:
    draft = replace(STRUCTURE, candidates=("ao_papardo",))
    assert advance(draft, says(intent, text), directory).draft.structure == "asp_ragusa"


@pytest.mark.parametrize("intent", ["no_structure", "deny"])
def test_the_platform_goes_on_without_a_structure(directory: Directory, intent: str) -> None:
    outcome = advance(PLATFORM, says(intent, "nessuna in particolare"), directory)
    assert (outcome.draft.structure, outcome.draft.step) == ("none", "description")


def test_no_structure_is_refused_where_one_is_needed(directory: Directory) -> None:
    outcome = advance(STRUCTURE, presses("no_structure"), directory)
    assert outcome.draft == STRUCTURE
    assert answers_of(outcome) == ["utter_structure_required"]


def test_an_unknown_name_asks_to_choose_from_the_list(directory: Directory) -> None:
    outcome = advance(STRUCTURE, says("inform_structure", "clinica Santa Lucia"), directory)
    assert outcome.draft == STRUCTURE
    assert answers_of(outcome) == ["utter_structure_unknown"]


def test_an_invented_structure_of_a_button_is_not_taken(directory: Directory) -> None:
    turn = presses("inform_structure", structure="asp_enna")
    assert advance(STRUCTURE, turn, directory).draft.structure is None


def test_a_description_leads_to_the_privacy_consent(directory: Directory) -> None:
    outcome = advance(DESCRIPTION, says("report_booking_problem", LONG), directory)
    assert (outcome.draft.description, outcome.draft.step) == ("new", "privacy")


@pytest.mark.parametrize("turn", [presses("affirm"), says("affirm", "sì va bene quello")])
def test_the_first_message_becomes_the_description(directory: Directory, turn: object) -> None:
    draft = replace(DESCRIPTION, first_message="m0")
    outcome = advance(draft, turn, directory)  # type: ignore[arg-type]
    assert (outcome.draft.description, outcome.draft.first_message) == ("m0", None)


def test_yes_without_a_first_message_is_too_short(directory: Directory) -> None:
    outcome = advance(DESCRIPTION, says("affirm", "sì"), directory)
    assert outcome.draft == DESCRIPTION
    assert answers_of(outcome) == ["utter_description_short"]


def test_a_structure_in_the_description_does_not_replace_the_chosen_one(
    directory: Directory,
) -> None:
    turn = says("inform_structure", "mi hanno mandato dalla ASP di Trapani senza motivo")
    outcome = advance(DESCRIPTION, turn, directory)
    assert (outcome.draft.structure, outcome.draft.description) == ("ao_papardo", "new")


def test_consents_lead_to_the_summary(directory: Directory) -> None:
    privacy = advance(PRIVACY, presses("affirm"), directory)
    assert (privacy.draft.privacy, privacy.draft.step) == (PRIVACY_VERSION, "regulation")
    regulation = advance(REGULATION, says("affirm", "sì, dichiaro"), directory)
    assert regulation.draft == replace(COMPLETE, description="m1")


def test_the_confirmed_summary_is_sent(directory: Directory) -> None:
    outcome = advance(COMPLETE, presses("affirm"), directory)
    assert outcome.ending == "send"
    assert outcome.draft == replace(COMPLETE, step=None)


HESITATIONS = ["ok aspetta", "va bene la leggo dopo", "giusto?", "sì?", "ah ok capisco", "e quindi"]


@pytest.mark.parametrize("text", HESITATIONS)
@pytest.mark.parametrize("asking", [PRIVACY, REGULATION], ids=lambda draft: draft.step)
def test_a_hesitation_is_no_consent(directory: Directory, asking: Draft, text: str) -> None:
    outcome = advance(asking, says("affirm", text), directory)
    assert (replace(outcome.draft, misses=0), outcome.ending) == (asking, None)


@pytest.mark.parametrize("text", HESITATIONS)
def test_a_hesitation_sends_nothing(directory: Directory, text: str) -> None:
    outcome = advance(COMPLETE, says("affirm", text), directory)
    assert (replace(outcome.draft, misses=0), outcome.ending) == (COMPLETE, None)


@pytest.mark.parametrize("text", ["sì", "Sì, autorizzo", "SI CONFERMO", "ok va bene", "accetto"])
def test_an_explicit_yes_in_words_is_a_consent(directory: Directory, text: str) -> None:
    assert advance(PRIVACY, says("affirm", text), directory).draft.privacy == PRIVACY_VERSION


@pytest.mark.parametrize("text", ["sì, invia", "invii pure la richiesta", "confermo"])
def test_an_explicit_yes_in_words_sends(directory: Directory, text: str) -> None:
    assert advance(COMPLETE, says("affirm", text), directory).ending == "send"


def test_a_yes_that_is_not_explicit_is_asked_for_a_plain_one(directory: Directory) -> None:
    for asking in (PRIVACY, REGULATION, COMPLETE):
        outcome = advance(asking, says("affirm", "per tutti i santi"), directory)
        assert (answers_of(outcome), outcome.draft) == (["utter_yes_unclear"], asking)


def test_a_hesitation_is_not_hurried(directory: Directory) -> None:
    for asking in (PRIVACY, REGULATION, COMPLETE):
        outcome = advance(asking, says("affirm", "ok aspetti"), directory)
        assert answers_of(outcome) == ["utter_no_hurry"]


def test_a_name_narrows_the_choice_that_was_just_shown(directory: Directory) -> None:
    two = ("aou_policlinico_catania", "aou_policlinico_messina")
    outcome = advance(
        replace(STRUCTURE, candidates=two), says("inform_structure", "messina"), directory
    )
    assert outcome.draft.structure == "aou_policlinico_messina"
    assert answers_of(outcome) == ["utter_structure_taken"]


def test_a_story_told_where_the_structure_is_asked_is_kept(directory: Directory) -> None:
    named = says("report_booking_problem", "Papardo, la pagina si blocca quando confermo")
    draft = advance(STRUCTURE, named, directory).draft
    assert (draft.structure, draft.description, draft.step) == ("ao_papardo", "new", "privacy")
    unnamed = says("report_booking_problem", "la pagina si blocca quando confermo la visita")
    outcome = advance(STRUCTURE, unnamed, directory)
    assert (outcome.draft.description, outcome.draft.step) == ("new", "structure")
    assert answers_of(outcome) == ["utter_story_noted"]


def test_a_change_from_the_summary_says_what_was_changed(directory: Directory) -> None:
    category = advance(COMPLETE, presses("report_platform_problem"), directory)
    assert (category.draft.category, category.draft.step) == ("platform", "confirmation")
    assert answers_of(category) == ["utter_category_taken"]
    structure = advance(COMPLETE, presses("inform_structure", structure="asp_ragusa"), directory)
    assert (structure.draft.structure, structure.draft.step) == ("asp_ragusa", "confirmation")


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        ("non ci sono ancora arrivata", "none"),
        ("nessuno ancora", "none"),
        ("boh non lo so", "none"),
        ("ad Agrigento, ma non ho ancora prenotato", "asp_agrigento"),
        ("nessuna struttura? perché?", None),
    ],
)
def test_where_none_is_needed_an_answer_without_a_structure_goes_on(
    directory: Directory, text: str, structure: str | None
) -> None:
    asked = Draft(category="platform", step="structure", description="m1")
    assert advance(asked, says("nlu_fallback", text), directory).draft.structure == structure
    needed = replace(asked, category="technical")
    found = advance(needed, says("nlu_fallback", text), directory).draft.structure
    assert found == (structure if structure != "none" else None)


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("cancel", "annulla tutto, non mi serve più"),
        ("ask_human", "voglio parlare con un operatore, nessuno mi capisce"),
        ("ask_request_status", "a che punto è la mia richiesta di prima"),
        ("report_booking_problem", "il problema non è del sito ma dell'ospedale"),
        ("nlu_fallback", "Fatebenefratelli, prima volta"),
        ("nlu_fallback", "ce l'ho scritto nella ricetta, è il San Giovanni"),
        ("nlu_fallback", "non so, aspetti un momento"),
        ("edit_answer", "la pagina è sbagliata, intendevo l'ospedale"),
        ("nlu_fallback", "non capisco"),
        ("nlu_fallback", "quale devo mettere"),
        ("nlu_fallback", "il sito dell'ospedale non funziona"),
        ("affirm", "nulla, annullate tutto"),
        ("inform_structure", "nessuna, anzi quella di Ispica"),
    ],
)
def test_what_says_something_else_does_not_go_on_without_a_structure(
    directory: Directory, intent: str, text: str
) -> None:
    asked = Draft(category="platform", step="structure", description="m1")
    assert advance(asked, says(intent, text), directory).draft.structure is None


def test_a_denied_proposal_is_no_wish_for_none(directory: Directory) -> None:
    asked = Draft(
        category="platform", step="structure", description="m1", candidates=("asp_trapani",)
    )
    draft = advance(asked, says("deny", "no, non è lì, niente"), directory).draft
    assert (draft.structure, draft.candidates) == (None, ())


def test_a_structure_can_be_left_out_at_the_summary_where_it_is_optional(
    directory: Directory,
) -> None:
    optional = replace(COMPLETE, category="platform")
    draft = advance(optional, says("no_structure", "nessuna struttura"), directory).draft
    assert (draft.structure, draft.step) == ("none", "confirmation")
    assert advance(COMPLETE, says("no_structure", "x"), directory).draft.structure == "ao_papardo"


def test_a_yes_to_a_text_that_has_changed_since_asks_again(directory: Directory) -> None:
    outcome = advance(replace(PRIVACY, consent_asked="2020-01-01"), presses("affirm"), directory)
    assert answers_of(outcome) == ["utter_consent_changed"]
    assert (outcome.draft.step, outcome.draft.privacy) == ("privacy", None)
    again = advance(outcome.draft, presses("affirm"), directory)
    assert (again.draft.step, again.draft.privacy) == ("regulation", PRIVACY_VERSION)


@pytest.mark.parametrize("accepted", ["2020-01-01", "yes"])
@pytest.mark.parametrize("consent", ["privacy", "regulation"])
def test_an_old_consent_is_asked_again_instead_of_sending(
    directory: Directory, consent: str, accepted: str
) -> None:
    outcome = advance(replace(COMPLETE, **{consent: accepted}), presses("affirm"), directory)
    assert (outcome.ending, outcome.draft.step) == (None, consent)
    assert answers_of(outcome) == ["utter_consent_changed"]
    again = advance(outcome.draft, presses("affirm"), directory)
    assert again.draft == replace(COMPLETE, consent_asked=None)


@pytest.mark.parametrize("asking", [PRIVACY, REGULATION], ids=lambda draft: draft.step)
@pytest.mark.parametrize(
    ("intent", "text", "answer"),
    [
        ("deny", "ma se non autorizzo non parte?", "utter_without_consent"),
        ("deny", "è obbligatorio per forza?", "utter_without_consent"),
        ("deny", "non capisco", "utter_{step}_in_short"),
        ("faq/privacy", "può ripetere?", "utter_{step}_in_short"),
        ("affirm", "che significa", "utter_{step}_in_short"),
        ("out_of_scope", "scrivo per conto di mia madre", "utter_for_another"),
        ("out_of_scope", "sono il figlio", "utter_for_another"),
    ],
)
def test_a_question_about_a_consent_is_answered_and_is_neither_yes_nor_no(
    directory: Directory, asking: Draft, intent: str, text: str, answer: str
) -> None:
    outcome = advance(asking, says(intent, text), directory)
    assert answers_of(outcome) == [answer.format(step=asking.step)]
    assert replace(outcome.draft, misses=0) == asking


@pytest.mark.parametrize(
    ("asking", "text", "is_yes"),
    [
        (PRIVACY, "ho letto", False),
        (PRIVACY, "sì ho letto", False),
        (PRIVACY, "certo che sì", True),
        (PRIVACY, "autorizzo", True),
        (REGULATION, "ho letto", True),
        (REGULATION, "certo che sì", True),
        (REGULATION, "autorizzo", False),
        (REGULATION, "sì autorizzo", True),
        (PRIVACY, "sì sì, va beni accussì", True),
        (PRIVACY, "no no ci mancherebbe, acconsento", True),
        (PRIVACY, "si, ma solo per questa richiesta", False),
        (PRIVACY, "mia suocera ha detto che va bene, acconsente", False),
        (PRIVACY, "scusi che significa acconsento", False),
        (REGULATION, "sì, u liggii, va beni", True),
        (REGULATION, "tutto chiaro, confermo", True),
        (PRIVACY, "certo che accetto", True),
        (REGULATION, "prima lo leggo, poi confermo", False),
        (REGULATION, "nun confermu", False),
    ],
)
def test_a_yes_is_a_yes_to_that_consent(
    directory: Directory, asking: Draft, text: str, is_yes: bool
) -> None:
    draft = advance(asking, says("affirm", text), directory).draft
    assert (draft.step != asking.step) is is_yes


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("no nn lo letto pero mo lo leggo. ok letto", "regulation"),
        ("non l'ho ancora letto, un attimo che lo leggo... ecco, letto", "regulation"),
        ("no, non l'ho letto", "refusal"),
    ],
)
def test_a_reading_that_is_announced_is_no_refusal(
    directory: Directory, text: str, step: str
) -> None:
    draft = replace(COMPLETE, regulation=None, step="regulation")
    assert advance(draft, says("deny", text), directory).draft.step == step


NO_CONSENT = (
    *("a che do il consenso", "che accetto", "è sicuro", "quanto è sicuro il trattamento dei dati"),
    *("figuriamoci", "revoco il consenso dato", "mica accetto", "accetto per forza", "do"),
    *("ok più tardi", "si può rimandare", "accetto a condizione che mi rispondiate", "vai"),
    *("ok per i referti", "confermo l'appuntamento di giovedì", "accetto sotto costrizione"),
)


@pytest.mark.parametrize(
    ("text", "asking"),
    [
        *(("d", each) for each in (PRIVACY, REGULATION, COMPLETE)),
        *(("che bene", each) for each in (PRIVACY, REGULATION, COMPLETE)),
        ("accetto il regolamento", PRIVACY),
        ("il regolamento", REGULATION),
        ("va bene rifiuto", PRIVACY),
        ("nun l'haju lettu, va bene", REGULATION),
        *((text, PRIVACY) for text in NO_CONSENT),
        *(
            (text, REGULATION)
            for text in ("che ho accettato", "ho letto mezzo regolamento", "fatto")
        ),
        *((text, COMPLETE) for text in ("annulla invio", "che invio", "mandate un medico")),
        ("la richiesta è urgente", COMPLETE),
        ("ok lascia stare", COMPLETE),
        ("va bene basta così", COMPLETE),
    ],
)
def test_what_only_resembles_a_yes_is_none(directory: Directory, text: str, asking: Draft) -> None:
    outcome = advance(asking, says("affirm", text), directory)
    assert outcome.ending is None
    assert (outcome.draft.privacy, outcome.draft.regulation) == (
        asking.privacy,
        asking.regulation,
    )


@pytest.mark.parametrize(
    ("text", "asking"),
    [
        ("va bene, d'accordo", PRIVACY),
        ("sì, accetto il trattamento dei dati", PRIVACY),
        ("Sì, ho letto il regolamento", REGULATION),
        ("accetto il regolamento", REGULATION),
        ("tutto giusto, può inviare e grazie mille", COMPLETE),
        ("sì sì, giusto, mandi pure e saluti a tutti", COMPLETE),
        ("Sì, è tutto giusto.", COMPLETE),
    ],
)
def test_a_yes_in_a_strangers_words_is_one(directory: Directory, text: str, asking: Draft) -> None:
    turn = says("affirm", text, yes_to=(asking.step,))
    outcome = advance(asking, turn, directory)
    assert outcome.ending == "send" or outcome.draft.step != asking.step


def test_a_decision_about_the_office_settles_the_doubt(directory: Directory) -> None:
    heard = (Heard("m1", (), "information"),)
    draft = replace(COMPLETE, description="m1", heard=heard)
    asked = advance(draft, says("affirm", "sì"), directory).draft
    decided = advance(asked, says("affirm", "va bene così"), directory).draft
    assert (asked.step, decided.step) == ("office", "confirmation")
    assert advance(decided, says("affirm", "sì"), directory).ending == "send"


def test_another_matter_told_at_the_structure_is_kept(directory: Directory) -> None:
    text = "al Papardo non lo so, il sito InterCup non mi accetta il codice della ricetta"
    outcome = advance(STRUCTURE, says("report_platform_problem", text), directory)
    assert outcome.draft.step in ("category", "privacy", "description")
    assert "new" in outcome.draft.texts


@pytest.mark.parametrize("asking", [DESCRIPTION, PRIVACY, REGULATION])
@pytest.mark.parametrize(
    ("intent", "text", "structure", "candidates"),
    [
        ("inform_structure", "anzi è il Cannizzaro", "ao_cannizzaro", ()),
        ("deny", "no scusi ho sbagliato, è Modica", None, ("asp_ragusa",)),
        ("edit_answer", "ho detto Papardo per abitudine: è a Gela", None, None),
        ("report_booking_problem", "non al Papardo, a Gela si chiude la pagina", None, None),
    ],
)
def test_a_corrected_structure_is_no_answer_to_another_question(
    directory: Directory,
    asking: Draft,
    intent: str,
    text: str,
    structure: str | None,
    candidates: tuple[str, ...] | None,
) -> None:
    draft = advance(asking, says(intent, text), directory).draft
    assert draft.structure == structure
    assert "asp_caltanissetta" in draft.candidates if candidates is None else True
    assert candidates is None or draft.candidates == candidates


@pytest.mark.parametrize(
    "text",
    [
        "Aspettiamo dal 3 marzo la risonanza che il Cannizzaro ha rinviato al 10 luglio",
        "Il medico del Cannizzaro ha sbagliato il codice sulla ricetta, non riesco a prenotare",
        "Ferma da due ore sulla pagina, il Cannizzaro non compare nell'elenco",
        "Ho confuso il giorno: appuntamento al Cannizzaro il 3, e non si cambia",
        "Scusi ho prenotato a Catania e mi esce errore 500",
        "No, è successo ieri al Cannizzaro, la pagina si chiude",
    ],
)
def test_a_structure_inside_a_description_replaces_none(directory: Directory, text: str) -> None:
    outcome = advance(DESCRIPTION, says("report_booking_problem", text), directory)
    assert (outcome.draft.structure, outcome.draft.description) == ("ao_papardo", "new")


@pytest.mark.parametrize("asking", [PRIVACY, REGULATION])
@pytest.mark.parametrize(
    "text",
    [
        "No, grazie. Giuseppe Messina",
        "No non acconsento, Maria Catania",
        "no, mio marito Trapani non vuole",
        "aspetti, chiedo al medico del Cannizzaro",
    ],
)
def test_a_name_in_a_refusal_is_no_structure(
    directory: Directory, asking: Draft, text: str
) -> None:
    draft = advance(asking, says("deny", text), directory).draft
    assert (draft.structure, draft.privacy) == (asking.structure, asking.privacy)


@pytest.mark.parametrize(
    "text",
    [
        "no, al Papardo il calendario resta vuoto",
        "mi hanno mandato al Papardo dalla ASP di Trapani senza motivo",
    ],
)
def test_a_story_that_corrects_nothing_keeps_the_structure(directory: Directory, text: str) -> None:
    outcome = advance(DESCRIPTION, says("report_booking_problem", text), directory)
    assert (outcome.draft.structure, outcome.draft.description) == ("ao_papardo", "new")


@pytest.mark.parametrize(
    "text",
    [
        "ma nn ci arrivo nemmeno a scegliere l'ospedale",
        "mah l'ospedale non c'entra, è intercup che non me la mostra",
        "la lista è vuota, ma proprio vuota",
    ],
)
def test_who_could_choose_no_structure_goes_on_without(directory: Directory, text: str) -> None:
    draft = replace(COMPLETE, category="platform", structure=None, step="structure")
    outcome = advance(draft, says("report_platform_problem", text), directory)
    assert outcome.draft.structure == NO_STRUCTURE


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("nun funziona a pagina d'u spitali, u guastu è ddà", "technical"),
        ("Malfunzionamento tecnico del portale dell'Azienda ospedaliera", "technical"),
        ("il loro sito non carica", "technical"),
        ("l'ospedale sul vostro portale non c'è", "platform"),
        ("non il vostro, la pagina dell'ospedale", "technical"),
        ("sul vostro il nome era giusto. è il foglio del calendario di trapani", "technical"),
        ("del calendario dell'ospedale credo. Su InterCup il mio nome era giusto", "technical"),
        ("il calendario va bene, è intercup", "platform"),
        ("l'ospedale non c'entra, è il vostro portale", "platform"),
    ],
)
def test_the_page_that_an_answer_blames_decides_between_two_offices(
    directory: Directory, text: str, category: str
) -> None:
    other = "report_platform_problem" if category == "technical" else "report_booking_problem"
    asked = Draft(step="category", rivals=("technical", "platform"), first_message="m1")
    assert advance(asked, says(other, text), directory).draft.category == category


@pytest.mark.parametrize("text", ["non so, ditemelo voi", "fate voi", "boh, decidete voi"])
def test_who_leaves_the_office_to_us_blames_no_page(directory: Directory, text: str) -> None:
    asked = Draft(step="category", rivals=("technical", "platform"), first_message="m1")
    assert advance(asked, says("nlu_fallback", text), directory).draft.category is None


def test_an_answer_that_only_denies_a_page_is_left_to_its_reading(directory: Directory) -> None:
    asked = Draft(step="category", rivals=("technical", "platform"), first_message="m1")
    text = "non è la pagina dell'ospedale"
    draft = advance(asked, says("report_platform_problem", text), directory).draft
    assert draft.category == "platform"


def test_the_other_office_stays_possible_after_an_answer_in_words(directory: Directory) -> None:
    """A label or a page that is blamed decides; another answer may be misread."""
    heard = Heard("m1", topic="platform", possible=("platform", "technical"))
    asked = Draft(
        step="category",
        rivals=("technical", "platform"),
        first_message="m1",
        description="m1",
        heard=(heard,),
    )
    read = advance(asked, says("report_platform_problem", "il codice non arriva"), directory).draft
    assert (read.category, others_possible(read, directory)) == ("platform", ("technical",))
    for decided in ("la prima", "il calendario dell'ospedale"):
        draft = advance(asked, says("report_booking_problem", decided), directory).draft
        assert (draft.category, others_possible(draft, directory)) == ("technical", ())


@pytest.mark.parametrize(
    "text",
    ["l'ospedale l'ha presa, siete voi che non la vedete", "ancora non l'ho potuta scegliere"],
)
def test_who_tells_the_problem_again_needs_no_optional_structure(
    directory: Directory, text: str
) -> None:
    draft = replace(COMPLETE, category="platform", structure=None, step="structure")
    outcome = advance(draft, says("report_platform_problem", text), directory)
    assert outcome.draft.structure == NO_STRUCTURE
