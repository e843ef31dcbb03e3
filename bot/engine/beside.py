"""A server that starts beside another one: it loads its model, tries it, and serves when told.

`engine.following` holds the other end of the control socket and the listening socket.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Dict

READY, GO = b"ready\n", b"go\n"
# Sentences that no published model may misread.
ASKED = {
    "ho un dolore fortissimo al petto e non respiro": "medical_emergency",
    "vorrei inviare una richiesta di assistenza": "request_assistance",
    "non riesco a entrare con lo SPID": "report_access_problem",
    "voglio disdire la visita": "change_booking",
    "buongiorno": "greet",
    "grazie mille": "thank",
    "che tempo fa domani a Roma": "out_of_scope",
}
SENDER = "probe-start"  # the actions answer a probe without a conversation
NICE = 5  # steps of priority that a citizen's turn has above a preparation

logger = logging.getLogger(__name__)


class Control:
    """The control socket, as the new server sees it; its other end gone ends this process."""

    def __init__(self, descriptor: int, listening: int) -> None:
        self._file = socket.socket(fileno=descriptor).makefile("rwb", buffering=0)
        self.listening = socket.socket(fileno=listening)

    def model(self) -> str:
        """Wait for the path of the model to serve."""
        return self._line().decode().strip()

    def ready_until_told(self) -> None:
        """Report that the model works, and wait for the order to serve."""
        self._file.write(READY)
        self._line()

    def _line(self) -> bytes:
        line = self._file.readline()
        if not line:
            raise SystemExit("the process that started this one is gone")
        return line


def preparation(gives_way: bool) -> Executor:
    """Return a thread to import and load in, of low priority if it gives way to another server.

    A lowered priority can't be raised again: so it isn't that of the main thread, which serves.
    """
    return ThreadPoolExecutor(1, initializer=_give_way if gives_way else None)


def _give_way() -> None:
    with suppress(PermissionError):  # as where a unit forbids it
        os.nice(NICE)


def serve_when_told(control: Control, preparing: Executor) -> None:
    """Let Rasa's server use the given socket, after the order, and end its connections."""
    import rasa.core.run
    from sanic import Sanic

    run, load = Sanic.run, rasa.core.run.load_agent_on_start

    def run_on_socket(app: Sanic, **options: Any) -> None:
        app.register_listener(_close_each_connection, "before_server_stop")
        run(app, **{**options, "sock": control.listening})

    async def load_and_wait(*arguments: Any) -> Any:
        loop = asyncio.get_running_loop()
        agent = await loop.run_in_executor(preparing, asyncio.run, load(*arguments))
        await _try(agent)
        await loop.run_in_executor(preparing, _freeze)
        await loop.run_in_executor(None, control.ready_until_told)
        return agent

    Sanic.run = run_on_socket
    rasa.core.run.load_agent_on_start = load_and_wait


def _freeze() -> None:
    """Keep the objects of the start, which live until the end, out of garbage collections."""
    gc.collect()
    gc.freeze()


async def _close_each_connection(app: Any, _: Any) -> None:
    """End each connection with its current answer; Sanic would wait 15 s for the next question."""

    async def close(request: Any, _response: Any) -> None:
        request.stream.keep_alive = False

    app.register_middleware(close, "response")


async def _try(agent: Any) -> None:
    """Ask for known sentences, and a turn with an action, which also warms the model.

    Raises:
        RuntimeError: the model can't be served.
    """
    from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

    if not agent.is_ready():
        raise RuntimeError("the model couldn't be loaded")
    read: Dict[str, str] = {}
    for text in ASKED:
        read[text] = (await agent.parse_message(text))["intent"]["name"]
    wrong = sum(read[text] != intent for text, intent in ASKED.items())
    if wrong:
        raise RuntimeError(f"the model misreads {wrong} of {len(ASKED)} sentences")
    output = CollectingOutputChannel()
    await agent.handle_message(UserMessage(list(ASKED)[1], output, SENDER))
    if not output.messages:
        raise RuntimeError("the model answers nothing")
