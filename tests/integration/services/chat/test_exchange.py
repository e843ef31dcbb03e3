"""The messages that a turn reads."""

from typing import Any

import pytest

from intercup.db.engine import Database
from intercup.services.chat.conversations import RECENT, Message, append, exchange
from tests.support.made_requests import make_conversation


async def _say(database: Database, chat: str, first: int, turns: int) -> None:
    async with database.write() as writing:
        for turn in range(first, first + turns):
            said = [
                Message(f"question {turn}", "citizen", id=f"m{turn}"),
                Message(f"answer {turn}"),
            ]
            await append(writing, chat, said, answers=f"m{turn}")


@pytest.mark.both_databases
async def test_a_message_comes_with_its_answers_and_the_newest_ones(database: Database) -> None:
    chat = await make_conversation(database)
    await _say(database, chat, 0, 20)
    newest = list(range(40 - RECENT, 40))
    async with database.write() as writing:
        await append(writing, chat, [Message("unanswered", "citizen", id="m20")])
    expected = {"m2": ([4, 5], [4, 5, *newest]), "m19": ([38, 39], newest), "m20": ([40], newest)}
    async with database.read() as reading:
        for message, (known, all_) in (expected | {"new": ([], newest)}).items():
            found = await exchange(reading, chat, message)
            of_message, messages = ([each.seq for each in part] for part in found)
            assert (of_message, messages) == (known, [*all_, 40])


async def test_a_turn_reads_as_little_of_a_long_conversation(database: Database) -> None:
    chat, steps = await make_conversation(database), dict[int, int]()
    async with database.read() as reading:
        driver: Any = vars(reading)["driver"]
    counted: list[None] = []
    for turns in (20, 400):
        await _say(database, chat, len(steps) * 20, turns - len(steps) * 20)
        driver._connection.set_progress_handler(lambda: counted.append(None), 10)
        async with database.read() as reading:
            await exchange(reading, chat, "new")
        driver._connection.set_progress_handler(None, 1)
        steps[turns] = len(counted)
        counted.clear()
    assert steps[400] <= 1.1 * steps[20]
