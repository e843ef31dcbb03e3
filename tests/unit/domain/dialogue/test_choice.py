"""Short answers that point into a list, with and without the words around them."""

import pytest

from intercup.domain.dialogue import Draft, advance
from intercup.domain.dialogue.choice import is_unsure, position_in, rejects_all
from intercup.domain.directory import Directory
from tests.support.dialogue_steps import answers_of, says


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("a", 0),
        ("b)", 1),
        ("la lettera c", 2),
        ("2", 1),
        ("la 2 grazie", 1),
        ("la prima", 0),
        ("l'ultima", 2),
        ("la penultima", 1),
        ("direi la seconda", 1),
        ("secondo me la terza", 2),
        ("numero uno", 0),
        ("la quarta", None),
        ("4", None),
        ("non la seconda ma la terza", None),
        ("due volte", None),
        ("la prenotazione", None),
        ("", None),
        (None, None),
    ],
)
def test_a_position_is_found_among_three(text: str | None, position: int | None) -> None:
    assert position_in(text, 3) == position


@pytest.mark.parametrize(
    ("text", "position"),
    [("4", 3), ("il quarto", 3), ("l'ultima", 12), ("13", 12), ("14", None), ("b", None)],
)
def test_a_long_list_has_numbers_but_no_letters(text: str, position: int | None) -> None:
    assert position_in(text, 13) == position


@pytest.mark.parametrize(
    "text", ["nessuna di queste", "un'altra cosa", "altro", "né l'una né l'altra"]
)
def test_none_of_the_entries(text: str) -> None:
    assert rejects_all(text)


@pytest.mark.parametrize("text", ["non lo so", "boh", "non saprei", "quale devo mettere?"])
def test_no_idea(text: str) -> None:
    assert is_unsure(text)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("problemi tecnici", "technical"),
        ("problemi tecnici durante la prenotazione", "technical"),
        ("informazioni", "information"),
        ("quella delle informazioni", "information"),
        ("richiesta informazioni", "information"),
        ("assistenza generica", "platform"),
        ("la prima", "technical"),
        ("b)", "information"),
        ("l'ultima", "platform"),
        ("3", "platform"),
    ],
)
@pytest.mark.parametrize(
    "intent", ["faq/privacy", "greet", "goodbye", "edit_answer", "nlu_fallback"]
)
def test_labels_and_positions_answer_whatever_the_model_finds(
    directory: Directory, text: str, category: str, intent: str
) -> None:
    outcome = advance(Draft(step="category"), says(intent, text), directory)
    assert outcome.draft.category == category


@pytest.mark.parametrize("text", ["assistenza", "la struttura", "problemi", "richiesta"])
def test_a_word_of_several_labels_chooses_none(directory: Directory, text: str) -> None:
    outcome = advance(Draft(step="category"), says("nlu_fallback", text), directory)
    assert outcome.draft.category is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [("nessuna di queste", "utter_category_none"), ("non lo so", "utter_category_help")],
)
def test_who_finds_no_category_is_helped(directory: Directory, text: str, answer: str) -> None:
    outcome = advance(Draft(step="category"), says("nlu_fallback", text), directory)
    assert (answers_of(outcome), outcome.draft.step) == ([answer], "category")


def test_a_position_counts_in_the_list_that_is_shown(directory: Directory) -> None:
    asked = Draft(category="technical", step="structure")
    last = advance(asked, says("nlu_fallback", "l'ultima"), directory).draft
    assert last.structure == directory.structures_by_province[-1][1][-1].id
    two = Draft(category="technical", step="structure", candidates=("ao_papardo", "asp_messina"))
    assert (
        advance(two, says("nlu_fallback", "la seconda"), directory).draft.structure == "asp_messina"
    )


def test_who_does_not_know_the_structure_is_helped(directory: Directory) -> None:
    asked = Draft(category="technical", step="structure")
    outcome = advance(asked, says("deny", "non lo so"), directory)
    assert (answers_of(outcome), outcome.draft.step) == (["utter_structure_help"], "structure")


@pytest.mark.parametrize("text", ["asp palermo", "enna", "civico di palermo"])
def test_a_place_outside_is_named_so_at_the_category_too(directory: Directory, text: str) -> None:
    outcome = advance(Draft(step="category"), says("inform_structure", text), directory)
    assert answers_of(outcome) == ["utter_place_outside"]
    assert outcome.draft.step == "category"


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        ("u Cervello", "ao_villa_sofia_cervello"),
        ("il martino", "aou_policlinico_messina"),
        ("ospedale", None),
        ("boh", None),
    ],
)
def test_a_word_of_only_one_name_is_a_proposal(
    directory: Directory, text: str, structure: str | None
) -> None:
    draft = Draft("technical", step="structure")
    asked = advance(draft, says("out_of_scope", text), directory).draft
    assert (asked.structure, asked.candidates) == (None, (structure,) if structure else ())
