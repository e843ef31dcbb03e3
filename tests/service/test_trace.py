"""One id follows a message through the JSON logs of web, Rasa, actions and worker."""

import asyncio
import json
import os
import signal
from typing import Any

from intercup.texts import TEXTS
from tests.support.chatting_citizen import ChattingCitizen, number_in, to_summary
from tests.support.running_service import RunningService
from tests.support.trace_collector import Collector

SPANS = {
    ("intercup-web", "web", True),
    ("intercup-web", "rasa", False),
    ("intercup-actions", "actions", False),
    ("intercup-worker", "smtp", False),
}
EXPORTED_WITHIN, LOGGED_WITHIN = 20.0, 10.0  # seconds
CATEGORY = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"


async def lines_in_time(
    service: RunningService, part: str, trace: str, count: int
) -> list[dict[str, Any]]:
    """Wait for this many lines of a part's log: they come after the answer, through a pipe."""
    async with asyncio.timeout(LOGGED_WITHIN):
        while True:
            whole = service.log(part).rpartition("\n")[0].splitlines()
            events = (json.loads(line) for line in whole if trace in line)
            found = [event for event in events if event["trace"] == trace]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.1)


async def test_a_request_has_one_id_from_the_message_to_the_mails(
    mortal_service: RunningService, collector: Collector
) -> None:
    async with ChattingCitizen(mortal_service.url) as citizen:
        await citizen.log_in("Agata Lo Presti")
        await citizen.open("portal")
        await to_summary(citizen, CATEGORY, "ASP Trapani", "La pagina si chiude da sola.")
        await citizen.press(TEXTS("input.send"))
        number, trace = number_in(citizen.text), citizen.trace
        await citizen.mails_about(number, 2)
    (access,) = await lines_in_time(mortal_service, "web", trace, 1)
    assert {"method": "POST", "route": "/chat/messages", "status": 200}.items() <= access.items()
    (registered,) = await lines_in_time(mortal_service, "actions", trace, 1)
    assert number in registered["message"]
    sent = await lines_in_time(mortal_service, "worker", trace, 2)
    assert [event["message"].split()[2] for event in sent] == ["sent", "sent"]
    async with asyncio.timeout(EXPORTED_WITHIN):
        while len(set(spans := collector.spans_of(trace))) < len(SPANS):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    assert set(spans) == SPANS
    assert spans.count(("intercup-worker", "smtp", False)) == 2
    sent_out = b"".join(collector.bodies)
    for private in (number, "chiude da sola", "Agata", "Trapani", "example.it"):
        assert private.encode() not in sent_out


async def test_rasa_logs_the_id_of_a_message_that_failed(mortal_service: RunningService) -> None:
    pid = mortal_service.pid_of("actions")
    async with ChattingCitizen(mortal_service.url) as citizen:
        await citizen.open()
        os.kill(pid, signal.SIGKILL)
        await citizen.say("vorrei inviare una richiesta di assistenza")
        assert citizen.retry
        assert await lines_in_time(mortal_service, "rasa", citizen.trace, 1)
