"""One id follows a message through the JSON logs of web, Rasa, actions and worker."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from intercup.texts import TEXTS
from tests.support.chatting_citizen import ChattingCitizen, number_in, to_summary
from tests.support.running_service import RunningService, run_service

CATEGORY = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"


@pytest.fixture(scope="module")
def json_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INTERCUP_LOG_FORMAT", "json")
        yield from run_service(tmp_path_factory.mktemp("json"))


def lines_with(service: RunningService, part: str, trace: str) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in service.log(part).splitlines()]
    return [event for event in events if event.get("trace") == trace]


async def test_a_request_has_one_id_from_the_message_to_the_mails(
    json_service: RunningService,
) -> None:
    async with ChattingCitizen(json_service.url) as citizen:
        await citizen.log_in("Agata Lo Presti")
        await citizen.open("portal")
        await to_summary(citizen, CATEGORY, "ASP Trapani", "La pagina si chiude da sola.")
        await citizen.press(TEXTS("input.send"))
        number, trace = number_in(citizen.text), citizen.trace
        await citizen.mails_about(number, 2)
    (access,) = lines_with(json_service, "web", trace)
    assert {"method": "POST", "route": "/chat/messages", "status": 200}.items() <= access.items()
    (registered,) = lines_with(json_service, "actions", trace)
    assert number in registered["message"]
    async with asyncio.timeout(10):  # The worker logs after the commit.
        while len(sent := lines_with(json_service, "worker", trace)) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert [event["message"].split()[2] for event in sent] == ["sent", "sent"]


async def test_rasa_logs_the_id_of_a_message_that_failed(json_service: RunningService) -> None:
    pid = json_service.pid_of("actions")
    async with ChattingCitizen(json_service.url) as citizen:
        await citizen.open()
        os.kill(pid, signal.SIGKILL)
        await citizen.say("vorrei inviare una richiesta di assistenza")
        assert citizen.retry
        assert lines_with(json_service, "rasa", citizen.trace)
