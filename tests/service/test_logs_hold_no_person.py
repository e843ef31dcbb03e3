"""A canary goes through chat, form and mail; no log may hold it, nor anything of the citizen.

A sentence kept for the technical team holds its words, sealed, and nothing of the citizen.
"""

import asyncio
import json
import sqlite3

from intercup.services.tuning.sentence_seal import SentenceSeal
from tests.support.chatting_citizen import ChattingCitizen, number_in
from tests.support.made_requests import BOTH
from tests.support.running_service import RunningService

CANARY = "canarinogiallo"
PERSONAL = (CANARY, "Niccolò", "D'Amico", "niccolo.damico", "DMCNCL75M12G273U")


async def test_no_log_holds_a_citizens_words_or_identity(service: RunningService) -> None:
    async with ChattingCitizen(service.url) as citizen:
        await citizen.open("home")
        await citizen.say(f"non riesco ad entrare con lo spid {CANARY}")
        await citizen.say(f"/{CANARY}")
        await citizen.log_in("Niccolò D'Amico")
        await citizen.open("portal")
        await citizen.say(f"annulla {CANARY}")
        await citizen.open("portal")
        await citizen.say(f"asd qwe zxc {CANARY}")
        await citizen.page(f"/richieste?{CANARY}")
        await citizen.page(f"/{CANARY}")
        page = await citizen.send_form(
            {"category": "platform", "description": f"L'NRE risulta non valido {CANARY}"} | BOTH
        )
        await citizen.mails_about(number_in(page), 2)
    logs = [*service.data_dir.glob("log/*"), service.data_dir / "run.log"]
    assert len(logs) >= 6
    found = {
        (path.name, word)
        for path in logs
        for word in PERSONAL
        if word.lower() in path.read_text("utf-8", "replace").lower()
    }
    assert found == set()


async def test_a_kept_sentence_holds_the_words_sealed_and_nothing_of_the_citizen(
    service: RunningService,
) -> None:
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in("Niccolò D'Amico")
        await citizen.open("portal")
        for _ in range(2):
            await citizen.say(
                f"niccolo damico DMCNCL75M12G273U niccolo.damico@example.it asd qwe {CANARY}"
            )
        rows, said = await asyncio.to_thread(stored, service)
        await citizen.say("annulla tutto")
    assert not [word for word in PERSONAL if word.lower() in json.dumps([rows, said]).lower()]
    seal = SentenceSeal((service.data_dir / "secret.key").read_bytes().strip())
    texts = [seal.open(row) for row in rows]
    assert any(CANARY in text for text in texts)
    assert not [word for word in (*PERSONAL[1:], "niccolo", "damico") if word in str(texts)]


def stored(service: RunningService) -> tuple[list[str], list[str]]:
    """Return the sealed sentences, and what the chats remember."""
    database = sqlite3.connect(service.data_dir / "intercup.db")
    try:
        rows = [row[0] for row in database.execute("SELECT sealed FROM sentences")]
        said = [str(row[0]) for row in database.execute("SELECT said FROM conversations")]
        return rows, said
    finally:
        database.close()
