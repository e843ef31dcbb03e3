"""A long chat costs Rasa no more at its end than at its beginning."""

import psutil

from tests.support.chatting_citizen import ChattingCitizen
from tests.support.running_service import RunningService

CATEGORY = "Problemi tecnici rilevati durante la prenotazione sulla struttura sanitaria"
TURNS = 200
WINDOW = 40  # turns; the clock of processes ticks every 10 ms
GROWTH = 1.5


def cpu_seconds(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


async def test_turn_200_costs_what_turn_10_costs(service: RunningService) -> None:
    rasa = service.pid_of("rasa")
    spent = [cpu_seconds(rasa)]
    async with ChattingCitizen(service.url) as citizen:
        await citizen.log_in("Agata Lo Presti")
        await citizen.open("portal")
        await citizen.press(CATEGORY)
        # An answer that the form doesn't take is what costs most: Rasa replays the conversation.
        for _ in range(TURNS):
            await citizen.say("dove trovo il numero della ricetta?")
            assert not citizen.retry
            spent.append(cpu_seconds(rasa))
    first, last = spent[WINDOW] - spent[0], spent[TURNS] - spent[TURNS - WINDOW]
    assert last <= GROWTH * first
