"""The language that the chat follows, after one text and after several."""

from collections.abc import Iterator
from typing import Any

import pytest

from intercup.languages.visitor import LANGUAGE, PREFERS_ITALIAN
from intercup.services.chat.hearing import listen
from intercup.services.languages import heard_language

ENGLISH = "The requested page could not be loaded because the server did not answer in time."
ROMANIAN = "Nu pot să fac programarea la cardiologie, pagina dă eroare"
QUOTING = [
    "Buongiorno, non riesco a prenotare: mi dice Your session has expired. Please log in again.",
    "Appare la scritta: Something went wrong, please try again later",
    "Non riesco ad accedere, la pagina dice This site can't be reached",
    "Quando premo Prenota compare «Internal Server Error, please contact the administrator»",
    "Mi esce errore 404 The requested page was not found on this server",
    'Ho provato a prenotare la visita ma mi dice "Your connection is not private"',
    "Dopo il login SPID vedo solo: An unexpected error occurred. Please close your browser.",
    "Sul telefono appare Network request failed, check your internet connection",
    "Errore: The request could not be satisfied. Che devo fare?",
    "Your session has expired. Please log in again. Cosa significa?",
    "Come mai mi dice Service temporarily unavailable, try again in a few minutes?",
    "mi da errore Too many requests please try again later",
    "Schermata bianca con scritto Application error: a client-side exception has occurred",
    "Aiuto! Mi compare Impossible de se connecter au serveur, veuillez réessayer",
    "Vorrei spostare la visita di mia madre, The server is taking too long to respond",
]


@pytest.fixture(autouse=True)
def italian_page() -> Iterator[None]:
    token = LANGUAGE.set("it")
    yield
    LANGUAGE.reset(token)


@pytest.fixture
def italian_browser() -> Iterator[None]:
    token = PREFERS_ITALIAN.set(True)
    yield
    PREFERS_ITALIAN.reset(token)


def after(*texts: str | None) -> list[str | None]:
    """The language known after each text of a conversation."""
    draft: dict[str, Any] = {}
    known = []
    for text in texts:
        draft |= listen(draft, text).kept
        known.append(draft["language"])
    return known


@pytest.mark.parametrize("text", QUOTING)
def test_an_italian_who_quotes_an_error_stays_italian(text: str) -> None:
    assert heard_language(text) in (None, "it")
    assert (after(text)[0] or "it", LANGUAGE.get()) == ("it", "it")


def test_a_foreigner_who_quotes_the_italian_page_keeps_the_language() -> None:
    text = "I can't book: when I choose the day it says that la sessione è scaduta, what now?"
    assert after("I can't book an appointment at the hospital, please help me", text)[1] == "en"


@pytest.mark.usefixtures("italian_browser")
def test_a_pasted_error_changes_nothing_in_an_italian_browser_and_a_second_text_does() -> None:
    assert after(ENGLISH, ENGLISH + " Why?") == ["it", "en"]


@pytest.mark.usefixtures("italian_browser")
def test_another_language_than_that_of_errors_is_followed_at_once() -> None:
    assert after(ROMANIAN) == ["ro"]


def test_without_a_sign_of_italian_the_first_text_counts() -> None:
    assert after(ENGLISH) == ["en"]


ITALIAN = "La pagina della prenotazione si blocca quando scelgo il giorno della visita."
UNSURE = "nun si grapi u calannariu"


def test_a_single_foreign_text_is_forgotten_after_an_unsure_one() -> None:
    assert heard_language(UNSURE) is None
    assert after(ITALIAN, ENGLISH, UNSURE, ENGLISH + " Why?") == ["it"] * 4


@pytest.mark.parametrize("between", ["Papardo", "ok", None])
def test_a_name_or_a_pressed_button_between_two_texts_counts_for_nothing(
    between: str | None,
) -> None:
    assert after(ITALIAN, ENGLISH, between, ENGLISH + " Why?")[-1] == "en"
