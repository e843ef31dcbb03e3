"""An action fails inside the whole service: the citizen hears it, and nothing given is lost."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from uuid import uuid4

from intercup.db.sqlite import sqlite3
from intercup.texts import TEXTS
from tests.support.chatting_citizen import ChattingCitizen, to_summary
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


async def test_a_draft_that_cannot_be_read_is_asked_again(service: RunningService) -> None:
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in(CITIZEN)
        chat = (await citizen.open("portal"))["conversation"]
        await citizen.press(CATEGORY)
        draft = draft_of(service, chat)
        answer = {"id": str(uuid4()), "payload": citizen.offers["ASP Trapani"]}
        # A draft of some other version, and a sender that makes Rasa read it.
        other = json.dumps(draft | {"candidates": 5, "step": "telephone"})
        with stored(service, chat, draft=other, sender_id=str(uuid4())):
            await citizen.post(answer)
            assert not citizen.retry
            assert citizen.input["type"] in ("select", "textarea")


async def test_an_exception_while_sending_is_told_and_nothing_written_is_lost(
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
            assert not citizen.retry
            assert "non è stata inviata" in citizen.text
            assert "registrata con il numero" not in citizen.text
            begun_again = draft_of(service, chat)
            assert begun_again["first_message"] == draft["description"]
            await citizen.press(CATEGORY)
            await citizen.press("ASP Trapani")
            assert DESCRIPTION in citizen.text
            assert TEXTS("input.use_first_message") in citizen.offers
