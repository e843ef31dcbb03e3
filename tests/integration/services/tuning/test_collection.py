"""Sentences kept beside the turns that show them; while the chat lives they go with it."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from intercup.db.engine import Database
from intercup.db.tables import BrowserSession, Conversation, KeptSentence
from intercup.domain.dialogue import Draft, draft_as_json
from intercup.domain.directory import Directory
from intercup.services.privacy.purge import purge
from intercup.services.tuning.sentence_seal import SentenceSeal
from intercup.settings import Settings
from tests.support.kept_sentences import keep_sentence
from tests.support.made_requests import AGATA, make_conversation
from tests.support.web_service import Browser, Service, StandInRasa, running_service

pytestmark = pytest.mark.both_databases

DAY = 86_400.0
CARD = "il mio codice fiscale RSSMRA80A01H501U non va, sono Agata Lo Presti"


def reading(intent: str, confidence: float) -> dict[str, Any]:
    return {"ranking": [[intent, confidence], ["greet", 0.1]], "model": "0a1b2c3d"}


def unsure(text: str = "Che cosa intende?", **signals: Any) -> list[dict[str, Any]]:
    """Return the replies of a Rasa that isn't sure."""
    given = {"reading": reading("report_access_problem", 0.4)} | signals
    return [{"text": text}, {"custom": given}]


async def kept(database: Database) -> list[KeptSentence]:
    async with database.read() as session:
        return list(await session.scalars(select(KeptSentence)))


async def test_an_unsure_sentence_is_kept_sealed_without_the_person(
    chatting: Browser, rasa: StandInRasa, chat_service: Service
) -> None:
    rasa.replies = unsure()
    await chatting.say(CARD)
    assert await kept(chatting.database) == []
    await chatting.say("va bene")
    (sentence,) = await kept(chatting.database)
    text = SentenceSeal(chat_service.settings.secret_key).open(sentence.sealed)
    assert text == "il mio codice fiscale [codice fiscale] non va, sono [nome]"
    assert (sentence.intent, sentence.confidence) == ("report_access_problem", 0.4)
    assert (sentence.second, sentence.model, sentence.reasons) == ("greet", "0a1b2c3d", ["low"])
    assert sentence.conversation_id


async def test_nothing_is_kept_where_it_is_not_wanted(
    database: Database,
    directory: Directory,
    tmp_path: Path,
    rasa: StandInRasa,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Settings, "keeps_sentences", False)
    async with (
        running_service(database, directory, tmp_path, rasa.url) as service,
        service.browser(AGATA) as browser,
    ):
        rasa.replies = unsure()
        await browser.open_chat("portal")
        await browser.say("non va")
        await browser.say("non va")
        async with database.read() as session:
            assert list(await session.scalars(select(Conversation.said))) == [None]
    assert await kept(database) == []


@pytest.fixture
async def unsure_chat(chatting: Browser, rasa: StandInRasa) -> AsyncIterator[Browser]:
    """A chat of which a sentence is kept and another remembered."""
    rasa.replies = unsure()
    await chatting.say("non va niente qui")
    await chatting.say("ancora non va")
    assert len(await kept(chatting.database)) == 1
    yield chatting


async def remembered(database: Database) -> list[Any]:
    async with database.read() as session:
        return list(await session.scalars(select(Conversation.said)))


async def test_a_cancel_takes_the_sentences_along(unsure_chat: Browser, rasa: StandInRasa) -> None:
    rasa.replies = [{"text": "Annullata."}, {"custom": {"ended": True, "cancelled": True}}]
    await unsure_chat.say("annulla")
    assert await kept(unsure_chat.database) == []
    assert await remembered(unsure_chat.database) == [None]


async def test_a_refused_consent_takes_them_along_and_ends_the_keeping(
    unsure_chat: Browser, rasa: StandInRasa
) -> None:
    refused = draft_as_json(Draft(category="technical", step="refusal"))
    rasa.replies = unsure(draft=refused)
    await unsure_chat.say("no")
    rasa.replies = unsure()
    await unsure_chat.say("e allora")
    await unsure_chat.say("e allora")
    assert await kept(unsure_chat.database) == []
    assert [said["last"] for said in await remembered(unsure_chat.database)] == [None]


async def test_a_forgotten_chat_takes_them_along(unsure_chat: Browser) -> None:
    async with unsure_chat.post("/chat/forget", json={}) as response:
        assert response.status < 300
    assert await kept(unsure_chat.database) == []


async def test_the_purge_of_a_chat_cuts_its_sentences_loose(
    unsure_chat: Browser, chat_service: Service
) -> None:
    database = unsure_chat.database
    async with database.write() as session:
        await session.execute(update(BrowserSession).values(conversation_id=None))
        await session.execute(update(Conversation).values(ended_at=time.time() - 2 * DAY))
    await purge(database, time.time())
    found = {tuple(each.reasons): each for each in await kept(database)}
    assert set(found) == {("low",), ("low", "left")}
    assert {each.conversation_id for each in found.values()} == {None}
    seal = SentenceSeal(chat_service.settings.secret_key)
    assert seal.open(found["low", "left"].sealed) == "ancora non va"


async def test_sentences_end_after_their_days(database: Database) -> None:
    await keep_sentence(database, "vecchia", until="2026-11-28")
    young = await keep_sentence(database, "nuova", until="2026-11-29")
    noon = 1_795_950_000.0  # 29 November 2026
    await purge(database, noon)
    assert [each.id for each in await kept(database)] == [young]


async def test_an_erased_chat_leaves_no_sentence(database: Database) -> None:
    chat = await make_conversation(database)
    await keep_sentence(database, "di una persona", conversation_id=chat)
    async with database.write() as session:
        await session.delete(await session.get_one(Conversation, chat))
    assert await kept(database) == []
