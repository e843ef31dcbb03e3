"""The language of a citizen's text."""

import pytest
import yaml

from intercup.services.languages import language_of
from intercup.texts import TEXTS
from tests.support.paths import ROOT

DIALECT = [
    "nun mi fa trasiri, mi dici ca è sbagliatu",
    "vulissi spustari a visita di me patri a l'asp di Giurgenti",
    "u calannariu du Papardo nun si grapi, chi fazzu?",
    "me figghia havi a fari l'ecografia e nun c'è un postu",
]
OTHERS = {
    "en": "I can't book the visit at the Cannizzaro hospital, the page stays white",
    "fr": "Je n'arrive pas à réserver une visite, le calendrier reste vide",
    "ro": "Nu pot să fac programarea la cardiologie, pagina dă eroare",
    "ar": "لا أستطيع حجز موعد في المستشفى",
    "es": "No puedo reservar la visita, la página da un error",
    "de": "Ich kann keinen Termin im Krankenhaus buchen",
    "uk": "Не можу записатися до лікаря, сторінка не відкривається",
}


@pytest.mark.parametrize(("code", "text"), OTHERS.items())
def test_a_foreign_text_is_noticed(code: str, text: str) -> None:
    assert language_of(text) == code


def test_a_town_makes_no_sentence_italian() -> None:
    text = "My wife can't find her words and half of her face has dropped. We are in Cefalù, no car"
    assert language_of(text) == "en"


@pytest.mark.parametrize(
    "text", [*DIALECT, "", "ok", "ASP Trapani", "SPID", "🙂", "1", "x" * 9_000]
)
def test_italian_dialects_and_names_are_no_other_language(text: str) -> None:
    assert language_of(text) is None


def test_hardly_any_training_sentence_in_italian_is_taken_for_foreign() -> None:
    data = yaml.safe_load((ROOT / "bot/tests/nlu_dev.yml").read_text("utf-8"))
    texts = [line[2:] for each in data["nlu"] for line in each["examples"].splitlines()]
    taken = [text for text in texts if language_of(text)]
    assert len(taken) <= 0.005 * len(texts), taken


def test_every_language_has_its_words() -> None:
    for section in ("welcome_in", "questions_in", "questions_beside", "language"):
        assert set(TEXTS.section(section)) == set(OTHERS), section
