"""An action fails inside the whole service: the citizen hears it, and nothing given is lost."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from uuid import uuid4

from intercup.texts import TEXTS
from tests.support.chatting_citizen import ChattingCitizen, number_in, to_summary
from tests.support.running_service import RunningService

CITIZEN = "Agata Lo Presti"
CATEGORY = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"
DESCRIPTION = "Dopo la scelta dell'orario la pagina si chiude."
RECIPIENTS = ["agata.lopresti@example.it", "cup@asptrapani.it"]


@contextmanager
def stored(service: RunningService, chat: str, **values: Any) -> Iterator[None]:
    """Put other values into the columns of a chat meanwhile."""
    path = service.data_dir / "intercup.db"
    names = ", ".join(values)
    set_all = f"UPDATE conversations SET {', '.join(f'{name} = ?' for name in values)} WHERE id = ?"  # noqa: S608
    with closing(sqlite3.connect(path, timeout=10)) as database:
        query = f"SELECT {names} FROM conversations WHERE id = ?"  # noqa: S608
        before = database.execute(query, (chat,)).fetchone()
        with database:
            database.execute(set_all, (*values.values(), chat))
    yield
    with closing(sqlite3.connect(path, timeout=10)) as database, database:
        database.execute(set_all, (*before, chat))


def draft_of(service: RunningService, chat: str) -> dict[str, Any]:
    with closing(sqlite3.connect(service.data_dir / "intercup.db", timeout=10)) as database:
        query = "SELECT draft FROM conversations WHERE id = ?"
        found: dict[str, Any] = json.loads(database.execute(query, (chat,)).fetchone()[0])
    return found


def assert_told_as_failed(citizen: ChattingCitizen) -> None:
    assert citizen.retry
    assert "non è andato perso" in citizen.text
    assert "intercup@regione.sicilia.it" in citizen.text
    assert "registrata con il numero" not in citizen.text


async def test_an_exception_in_the_form_is_told_and_the_draft_is_kept(
    service: RunningService,
) -> None:
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in(CITIZEN)
        chat = (await citizen.open("portal"))["conversation"]
        await citizen.press(CATEGORY)
        draft = draft_of(service, chat)
        answer = {"id": str(uuid4()), "payload": citizen.offers["ASP Trapani"]}
        # A draft that no code can read, and a sender that makes Rasa read it.
        broken = json.dumps(draft | {"candidates": 5})
        with stored(service, chat, draft=broken, sender_id=str(uuid4())):
            await citizen.post(answer)
            assert_told_as_failed(citizen)
            assert draft_of(service, chat) == json.loads(broken)
        await citizen.post(answer)
        assert citizen.input["type"] == "textarea"


async def test_an_exception_while_sending_is_told_and_the_request_can_be_sent_again(
    service: RunningService,
) -> None:
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in(CITIZEN)
        chat = (await citizen.open("portal"))["conversation"]
        await to_summary(citizen, CATEGORY, "ASP Trapani", DESCRIPTION)
        draft = draft_of(service, chat)
        send = {"id": str(uuid4()), "payload": citizen.offers[TEXTS("input.send")]}
        # Without its key nothing can be submitted; the form itself never looks at it.
        keyless = json.dumps({name: value for name, value in draft.items() if name != "key"})
        with stored(service, chat, draft=keyless):
            await citizen.post(send)
            assert_told_as_failed(citizen)
            assert draft_of(service, chat) == json.loads(keyless)
        await citizen.post(send)
        mails = await citizen.mails_about(number_in(citizen.text), len(RECIPIENTS))
    assert sorted(recipient for mail in mails for recipient in mail["rcpt"]) == RECIPIENTS
    assert all(DESCRIPTION in mail["body"] for mail in mails)
