"""The cost of a language: the CPU of a form turn in each, more than in Italian.

The texts are Italian everywhere, so that the same is understood.
"""

import asyncio
from contextlib import AsyncExitStack

from bench.measure import cpu_seconds
from bench.report import Target
from bench.service import CITIZEN, DESCRIPTION, PARTS, running
from intercup.languages.catalogues import ITALIAN, languages
from tests.support.chatting_citizen import ChattingCitizen
from tests.support.running_service import RunningService

MOST = 0.3  # milliseconds a turn
ROUNDS = 12  # in which the languages take turns, so that the machine's mood meets all of them
EDITS_OF_ROUND = 10
# Parts of the payloads that are pressed; None writes the description.
TO_THE_SUMMARY = ("report_booking_problem", "asp_trapani", None, "affirm", "affirm")
EDIT = ('"structure"}', "asp_trapani", '"description"}', None)


def write() -> str:
    """Measure, and return the table: language, milliseconds of CPU a turn."""
    found = asyncio.run(_measure())
    more = max(found.values()) - found[ITALIAN]
    rows = [f"| {code} | {cost:.2f} ms |" for code, cost in found.items()]
    target = Target("a language, more than Italian", more, MOST, True, "ms")
    return "\n".join(["| language | CPU a turn |", "|---|---|", *rows, "", target.row()])


async def _measure() -> dict[str, float]:
    async with running() as (service, _):
        return await _costs(service)


async def _costs(service: RunningService) -> dict[str, float]:
    spent = dict.fromkeys(languages(), 0.0)
    async with AsyncExitStack() as stack:
        citizens = {}
        for code in languages():
            citizen = await stack.enter_async_context(ChattingCitizen(service.url))
            await citizen.log_in(CITIZEN)
            await citizen.choose_language(code)
            await citizen.open("portal")
            await _take(citizen, TO_THE_SUMMARY)
            citizens[code] = citizen
        for _ in range(ROUNDS):
            for code, citizen in citizens.items():
                before = _cpu(service)
                for _ in range(EDITS_OF_ROUND):
                    await _take(citizen, EDIT)
                spent[code] += _cpu(service) - before
    turns = ROUNDS * EDITS_OF_ROUND * len(EDIT)
    return {code: seconds / turns * 1e3 for code, seconds in spent.items()}


async def _take(citizen: ChattingCitizen, steps: tuple[str | None, ...]) -> None:
    for part in steps:
        if part is None:
            await citizen.say(DESCRIPTION)
        else:
            await citizen.press(next(t for t, payload in citizen.offers.items() if part in payload))


def _cpu(service: RunningService) -> float:
    return sum(cpu_seconds(service.pid_of(part)) for part in PARTS)
