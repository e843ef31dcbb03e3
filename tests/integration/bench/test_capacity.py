"""Turns of a load against a server that fails them."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bench.capacity import Load, Pacer, closed, paced, targets

EMPTY = {"messages": []}


def answering(status: int, body: object) -> TestServer:
    """A server that answers each turn with the same."""

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_post("/chat/messages", answer)
    return TestServer(app)


@pytest.mark.parametrize(("status", "body"), [(500, EMPTY), (403, {}), (200, {}), (200, [])])
async def test_another_status_or_answer_is_a_failed_turn_and_the_citizen_goes_on(
    status: int, body: object
) -> None:
    async with answering(status, body) as server, Pacer(str(server.make_url(""))) as citizen:
        load = await paced([citizen], 50, 0.5)
    assert load.failed > 1
    assert (load.answered, load.refused, load.silent) == ([], [], 0)


async def test_after_a_missing_button_the_request_begins_again() -> None:
    async with answering(200, EMPTY) as server, Pacer(str(server.make_url(""))) as citizen:
        load, _ = await closed([citizen], 0.2)
    assert load.failed > 1
    assert len(load.answered) - load.failed in (0, 1)


def test_failed_turns_count_as_not_answered() -> None:
    loads = {"steady": Load(answered=[1.0], failed=2), "overload": Load(failed=3)}
    unmet = [target.value for target in targets(18.0, loads) if not target.met]
    assert unmet == [2, 3]
    assert loads["overload"].summary()["failed"] == 3
