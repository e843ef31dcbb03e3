"""A mailbox changed in the database while everything runs: the chat's next request goes there."""

import asyncio

from intercup.db.engine import Database
from intercup.services.structures.structures import CHECK_EVERY
from intercup.services.structures.structures_file import document_of
from intercup.services.structures.versions import Values, all_corrected, save
from intercup.settings import SQLITE
from tests.support.chatting_citizen import ChattingCitizen, number_in, to_summary
from tests.support.paths import ROOT
from tests.support.running_service import RunningService

CATEGORY = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"
MAILBOX, PLACES = "asp_ragusa/technical", "asp_ragusa/places"
NEW = "nuovo@asp.rg.it"


async def put(database: Database, fields: dict[str, Values]) -> dict[str, Values]:
    """Store values as if two people had agreed; return those of the file."""
    async with database.write() as writing:
        corrected = await all_corrected(writing, document_of(ROOT / "config" / "structures.yaml"))
        for key, values in fields.items():
            field = corrected[key]
            seen = str(field.version.id if field.version else 0)
            assert await save(writing, field, values, seen, "Anna", "Bruno")
    await asyncio.sleep(CHECK_EVERY + 1.0)
    return {key: corrected[key].in_file for key in fields}


async def test_the_next_request_of_the_chat_goes_to_a_changed_mailbox(
    service: RunningService,
) -> None:
    database = Database(f"{SQLITE}{service.data_dir / 'intercup.db'}")
    before = await put(database, {MAILBOX: (NEW,), PLACES: ("cava d'ispica",)})
    try:
        async with ChattingCitizen(service.url) as citizen:
            await citizen.log_in("Agata Lo Presti")
            await citizen.open("portal")
            said = await citizen.say("non riesco a prenotare a cava d'ispica, errore 500")
            assert "Intende questa struttura?" in "\n".join(message["text"] for message in said)
        async with ChattingCitizen(service.url) as citizen:
            await citizen.log_in("Niccolò D'Amico")
            await citizen.open("portal")
            await citizen.say("devo fare una richiesta")
            await to_summary(citizen, CATEGORY, "ASP Ragusa", "Il CUP dà errore 500.")
            await citizen.press("Invia")
            mails = await citizen.mails_about(number_in(citizen.text), 2)
    finally:
        await put(database, before)
        await database.close()
    assert NEW in str([mail["to"] for mail in mails])
    assert before[MAILBOX][0] not in str(mails)
