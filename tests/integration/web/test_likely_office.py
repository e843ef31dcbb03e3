"""The forwarding page's proposal, by the request's facts and the office's note."""

import html

import pytest

from intercup.db.tables import Forward
from tests.support.forwarding import RTI, TRAPANI, Offices
from tests.support.made_requests import AGATA, count

PROPOSED = (
    "Ufficio probabile, da tipologia, struttura e nota: <strong>ASP Trapani - Assistenza tecnica"
)
PAPARDO = "<strong>A.O. Papardo di Messina - Assistenza tecnica"
CHOSEN = 'value="technical" required checked'


@pytest.fixture
async def offices(offices: Offices) -> Offices:
    await offices.receive(structure="asp_trapani")
    return offices


async def page_at(offices: Offices, path: str) -> str:
    async with offices.browser.get(path) as response:
        return html.unescape(await response.text())


async def test_the_proposal_is_one_press_away_and_chosen_by_the_office(offices: Offices) -> None:
    page = await page_at(offices, offices.link_of(RTI))
    assert PROPOSED in page
    assert "?destination=technical&structure=asp_trapani" in page
    assert CHOSEN not in page
    assert AGATA.name not in page
    chosen = "?destination=technical&structure=asp_trapani"
    page = await page_at(offices, offices.link_of(RTI) + chosen)
    assert CHOSEN in page
    assert 'value="asp_trapani" selected' in page
    assert await count(offices.database, Forward) == 0


async def test_the_note_changes_the_proposal_and_stays(offices: Offices) -> None:
    fields = {"note": "Riguarda il Papardo.", "form_key": "k"}
    async with offices.browser.post(offices.link_of(RTI), data=fields) as response:
        page = html.unescape(await response.text())
    assert PAPARDO in page
    assert fields["note"] in page


async def test_an_office_whose_mailbox_had_it_is_not_proposed(offices: Offices) -> None:
    await offices.forward(offices.link_of(RTI), "administrative", "asp_trapani")
    page = await page_at(offices, offices.link_of(TRAPANI))  # also the technical office's mailbox
    assert "Inoltra" in page
    assert "Ufficio probabile" not in page


async def test_a_forward_leads_to_a_page_that_can_be_loaded_again(offices: Offices) -> None:
    link = offices.link_of(RTI)
    fields = {"destination": "technical", "structure": "asp_trapani", "form_key": "k"}
    async with offices.browser.post(link, data=fields) as response:
        assert response.status == 303
        done = response.headers["Location"]
    for _ in range(2):
        assert "<h1>Richiesta inoltrata" in await page_at(offices, done)
    assert await count(offices.database, Forward) == 1
