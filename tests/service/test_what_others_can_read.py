"""Other users and programs of the machine: no file, no secret, no action without asking."""

import aiohttp
import pytest

from intercup.private_files import UMASK
from tests.support.running_service import RunningService


def test_no_file_of_the_service_can_be_read_by_others(service: RunningService) -> None:
    own = [service.data_dir, *service.data_dir.rglob("*")]
    assert len(own) > 10
    assert [path for path in own if path.lstat().st_mode & UMASK] == []


@pytest.mark.parametrize("part", ["web", "worker", "actions", "demo"])
def test_only_those_who_speak_to_rasa_know_its_secret(service: RunningService, part: str) -> None:
    environment = service.environment_of(part)
    assert ("INTERCUP_RASA_SECRET" in environment) == (part in ("web", "actions"))
    assert environment["INTERCUP_DATA_DIR"] == str(service.data_dir)
    assert STRANGER not in environment


def test_rasa_knows_nothing_but_its_actions_and_the_secret_of_its_channel(
    service: RunningService,
) -> None:
    environment = service.environment_of("rasa")
    names = {name for name in environment if name.startswith("INTERCUP_")}
    known = {"INTERCUP_ACTIONS_WEBHOOK", "INTERCUP_RASA_SECRET", "INTERCUP_LOG_FORMAT"}
    assert names == known
    assert STRANGER not in environment


STRANGER = "PYTEST_CURRENT_TEST"  # stands in the environment of the program that starts all


@pytest.mark.parametrize(
    ("setting", "path"),
    [("ACTIONS", "/webhook"), ("ACTIONS", "/actions"), ("RASA", "/webhooks/rest/webhook")],
)
async def test_actions_and_channel_ask_for_the_secret(
    service: RunningService, setting: str, path: str
) -> None:
    url = service.environment[f"INTERCUP_{setting}_URL"] + path
    method = "GET" if path == "/actions" else "POST"
    async with aiohttp.ClientSession() as http:
        for authorization in ("", "Bearer ", "Bearer other"):
            headers = {"Authorization": authorization}
            async with http.request(method, url, json={"sender": "x"}, headers=headers) as answer:
                assert answer.status == 401
