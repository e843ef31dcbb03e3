"""Small messages that are costly to read stop nobody: the chat, Rasa and the actions go on."""

import pytest

from tests.faults.visitor import Visitor
from tests.support.chatting_citizen import ChattingCitizen
from tests.support.running_service import RunningService

ATTACKS = {
    "indirizzi": "@." * 1_000,
    "segni combinanti": "a" + "\u0301\u0316" * 999,
    "spazi": "a" + " " * 1_998 + "b",
    "cifre": "1" * 2_000,
    "parentesi": "{[(" * 666,
    "parole": "asp " * 500,
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_a_costly_message_stops_nobody(service: RunningService, name: str) -> None:
    async with ChattingCitizen(service.url) as citizen:
        await citizen.open()
        async with Visitor(service.url).beside(f"2.000 caratteri in chat: {name}"):
            await citizen.say(ATTACKS[name])
        assert citizen.messages[-1]["text"]
        assert not citizen.retry
