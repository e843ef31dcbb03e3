"""Addresses, codes and numbers of persons stay in the gateway: Rasa gets verdicts."""

import json

import pytest

from intercup.db.engine import Database
from intercup.db.tables import Delivery
from tests.support.made_requests import deliveries
from tests.support.web_service import Browser, Service, StandInRasa

ADDRESS = "salvo.russo@example.it"


def at(step: str) -> list[dict[str, object]]:
    return [{"text": "Avanti.", "custom": {"draft": {"category": "access", "step": step}}}]


@pytest.fixture
async def visitor(chat_service: Service, rasa: StandInRasa) -> Browser:
    """A browser without login whose chat asks for the address."""
    async with chat_service.browser() as browser:
        await browser.open_chat()
        rasa.replies = at("address")
        await browser.say("non riesco a entrare")
        yield browser


async def codes(database: Database) -> list[Delivery]:
    return [row for row in await deliveries(database) if row.role == "code"]


async def test_rasa_never_sees_an_address(visitor: Browser, rasa: StandInRasa) -> None:
    await visitor.say(f"scrivetemi a {ADDRESS}")
    assert rasa.got[-1]["metadata"]["address"] == "sent"
    assert ADDRESS not in json.dumps(rasa.got)
    assert [row.recipient for row in await codes(visitor.database)] == [ADDRESS]


async def test_rasa_never_sees_a_code(visitor: Browser, rasa: StandInRasa) -> None:
    rasa.replies = at("code")
    await visitor.say(ADDRESS)
    await visitor.say("è 123456")
    assert rasa.got[-1]["metadata"]["code"] in ("wrong", "right")
    assert "123456" not in json.dumps(rasa.got)


async def test_an_address_written_elsewhere_gets_no_code(
    chat_service: Service, rasa: StandInRasa
) -> None:
    async with chat_service.browser() as browser:
        await browser.open_chat()
        await browser.say(f"la mia mail è {ADDRESS}, il codice fiscale RSSMRA80A01H501U")
        assert await codes(browser.database) == []
    assert "address" not in rasa.got[-1]["metadata"]
    assert rasa.got[-1]["message"].endswith("indirizzo e-mail, il codice fiscale codice fiscale")


async def test_a_turn_that_fails_sends_one_code_when_it_is_repeated(
    visitor: Browser, rasa: StandInRasa
) -> None:
    rasa.replies = None
    id_ = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
    await visitor.say(ADDRESS, id_)
    rasa.replies = at("code")
    await visitor.say(ADDRESS, id_)
    assert len(await codes(visitor.database)) == 1
    assert rasa.got[-1]["metadata"]["address"] == "sent"


async def test_a_stranger_cannot_fill_a_mailbox(chat_service: Service, rasa: StandInRasa) -> None:
    verdicts = []
    for _ in range(5):
        async with chat_service.browser() as browser:
            await browser.open_chat()
            rasa.replies = at("address")
            await browser.say("non riesco a entrare")
            await browser.say(ADDRESS)
            verdicts.append(rasa.got[-1]["metadata"]["address"])
            database = browser.database
    assert verdicts == ["sent", "sent", "sent", "limited", "limited"]
    assert len(await codes(database)) == 3
