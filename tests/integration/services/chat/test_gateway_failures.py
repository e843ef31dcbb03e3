"""The gateway: turns lost by Rasa, and turns and chats kept apart."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from intercup.db.tables import Conversation
from intercup.services.chat import turns
from intercup.services.chat.gateway import RESUME_SECONDS
from intercup.texts import TEXTS
from tests.support.made_requests import AGATA
from tests.support.web_service import RASA_PATIENCE, Browser, Service, StandInRasa

# How a turn that Rasa lost looks from outside.
LOST_TURNS = {
    "an empty list": (200, "[]"),
    "utter_default": (
        200,
        '[{"text": "Qualcosa non ha funzionato.", "custom": {"failed": "outage"}}]',
    ),
    "only a signal": (200, '[{"custom": {"draft": {"step": "category"}}}]'),
    "an error page": (500, '[{"text": "Va bene."}]'),
    "no JSON": (200, "Va bene."),
    "something else": (200, '{"text": "Va bene."}'),
}
M1 = "00000000-0000-4000-8000-000000000001"
FAULT = (200, '[{"custom": {"failed": "fault"}}]')
SLASHES = (
    "/restart",
    " /restart",
    "//restart",
    "/ /restart",
    "/\n/restart",
    "/\t/restart",
    "/\u00a0/restart",
    "\n/restart",
    "\u00a0/restart",
    "\u3000/restart",
    "\u200b/restart",
    "\u2060/ \ufeff/restart",
    "\x1c/restart",
    "\u202e/restart",
    '/inform_structure{"structure": "asp_trapani"}',
    "/",
)


async def stored_draft(browser: Browser, chat: str) -> dict[str, Any]:
    async with browser.database.read() as reading:
        row = await reading.get(Conversation, chat)
    assert row
    return row.draft


@pytest.mark.parametrize("lost", LOST_TURNS.values(), ids=LOST_TURNS.keys())
async def test_a_lost_turn_is_repeated_once_without_a_word(
    chatting: Browser, rasa: StandInRasa, lost: tuple[int, str]
) -> None:
    rasa.failures = [lost]
    _, answer = await chatting.say("ciao")
    assert [message["text"] for message in answer["messages"]] == ["Va bene."]
    assert "retry" not in answer
    first, second = rasa.got
    assert (first["message"], first["metadata"]) == (second["message"], second["metadata"])
    assert first["sender"] != second["sender"], "Rasa must start again from the stored draft"


@pytest.mark.parametrize("lost", LOST_TURNS.values(), ids=LOST_TURNS.keys())
async def test_a_turn_lost_twice_is_told_with_the_other_ways(
    chatting: Browser, rasa: StandInRasa, lost: tuple[int, str]
) -> None:
    rasa.failures = [lost, lost]
    _, answer = await chatting.say("ciao")
    assert answer["retry"] is True
    assert "intercup@regione.sicilia.it" in answer["messages"][0]["text"]
    assert "/assistenza" in [link["href"] for link in answer["messages"][0]["links"]]
    assert len(rasa.got) == 2


async def test_a_turn_that_fails_for_good_begins_again_with_the_words(
    chatting: Browser, rasa: StandInRasa
) -> None:
    chat = (await chatting.open_chat("portal"))["conversation"]
    given = {"category": "technical", "step": "structure", "first_message": "m1"}
    rasa.replies = [{"text": "Quale struttura?"}, {"custom": {"draft": given}}]
    await chatting.say("non riesco a prenotare")
    before = await stored_draft(chatting, chat)
    rasa.failures = [FAULT, FAULT]
    _, answer = await chatting.say("al Papardo")
    assert "retry" not in answer
    (message,) = answer["messages"]
    assert "non è stata inviata" in message["text"]
    assert "/assistenza" in [link["href"] for link in message["links"]]
    after = await stored_draft(chatting, chat)
    assert (after["first_message"], after["step"], after["category"]) == ("m1", None, None)
    assert after["key"] == before["key"]
    status, _ = await chatting.press(message["buttons"][0]["payload"])
    assert status == 200


async def test_a_fault_that_a_new_beginning_mends_is_not_told(
    chatting: Browser, rasa: StandInRasa
) -> None:
    rasa.failures = [FAULT]
    _, answer = await chatting.say("ciao")
    assert [message["text"] for message in answer["messages"]] == ["Va bene."]


async def test_a_rasa_that_hangs_costs_no_more_than_the_time_for_one_turn(
    chatting: Browser, rasa: StandInRasa
) -> None:
    rasa.failures = [None, None]
    began = time.monotonic()
    _, answer = await chatting.say("ciao")
    assert answer["retry"] is True
    assert time.monotonic() - began < RASA_PATIENCE + 1


async def until_asked(rasa: StandInRasa) -> None:
    async with asyncio.timeout(10):
        while not rasa.got:  # noqa: ASYNC110 (it happens outside of this program)
            await asyncio.sleep(0.01)


@pytest.fixture
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """The number of turns at the same time, for services that start after this."""
    monkeypatch.setattr(turns, "AT_ONCE", request.param)
    return int(request.param)


@pytest.fixture
async def chats(at_once: int, chat_service: Service) -> AsyncIterator[tuple[Browser, Browser]]:
    async with chat_service.browser() as first, chat_service.browser() as second:
        for browser in (first, second):
            await browser.open_chat()
        yield first, second


@pytest.mark.parametrize("at_once", [1], indirect=True)
async def test_one_turn_too_many_is_refused_at_once_and_taken_later(
    chats: tuple[Browser, Browser], rasa: StandInRasa
) -> None:
    first, second = chats
    rasa.seconds = 2.0
    turn = asyncio.create_task(first.say("ciao"))
    await until_asked(rasa)
    status, refused = await second.say("ciao", M1)
    assert (status, refused["error"], turn.done()) == (503, "chat_busy", False)
    assert (await turn)[0] == 200
    assert (await second.say("ciao", M1))[0] == 200


@pytest.mark.parametrize("at_once", [2], indirect=True)
async def test_a_turn_that_was_refused_or_waits_for_its_own_takes_no_place(
    chats: tuple[Browser, Browser], rasa: StandInRasa
) -> None:
    first, second = chats
    for _ in range(3):
        assert (await first.press("/not_offered"))[0] == 409
    rasa.seconds = 3.0
    said = []
    for text in ("uno", "due", "tre"):
        said.append(asyncio.create_task(first.say(text)))
        await asyncio.sleep(0.5)  # The lookup of its session takes a place, too.
    assert len(rasa.got) == 1
    assert (await second.say("ciao"))[0] == 200
    assert [status for status, _ in await asyncio.gather(*said)] == [200] * 3


async def test_pages_after_the_login_do_not_wait_for_a_rasa_that_hangs_or_is_down(
    chat_service: Service, rasa: StandInRasa
) -> None:
    async with chat_service.browser() as browser:
        await browser.open_chat()
        rasa.replies = [{"text": "Che cosa?", "custom": {"draft": {"category": "technical"}}}]
        await browser.say("ciao")
        await browser.log_in_again(AGATA)
        rasa.failures = [None, None]
        began = time.monotonic()
        await browser.open_chat("portal")
        assert time.monotonic() - began < RESUME_SECONDS + 1
        rasa.failures, rasa.replies = [], None
        assert (await browser.say("mi sente?"))[1]["retry"]
        asked = len(rasa.got)
        for _ in range(3):
            await browser.open_chat("portal")
        assert len(rasa.got) == asked, "a Rasa known to be down isn't asked"
        rasa.replies = [{"text": "Eccomi."}]
        async with asyncio.timeout(RASA_PATIENCE):  # until the next probe
            while True:
                texts = [each["text"] for each in (await browser.open_chat("portal"))["messages"]]
                if texts[-2:] == [TEXTS("chat.resumed"), "Eccomi."]:
                    break
                await asyncio.sleep(0.2)


async def test_a_choice_lost_in_one_tab_can_be_made_in_another(
    chatting: Browser, rasa: StandInRasa
) -> None:
    rasa.replies = [{"text": "Continuo?", "buttons": [{"title": "Sì", "payload": "/affirm"}]}]
    await chatting.say("ciao")
    rasa.replies, lost = None, str(uuid4())
    _, answer = await chatting.press("/affirm", lost)
    assert answer["retry"] is True
    rasa.replies = [{"text": "Bene."}]
    status, taken = await chatting.press("/affirm")
    assert (status, taken["messages"][0]["text"]) == (200, "Bene.")
    asked = len(rasa.got)
    assert await chatting.press("/affirm", lost) == (200, taken), "the first tab tries again"
    assert len(rasa.got) == asked


async def test_choices_stay_open_however_often_they_were_lost(
    chatting: Browser, rasa: StandInRasa
) -> None:
    rasa.replies = [{"text": "Continuo?", "buttons": [{"title": "Sì", "payload": "/affirm"}]}]
    await chatting.say("ciao")
    rasa.replies = None
    for _ in range(15):
        await chatting.press("/affirm")
    rasa.replies = [{"text": "Bene."}]
    assert (await chatting.press("/affirm"))[0] == 200


async def test_a_lost_choice_that_comes_too_late_is_refused(
    chatting: Browser, rasa: StandInRasa
) -> None:
    buttons = [{"title": "Sì", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}]
    rasa.replies = [{"text": "Continuo?", "buttons": buttons}]
    await chatting.say("ciao")
    rasa.replies, lost = None, str(uuid4())
    await chatting.press("/affirm", lost)
    rasa.replies = [{"text": "Allora no."}]
    assert (await chatting.press("/deny"))[0] == 200
    assert (await chatting.press("/affirm", lost))[0] == 409


async def test_a_turn_without_an_answer_in_time_is_lost(
    chatting: Browser, rasa: StandInRasa
) -> None:
    rasa.failures = [None]
    _, answer = await chatting.say("ciao")
    assert [message["text"] for message in answer["messages"]] == ["Va bene."]
    assert len(rasa.got) == 2


async def test_a_lost_turn_leaves_the_draft_as_it_was(chatting: Browser, rasa: StandInRasa) -> None:
    chat = (await chatting.open_chat("portal"))["conversation"]
    rasa.replies = [
        {"text": "Quale struttura?"},
        {"custom": {"draft": {"category": "technical", "step": "structure"}}},
    ]
    await chatting.say("non riesco a prenotare")
    before = await stored_draft(chatting, chat)
    forgetful = '[{"text": "Va bene.", "custom": {"draft": {"category": null}}}'
    lost = (200, f'{forgetful}, {{"custom": {{"failed": "outage"}}}}]')
    rasa.failures = [lost, lost]
    _, answer = await chatting.say("al Papardo")
    assert answer["retry"] is True
    assert before["category"] == "technical"
    # The lost words are noted, for a cancel; nothing else has changed.
    assert await stored_draft(chatting, chat) | {"texts": before["texts"]} == before


async def test_a_repeated_turn_goes_on_from_the_same_draft(
    chatting: Browser, rasa: StandInRasa
) -> None:
    chat = (await chatting.open_chat("portal"))["conversation"]
    given = {"category": "technical", "step": "structure"}
    rasa.replies = [{"text": "Quale struttura?"}, {"custom": {"draft": given}}]
    await chatting.say("non riesco a prenotare")
    rasa.replies, rasa.failures = [{"text": "Non ho capito."}], [LOST_TURNS["an empty list"]]
    await chatting.say("boh")
    assert (await stored_draft(chatting, chat)).items() >= given.items()


@pytest.mark.parametrize("text", SLASHES, ids=ascii)
async def test_a_typed_slash_never_begins_what_rasa_gets(
    chatting: Browser, rasa: StandInRasa, text: str
) -> None:
    status, _ = await chatting.say(text)
    assert status == 200
    (got,) = rasa.got
    # Rasa drops blanks before it looks for the slash.
    assert got["message"].strip()
    assert not got["message"].strip().startswith("/")


async def test_two_messages_at_once_reach_rasa_one_after_the_other(
    chatting: Browser, rasa: StandInRasa
) -> None:
    rasa.seconds = 0.2
    await asyncio.gather(chatting.say("ciao"), chatting.say("buongiorno"))
    assert sorted(got["message"] for got in rasa.got) == ["buongiorno", "ciao"]
    assert rasa.most_at_work == 1


async def test_chats_do_not_wait_for_each_other(chat_service: Service, rasa: StandInRasa) -> None:
    rasa.seconds = 0.5
    async with chat_service.browser() as one, chat_service.browser() as two:
        for browser in (one, two):
            await browser.open_chat()
        await asyncio.gather(one.say("ciao"), two.say("ciao"))
    assert rasa.most_at_work == 2


async def test_every_chat_has_a_sender_of_its_own_that_nobody_can_guess(
    chat_service: Service, rasa: StandInRasa
) -> None:
    for _ in range(3):
        async with chat_service.browser(AGATA) as browser:
            chat = (await browser.open_chat("portal"))["conversation"]
            await browser.say("ciao")
            assert rasa.got[-1]["sender"] != chat, "the browser knows the chat's id"
    senders = [got["sender"] for got in rasa.got]
    assert len(set(senders)) == 3
    assert all(len(sender) >= 22 for sender in senders), "128 bits in Base64"


async def test_no_sender_gets_more_turns_than_stay_cheap(
    chatting: Browser, rasa: StandInRasa
) -> None:
    for number in range(45):
        await chatting.say(f"messaggio {number}")
    turns = Counter(got["sender"] for got in rasa.got)
    assert len(rasa.got) == 45
    assert max(turns.values()) <= 20


async def test_a_new_sender_goes_on_from_the_same_draft(
    chatting: Browser, rasa: StandInRasa
) -> None:
    chat = (await chatting.open_chat("portal"))["conversation"]
    given = {"category": "technical", "step": "structure"}
    rasa.replies = [{"text": "Quale struttura?"}, {"custom": {"draft": given}}]
    await chatting.say("non riesco a prenotare")
    rasa.replies = [{"text": "Non ho capito."}]
    for _ in range(21):
        await chatting.say("boh", str(uuid4()))
    assert rasa.got[0]["sender"] != rasa.got[-1]["sender"]
    assert (await stored_draft(chatting, chat)).items() >= given.items()


async def test_a_sent_request_leaves_its_sender_behind(
    chatting: Browser, rasa: StandInRasa
) -> None:
    rasa.replies = [{"text": "Registrata."}, {"custom": {"ended": True}}]
    await chatting.say("invia")
    await chatting.say("ciao")
    assert rasa.got[0]["sender"] != rasa.got[1]["sender"]
