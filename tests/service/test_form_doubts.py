"""The plain form asks before it sends to an office that the text doesn't speak of."""

from html import unescape

import pytest

from intercup.domain.consent import PRIVACY, REGULATION
from intercup.texts import TEXTS
from tests.support.chatting_citizen import ChattingCitizen, number_in
from tests.support.running_service import RunningService

NAME = "Agata Lo Presti"
PLATFORM = "Assistenza generica sul sistema InterCup"
SPID = "Non riesco a entrare con lo SPID, dopo il codice mi dice autenticazione non riuscita."


def form(category: str, structure: str, description: str) -> dict[str, str]:
    return {
        "category": category,
        "structure": structure,
        "description": description,
        "privacy": PRIVACY.version,
        "regulation": REGULATION.version,
    }


@pytest.mark.parametrize(
    ("filled", "doubt"),
    [
        (form("technical", "asp_trapani", SPID), f"«{PLATFORM}»"),
        (
            form("platform", "", "Vorrei sapere quanto costa la visita e se serve il digiuno."),
            "«Richiesta informazioni sulle prestazioni della struttura sanitaria»",
        ),
        (
            form("technical", "asp_ragusa", "Mio padre è svenuto e non respira più, che faccio?"),
            TEXTS("problem.description_doubt"),
        ),
    ],
)
async def test_a_doubt_is_asked_once_and_then_the_choice_counts(
    service: RunningService, filled: dict[str, str], doubt: str
) -> None:
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in(NAME)
        page = await citizen.send_form(filled)
        assert doubt in " ".join(unescape(page).split())
        assert "IC-" not in page
        page = await citizen.send_form_again(page, filled)
        await citizen.mails_about(number_in(unescape(page)), 2)


async def test_a_text_about_the_chosen_office_is_sent_at_once(service: RunningService) -> None:
    text = "Al Papardo scelgo la data, premo conferma e il calendario dà errore."
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in(NAME)
        page = await citizen.send_form(form("technical", "ao_papardo", text))
        assert number_in(unescape(page))
