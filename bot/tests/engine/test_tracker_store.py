import asyncio
from pathlib import Path
from typing import Any

from engine.tracker_store import ExpiringTrackerStore
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

CONFIGURED = Path(__file__).parents[2] / "endpoints.yml"


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def store_of(clock: Clock, **bounds: Any) -> ExpiringTrackerStore:
    return ExpiringTrackerStore(Domain.empty(), clock=clock, **bounds)


def save(store: TrackerStore, *senders: str) -> None:
    for sender in senders:
        asyncio.run(store.save(DialogueStateTracker(sender, [])))


def known(store: TrackerStore, *senders: str) -> "list[bool]":
    return [asyncio.run(store.retrieve(sender)) is not None for sender in senders]


def test_an_idle_conversation_is_forgotten() -> None:
    clock = Clock()
    store = store_of(clock, max_idle_hours=2)
    save(store, "old")
    clock.seconds = 3600
    save(store, "new")
    clock.seconds = 2 * 3600 + 1
    assert known(store, "old", "new") == [False, True]
    assert list(asyncio.run(store.keys())) == ["new"]


def test_use_keeps_a_conversation() -> None:
    clock = Clock()
    store = store_of(clock, max_idle_hours=2)
    for hour in range(5):
        clock.seconds = hour * 3600
        save(store, "a")
    assert known(store, "a") == [True]


def test_beyond_the_number_the_least_recently_used_goes() -> None:
    store = store_of(Clock(), max_trackers=2)
    save(store, "a", "b", "a", "c")
    assert known(store, "a", "b", "c") == [True, False, True]


def test_the_endpoints_file_configures_it() -> None:
    endpoints = AvailableEndpoints.read_endpoints(str(CONFIGURED))
    store = TrackerStore.create(endpoints.tracker_store)
    assert type(store) is ExpiringTrackerStore
    assert endpoints.action.url == "http://127.0.0.1:5055/webhook"
