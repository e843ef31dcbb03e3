"""An office marks a request by its link; the citizen sees it everywhere."""

import pytest
from sqlalchemy import select

from intercup.db.tables import OfficeMark
from intercup.services.chat.conversations import history
from intercup.services.requests.lookup import requests_of
from intercup.web.chat import as_json
from tests.support.forwarding import RTI, TRAPANI, Offices, all_rows
from tests.support.made_requests import AGATA, count, make_conversation
from tests.support.web_service import Service


@pytest.mark.both_databases
async def test_a_mark_is_seen_in_list_receipt_and_chat(offices: Offices, service: Service) -> None:
    chat = await make_conversation(offices.database)
    number = (await offices.receive(conversation_id=chat)).number
    for state, words in (("taken", "Presa in carico dall"), ("answered", "aver risposto")):
        status, page = await offices.mark(offices.link_of(RTI), state)
        assert (status, 'role="status"' in page, words in page) == (200, True, True)
        async with service.browser(AGATA) as citizen:
            for path in ("/richieste", f"/richieste/{number}"):
                async with citizen.get(path) as response:
                    assert words in await response.text()
    lines = [line for line in await history(offices.database, chat) if line.input]
    told = [as_json(line) for line in lines if line.input and line.input["type"] == "mark"]
    assert [each["about"] for each in told] == [number, number]
    assert "presa in carico da Presidio tecnico InterCup (RTI)" in told[0]["text"]
    assert "aver risposto" in told[1]["text"]


async def test_opening_the_page_marks_nothing_and_the_same_mark_again_neither(
    offices: Offices,
) -> None:
    await offices.receive(conversation_id=await make_conversation(offices.database))
    link = offices.link_of(RTI)
    before = await all_rows(offices.database)
    await offices.look(link)
    async with offices.browser.get(f"{link}/stato") as response:
        assert response.status == 405
    assert await all_rows(offices.database) == before
    await offices.mark(link, "answered")
    once = await all_rows(offices.database)
    await offices.mark(link, "answered")
    again = await all_rows(offices.database)
    assert len(again.pop("uses")) == len(once.pop("uses")) + 1
    assert again == once


@pytest.mark.both_databases
async def test_a_late_click_after_a_forward_changes_nothing(offices: Offices) -> None:
    await offices.receive()
    link = offices.link_of(RTI)
    await offices.mark(link, "taken")
    await offices.forward(link, "technical", "asp_trapani")
    (entry,) = await requests_of(offices.database, AGATA.person_key)
    assert (entry.shown_state, entry.marked) == ("sent", None)
    await offices.mark(offices.link_of(TRAPANI), "taken")
    status, page = await offices.mark(link, "answered")
    assert (status, "già stata inoltrata" in page, "/stato" in page) == (409, True, False)
    (entry,) = await requests_of(offices.database, AGATA.person_key)
    assert entry.shown_state == "taken"
    async with offices.database.read() as session:
        rows = await session.execute(select(OfficeMark.hop, OfficeMark.state))
    assert sorted(map(tuple, rows)) == [(0, "taken"), (1, "taken")]


@pytest.mark.both_databases
async def test_an_unknown_state_an_old_link_and_the_eleventh_click_are_refused(
    offices: Offices,
) -> None:
    await offices.receive()
    link = offices.link_of(RTI)
    assert (await offices.mark(link, "sent"))[0] == 422
    assert (await offices.mark("/inoltra/" + "a" * 32, "taken"))[0] == 404
    assert await count(offices.database, OfficeMark) == 0
    statuses = [(await offices.mark(link, "taken"))[0] for _ in range(11)]
    assert statuses == [200] * 10 + [429]
