"""A canary goes through chat, form and mail; no log may hold it, nor anything of the citizen."""

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
            {"category": "platform", "description": f"Prova {CANARY} " * 3} | BOTH
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
