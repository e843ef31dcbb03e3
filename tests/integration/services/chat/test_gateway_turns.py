"""Turns of the chat with a stand-in for Rasa: each answered once, old buttons refused."""

import asyncio
import json
import logging
from uuid import uuid4

import pytest
from sqlalchemy import select

from intercup.db.tables import ChatMessage, Rating
from tests.support.made_requests import AGATA, count
from tests.support.web_service import Browser, Service, StandInRasa

ASKED = [{"text": "Continuo?", "buttons": [{"title": "Sì", "payload": "/affirm"}]}]
RATE = [{"text": "Quanto è stato facile?", "custom": {"input": "rating"}}]


async def test_rasa_sees_the_words_and_an_opaque_name_only(
    chatting: Browser, rasa: StandInRasa
) -> None:
    await chatting.say("/restart  il sito\nsi blocca")
    (got,) = rasa.got
    assert got["message"] == "restart il sito si blocca"
    assert set(got) == {"sender", "message", "metadata"}
    assert AGATA.email not in json.dumps(got)
    assert AGATA.name not in json.dumps(got)


async def test_a_long_text_reaches_rasa_whole(chatting: Browser, rasa: StandInRasa) -> None:
    text = "parola " * 200 + "fine"
    await chatting.say(text)
    assert rasa.got[0]["message"] == text
    assert rasa.got[0]["metadata"]["length"] == len(text)
    assert text in [message["text"] for message in (await chatting.open_chat())["messages"]]


@pytest.mark.both_databases
async def test_the_same_id_gives_the_same_answer_once(chatting: Browser, rasa: StandInRasa) -> None:
    id_ = str(uuid4())
    first = await chatting.say("ciao", id_)
    second = await chatting.say("ciao", id_)
    assert first == second
    assert len(rasa.got) == 1


@pytest.mark.both_databases
async def test_a_double_click_is_answered_once(chatting: Browser, rasa: StandInRasa) -> None:
    id_ = str(uuid4())
    first, second = await asyncio.gather(chatting.say("ciao", id_), chatting.say("ciao", id_))
    assert first == second
    assert len(rasa.got) == 1


async def test_a_button_that_was_offered_is_taken(chatting: Browser, rasa: StandInRasa) -> None:
    rasa.replies = ASKED
    await chatting.say("ciao")
    status, _ = await chatting.press("/affirm")
    assert status == 200
    assert rasa.got[-1]["message"] == "/affirm"
    lines = [message["text"] for message in (await chatting.open_chat())["messages"]]
    assert "Sì" in lines


async def test_a_button_of_an_earlier_question_is_refused(
    chatting: Browser, rasa: StandInRasa
) -> None:
    rasa.replies = ASKED
    await chatting.say("ciao")
    rasa.replies = [{"text": "Altra domanda."}]
    await chatting.say("ciao di nuovo")
    status, answer = await chatting.press("/affirm")
    assert (status, answer["error"]) == (409, "stale_choice")


@pytest.mark.both_databases
async def test_a_button_from_before_the_login_is_refused(
    chat_service: Service, rasa: StandInRasa
) -> None:
    async with chat_service.browser() as browser:
        await browser.open_chat()
        rasa.replies = ASKED
        await browser.say("ciao")
        await browser.log_in_again(AGATA)
        newest = (await browser.open_chat("portal"))["messages"][-1]
        assert newest["input"] == {"type": "login"}
        status, answer = await browser.press("/affirm")
        assert (status, answer["error"]) == (409, "stale_choice")
        status, _ = await browser.press(newest["buttons"][0]["payload"])
        assert status == 200


async def test_an_answered_question_comes_back_without_its_options(
    chatting: Browser, rasa: StandInRasa
) -> None:
    rasa.replies = RATE
    await chatting.say("ciao")
    assert (await chatting.open_chat())["messages"][-1]["input"]["type"] == "rating"
    await chatting.say("ciao di nuovo")
    inputs = [message.get("input") for message in (await chatting.open_chat())["messages"]]
    assert [each and each["type"] for each in inputs].count("rating") == 1


@pytest.mark.parametrize(
    "payload", ["/deny", "/restart", "/affirm ", '/affirm{"x": 1}', "rating:5"]
)
async def test_a_button_that_was_not_offered_is_refused(
    chatting: Browser, rasa: StandInRasa, payload: str
) -> None:
    rasa.replies = ASKED
    await chatting.say("ciao")
    status, _ = await chatting.press(payload)
    assert status == 409
    assert len(rasa.got) == 1


async def test_a_failed_turn_can_be_repeated_with_its_id(
    chatting: Browser, rasa: StandInRasa
) -> None:
    id_ = str(uuid4())
    rasa.replies = None
    assert (await chatting.say("ciao", id_))[1]["retry"] is True
    sender = rasa.got[-1]["sender"]
    rasa.replies = [{"text": "Eccomi."}]
    status, answer = await chatting.say("ciao", id_)
    assert (status, answer["messages"][0]["text"]) == (200, "Eccomi.")
    assert rasa.got[-1]["sender"] != sender
    texts = [message["text"] for message in (await chatting.open_chat())["messages"]]
    assert texts.count("ciao") == 1


@pytest.mark.parametrize(
    "other", [{"payload": "/restart"}, {"payload": "rating:99"}, {"text": "un altro testo"}]
)
async def test_a_repeated_id_cannot_carry_something_else(
    chatting: Browser, rasa: StandInRasa, other: dict[str, str]
) -> None:
    id_ = str(uuid4())
    rasa.replies = None
    await chatting.say("ciao", id_)
    rasa.replies = [{"text": "Eccomi."}]
    await chatting.send({"id": id_, **other})
    assert {got["message"] for got in rasa.got} == {"ciao"}
    assert await count(chatting.database, Rating) == 0


async def test_the_id_of_an_answer_cannot_carry_a_message(
    chatting: Browser, rasa: StandInRasa
) -> None:
    _, answer = await chatting.say("ciao")
    id_ = answer["messages"][0]["id"]
    await chatting.send({"id": id_, "payload": "/restart"})
    assert {got["message"] for got in rasa.got} == {"ciao"}


@pytest.mark.both_databases
@pytest.mark.parametrize(("choice", "stored"), [("rating:4", 1), ("rating:skip", 0)])
async def test_a_rating_is_stored_without_asking_rasa(
    chatting: Browser, rasa: StandInRasa, choice: str, stored: int
) -> None:
    rasa.replies = RATE
    await chatting.say("ciao")
    status, _ = await chatting.press(choice)
    assert (status, len(rasa.got)) == (200, 1)
    assert await count(chatting.database, Rating) == stored
    assert (await chatting.press(choice))[0] == 409


async def test_a_failed_action_is_told_as_not_done(chatting: Browser, rasa: StandInRasa) -> None:
    rasa.replies = [{"text": "ok"}, {"custom": {"failed": True}}]
    status, answer = await chatting.say("ciao")
    assert (status, answer.get("retry")) == (200, True)


async def test_the_words_of_citizens_are_in_no_log(
    chatting: Browser, rasa: StandInRasa, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    rasa.replies = None
    await chatting.say("CANARINO-7f3a")
    await chatting.open_chat("portal")
    assert "CANARINO-7f3a" not in caplog.text
    assert AGATA.email not in caplog.text


async def test_what_was_written_before_is_in_the_mailbox_link(
    chatting: Browser, rasa: StandInRasa
) -> None:
    id_ = str(uuid4())
    rasa.replies = [
        {"text": "Scriva qui.", "custom": {"links": ["mail_home"]}},
        {"custom": {"draft": {"first_message": id_}}},
    ]
    _, answer = await chatting.say("Non riesco a entrare", id_)
    (link,) = answer["messages"][0]["links"]
    assert link["href"].endswith("&body=Non%20riesco%20a%20entrare")


async def test_the_chat_does_not_tell_how_many_stars(chatting: Browser, rasa: StandInRasa) -> None:
    rasa.replies = RATE
    await chatting.say("ciao")
    await chatting.press("rating:4")
    async with chatting.get("/chat/session") as response:
        lines = (await response.json())["messages"]
    assert "4 stelle su 5" not in [line["text"] for line in lines]


async def test_a_cancelled_request_leaves_no_text_behind(
    chatting: Browser, rasa: StandInRasa
) -> None:
    id_ = str(uuid4())
    await chatting.send({"id": id_, "text": "la mia descrizione"})
    rasa.replies = [{"text": "Ecco."}, {"custom": {"draft": {"description": id_, "step": None}}}]
    await chatting.say("avanti")
    rasa.replies = [{"text": "Annullata."}, {"custom": {"ended": True, "cancelled": True}}]
    await chatting.say("annulla")
    async with chatting.get("/chat/session") as response:
        lines = (await response.json())["messages"]
    assert "la mia descrizione" not in [line["text"] for line in lines]


@pytest.mark.both_databases
async def test_a_cancelled_text_is_nowhere_in_the_chat_any_more(
    chatting: Browser, rasa: StandInRasa
) -> None:
    said, id_ = "Ho la gastrite\ne il sito si blocca", str(uuid4())
    heard = {"message": id_, "structures": [], "topic": None, "length": 30}
    draft = {"category": "platform", "first_message": id_, "heard": [heard], "step": "description"}
    rasa.replies = [
        {"text": "Scriva.", "custom": {"draft": draft, "input": "description"}},
        {"text": "Oppure:", "custom": {"links": ["mail_home"]}},
        {"text": "Da solo:", "custom": {"input": "mail"}},
    ]
    await chatting.say(said, id_)
    before = json.dumps(await chatting.open_chat("portal"))
    assert "gastrite" in before
    rasa.replies = [{"text": "Eliminato.", "custom": {"ended": True, "cancelled": True}}]
    await chatting.say("annulla")
    after = json.dumps(await chatting.open_chat("portal"))
    assert "gastrite" not in after
    assert "Testo eliminato" in after


M1, M2, M3 = (str(uuid4()) for _ in range(3))
FIRST = "Ho la gastrite e non riesco a prenotare."
CORRECTED = "Ho l'ulcera, non la gastrite: il sito si blocca."
CANCELLED = [{"text": "Eliminato.", "custom": {"ended": True, "cancelled": True}}]


def at(step: str, **draft: str) -> list[dict[str, object]]:
    return [{"text": "Avanti.", "custom": {"draft": {"step": step} | draft, "input": step}}]


async def all_that_is_stored(browser: Browser) -> str:
    async with browser.database.read() as reading:
        lines = (await reading.scalars(select(ChatMessage))).all()
    return json.dumps([[line.text, line.input, line.links] for line in lines])


async def test_a_cancel_deletes_texts_that_were_corrected_before(
    chatting: Browser, rasa: StandInRasa
) -> None:
    rasa.replies = at("description", first_message=M1)
    await chatting.say(FIRST, M1)
    rasa.replies = at("privacy", description=M2)
    await chatting.say(CORRECTED, M2)
    rasa.replies = at("privacy", description=M3)
    await chatting.say("Il sito si blocca e basta.", M3)
    assert "gastrite" in await all_that_is_stored(chatting)
    rasa.replies = CANCELLED
    await chatting.say("annulla tutto")
    stored = await all_that_is_stored(chatting)
    assert not [word for word in ("gastrite", "ulcera", "blocca") if word in stored]


async def test_a_cancel_deletes_what_was_written_before_the_login(
    chat_service: Service, rasa: StandInRasa
) -> None:
    async with chat_service.browser() as browser:
        await browser.open_chat()
        rasa.replies = at("address", category="access", description=M1)
        await browser.say(FIRST, M1)
        rasa.replies = at("address", category="access", description=M2)
        await browser.say("Non riesco a entrare con SPID.", M2)
        await browser.log_in_again(AGATA)
        rasa.replies = CANCELLED
        await browser.say("annulla tutto")
        assert "gastrite" not in await all_that_is_stored(browser)


async def test_a_cancel_deletes_a_text_that_got_no_answer(
    chatting: Browser, rasa: StandInRasa
) -> None:
    rasa.failures = [(500, ""), (500, "")]
    await chatting.say(FIRST)
    rasa.replies = at("privacy", description=M2)
    await chatting.say("Il sito si blocca e basta.", M2)
    rasa.replies = CANCELLED
    await chatting.say("annulla tutto")
    assert "gastrite" not in await all_that_is_stored(chatting)


@pytest.mark.both_databases
async def test_a_cancel_deletes_a_text_that_a_link_holds_in_part(
    chatting: Browser, rasa: StandInRasa
) -> None:
    draft = {"step": "description", "first_message": M1}
    rasa.replies = [{"text": "Scriva.", "custom": {"draft": draft, "links": ["mail_home"]}}]
    await chatting.say("gastrite " * 200, M1)
    rasa.replies = CANCELLED
    await chatting.say("annulla tutto")
    assert "gastrite" not in await all_that_is_stored(chatting)
