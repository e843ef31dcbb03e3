"""Turns of nobody, in the background: only they show that Rasa and its actions work."""

import asyncio

from intercup.services.chat.conversations import PROBE_SENDER
from intercup.services.chat.rasa_client import (
    RasaClient,
    RasaUnavailable,
    TurnFailed,
)
from intercup.services.chat.render import signals_of
from intercup.services.ids import new_id

WHILE_UP = 2.0  # seconds between two probes
WHILE_DOWN = 1.0
UNNAMED = "?"
SENDER_TURNS = 20  # after which a probe begins a new conversation, as its cost grows
# Answered by an action, from the text alone.
TEXT = "vorrei inviare una richiesta di assistenza"


class Probe:
    """The state of the assistant: up if the last turn of at least one Rasa server worked."""

    def __init__(self, rasa: RasaClient) -> None:
        self._rasa = rasa
        self.is_up = False
        self.models: tuple[str, ...] = ()  # the names of those in use, one for each server

    async def watch(self) -> None:
        """Try turns until cancelled."""
        turns, sender = 0, ""
        while True:
            if turns % SENDER_TURNS == 0:
                sender = f"{PROBE_SENDER}{new_id()}"
            turns += 1
            tries = [self._model_of(server, sender) for server in range(self._rasa.servers)]
            named = await asyncio.gather(*tries)
            self.models = tuple(name for name in named if name)
            self.is_up = bool(self.models)
            await asyncio.sleep(WHILE_UP if self.is_up else WHILE_DOWN)

    async def _model_of(self, server: int, sender: str) -> str:
        """Return the name of the model that answers a turn; empty if none does."""
        try:
            seconds = self._rasa.timeout * self._rasa.first_share
            answer = await self._rasa.send(server, sender, TEXT, {}, seconds)
        except (RasaUnavailable, TurnFailed):
            return ""
        return str(signals_of(answer.replies).get("reading", {}).get("model", UNNAMED))
