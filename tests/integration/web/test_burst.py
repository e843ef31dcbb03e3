"""A burst of connections on the loop that serves."""

import asyncio
import socket
from contextlib import ExitStack
from pathlib import Path

import uvloop
from aiohttp import web

from intercup.settings import Settings
from intercup.succession import Succession
from intercup.web.server import serving

CONNECTIONS = 64
ROUNDS = 8  # one more for each that a busy loop accepts alone would take seconds


def test_a_burst_of_connections_is_accepted_in_few_rounds_of_the_loop(tmp_path: Path) -> None:
    async def rounds() -> int:
        listening = Succession("127.0.0.1", 0).listening
        settings = Settings(data_dir=tmp_path)
        async with serving(web.Application(), settings, 1024, listening) as runner:
            with ExitStack() as clients:
                for _ in range(CONNECTIONS):
                    clients.enter_context(socket.create_connection(listening.getsockname()))
                count = 0
                assert runner.server
                while len(runner.server.connections) < CONNECTIONS:
                    await asyncio.sleep(0)
                    count += 1
            return count

    assert uvloop.run(rounds()) <= ROUNDS
