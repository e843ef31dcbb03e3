"""/assistenza/altri-dati: optional answers to a chat's request, which Rasa never sees."""

import json

from sqlalchemy import select, update

from intercup.db.tables import ChatMessage, Consent, Conversation, Delivery
from intercup.domain.directory import Directory
from tests.support.made_requests import submit_chat
from tests.support.web_service import Browser, StandInRasa

PATH = "/assistenza/altri-dati"
PHONE, NRE = "091 123 4567", "1900A4012345678"
GIVEN = {
    "phone": PHONE,
    "best_time": "Mattina",
    "relation": "Madre o padre",
    "nre": "1900a 4012345678",
}


async def send(browser: Browser, **values: str) -> tuple[int, str]:
    async with browser.post(PATH, data=GIVEN | values) as response:
        return response.status, await response.text()


async def newest_rows(browser: Browser) -> dict[str, str]:
    message = (await browser.open_chat("portal"))["messages"][-1]
    return {row["label"]: row["value"] for row in message["input"]["rows"]}


async def test_answers_show_in_the_summary_and_reach_the_office(
    chatting: Browser, sender: str, rasa: StandInRasa, directory: Directory
) -> None:
    assert (await send(chatting))[0] == 303
    rows = await newest_rows(chatting)
    assert (rows["Telefono"], rows["Numero della ricetta (NRE)"]) == (PHONE, NRE)
    async with chatting.get(PATH) as response:
        assert f'value="{PHONE}"' in await response.text()
    # The turn goes on with the same draft.
    rasa.replies = [{"text": "Controlli.", "custom": {"input": "summary"}}]
    await chatting.say("aspetti")
    assert (await newest_rows(chatting))["Telefono"] == PHONE
    row = await submit_chat(chatting.database, directory)
    assert (row.phone, row.best_time, row.relation, row.nre) == (
        PHONE,
        "Mattina",
        "Madre o padre",
        NRE,
    )
    async with chatting.database.read() as reading:
        raw = await reading.scalar(select(Delivery.raw).where(Delivery.role == "office"))
    assert raw
    assert PHONE.encode() in raw
    sent = json.dumps(rasa.got)
    assert [secret for secret in (PHONE, NRE, "Madre") if secret in sent] == []


async def test_a_summary_in_another_language_is_noted_and_no_translated_consent_made_up(
    chatting: Browser, sender: str, directory: Directory
) -> None:
    async with chatting.get("/?lingua=ro"):
        pass
    assert (await send(chatting))[0] == 303
    row = await submit_chat(chatting.database, directory)
    assert row.reader == "ro"
    async with chatting.database.read() as reading:
        shown = (await reading.scalars(select(Consent.shown_language))).all()
    assert shown == [None, None]  # The consents were given in Italian, before.


async def test_they_lead_back_to_the_page_that_shows_the_chat(
    chatting: Browser, sender: str
) -> None:
    async with chatting.post(PATH, data=GIVEN) as response:
        assert response.headers["Location"] == "/assistenza"


async def test_a_prescription_goes_only_where_it_is_needed(
    chatting: Browser, sender: str, directory: Directory
) -> None:
    await send(chatting)
    async with chatting.database.write() as writing:
        draft = (await writing.scalars(select(Conversation.draft))).one()
        other = draft | {"category": "information"}
        await writing.execute(update(Conversation).values(draft=other))
    async with chatting.get(PATH) as response:
        assert 'id="nre"' not in await response.text()
    row = await submit_chat(chatting.database, directory)
    assert (row.phone, row.nre) == (PHONE, "")


async def test_wrong_answers_come_back_with_their_problems(chatting: Browser, sender: str) -> None:
    status, page = await send(chatting, phone="chiamatemi", nre="12", relation="Mario Rossi")
    assert status == 422
    assert ('id="phone-error"' in page, 'id="nre-error"' in page) == (True, True)
    assert ("chiamatemi" in page, "Mario Rossi" in page) == (True, False)
    assert "optional" not in json.dumps((await chatting.open_chat("portal"))["messages"])


async def test_a_cancelled_request_leaves_none_of_them(
    chatting: Browser, sender: str, rasa: StandInRasa
) -> None:
    await send(chatting)
    rasa.replies = [{"text": "Annullata.", "custom": {"ended": True, "cancelled": True}}]
    await chatting.press("/cancel")
    async with chatting.database.read() as reading:
        kept = json.dumps(
            [[row.text, row.input] for row in await reading.scalars(select(ChatMessage))]
        )
        kept += json.dumps((await reading.scalars(select(Conversation.draft))).one())
    assert [secret for secret in (PHONE, NRE, "Madre", "Mattina") if secret in kept] == []


async def test_without_a_summary_there_is_nothing_to_add_to(chatting: Browser) -> None:
    async with chatting.get(PATH) as response:
        assert response.status == 409
    assert (await send(chatting))[0] == 409
