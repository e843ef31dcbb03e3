"""Wordings of the technical team over the real Rasa, whose replies name their answers."""

import asyncio

from intercup.db.engine import Database
from intercup.services.answers.origin import answers
from intercup.services.answers.wordings import CHECK_EVERY, newest_by_name, save
from intercup.settings import SQLITE
from tests.support.chatting_citizen import ChattingCitizen
from tests.support.running_service import RunningService

DOUBTFUL = (
    "ho la febbre da cinque giorni e mi sento sempre più debole, a Ragusa c'è uno pneumologo"
    " questa settimana?"
)
# Said by a rule, by an action with values, and above another answer.
WORDED = {
    "utter_faq/spid": "SPID, in breve: scriva qui.",
    "utter_understood_both": "Ho scritto {structure_name}, «{category_label}».",
    "utter_possible_emergency": "Prima di tutto chiami il 112.",
}


async def word(database: Database, texts: dict[str, str]) -> None:
    async with database.write() as writing:
        newest = await newest_by_name(writing)
        for name, text in texts.items():
            seen = str(newest[name].id) if name in newest else "0"
            assert await save(writing, answers()[name], text, seen, "Rosa")
    await asyncio.sleep(CHECK_EVERY + 0.5)


async def test_every_kind_of_answer_is_said_as_worded(service: RunningService) -> None:
    database = Database(f"{SQLITE}{service.data_dir / 'intercup.db'}")
    await word(database, WORDED)
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in("Agata Lo Presti")
        await citizen.open("portal")
        said = await citizen.say("che cos'è lo spid")
        said += await citizen.say(DOUBTFUL)
    heard = "\n".join(message["text"] for message in said)
    await word(database, {name: answers()[name].text for name in WORDED})
    await database.close()
    assert "SPID, in breve" in heard
    assert "Ho scritto ASP Ragusa, «Richiesta informazioni" in heard
    assert "Prima di tutto chiami" in heard
