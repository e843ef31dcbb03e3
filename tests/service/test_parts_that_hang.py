"""Each part hangs: the three probes still answer at once, and tell what works."""

import asyncio
import os
import signal
import time
from contextlib import suppress
from typing import Any

import aiohttp
import pytest

from tests.support.running_service import RunningService, hanging

NOTICED_WITHIN, BACK_WITHIN = 10.0, 40.0  # seconds
ANSWER_WITHIN = 1.0  # seconds
PROBES = ("/live", "/ready", "/health")


async def probes(service: RunningService) -> dict[str, tuple[int, dict[str, Any]]]:
    """Return what each probe answers, each within its time."""
    found = {}
    async with aiohttp.ClientSession() as http:
        for path in PROBES:
            began = time.monotonic()
            async with http.get(service.url + path) as response:
                found[path] = response.status, await response.json()
            assert time.monotonic() - began < ANSWER_WITHIN, path
    return found


async def until_assistant_is(
    service: RunningService, wanted: bool, within: float = NOTICED_WITHIN
) -> None:
    async with asyncio.timeout(within):
        while (await probes(service))["/health"][1]["assistant"] is not wanted:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.2)


@pytest.mark.parametrize("part", ["rasa", "actions"])
async def test_an_assistant_that_hangs_is_told_and_takes_nothing_else_along(
    mortal_service: RunningService, part: str
) -> None:
    with hanging(mortal_service, part):
        await until_assistant_is(mortal_service, False)
        found = await probes(mortal_service)
        assert found["/live"] == (200, {"live": True})
        assert found["/ready"] == (200, {"database": True, "assistant": False})
        assert found["/health"][0] == 200
    await until_assistant_is(mortal_service, True)


async def test_a_worker_that_hangs_hangs_no_probe(mortal_service: RunningService) -> None:
    with hanging(mortal_service, "worker"):
        found = await probes(mortal_service)
    assert [status for status, _ in found.values()] == [200] * len(PROBES)


async def test_a_dead_action_server_is_not_a_working_assistant(
    mortal_service: RunningService,
) -> None:
    async with asyncio.timeout(NOTICED_WITHIN):
        while (await probes(mortal_service))["/health"][1]["assistant"]:
            # It may be back before anybody has looked.
            with suppress(LookupError, ProcessLookupError):
                os.kill(mortal_service.pid_of("actions"), signal.SIGKILL)
            await asyncio.sleep(0.5)
    await until_assistant_is(mortal_service, True, BACK_WITHIN)
