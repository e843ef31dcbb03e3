"""The cost of collecting sentences."""

import statistics
import time
from typing import Any

from intercup.domain.dialogue import Draft
from intercup.domain.directory import Directory
from intercup.services.chat.incoming import Incoming
from intercup.services.tuning.collection import Collector, Heard
from intercup.services.tuning.sentence_seal import SentenceSeal
from tests.support.made_requests import AGATA, SECRET_KEY
from tests.support.removal_figures import sentences, without_marks

SIGNALS = {"reading": {"ranking": [["report_access_problem", 0.9]], "model": "0a1b2c3d"}}


def test_collecting_costs_a_turn_less_than_300_microseconds(directory: Directory) -> None:
    collector = Collector(SentenceSeal(SECRET_KEY), 30)
    messages = [Incoming("m", without_marks(each)) for each in sentences("sentences.txt")]
    pressed = Incoming("m", payload="/affirm")
    said: dict[str, Any] | None = None

    def turn(message: Incoming) -> float:
        nonlocal said
        start = time.process_time()
        heard = Heard(message, Draft(), Draft(), SIGNALS, None, AGATA)
        said = collector.note(said, heard, directory).said
        return time.process_time() - start

    turn(messages[0])  # reads the list of names
    # As in a request, buttons are half of the turns.
    taken = [turn(each) for message in messages for each in (message, pressed)]
    assert statistics.mean(taken) < 0.0003
