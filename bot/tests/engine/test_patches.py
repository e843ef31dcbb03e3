import asyncio
import warnings
from collections.abc import Iterator
from typing import Any

import dask
import jsonschema
import pytest
from engine import patches
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.events import Event, SlotSet
from rasa.shared.utils import common

RUN_BY_DASK = DaskGraphRunner.run
PAYLOADS = (
    "/greet",
    "  /greet  ",
    "/greet@0.5",
    '/edit_answer{"field": "description"}',
    '/edit_answer{"unknown": "x"}',
    "/edit_answer{broken",
    "/greet and more",
    "/unknown_intent",
    "/faq",
    "/faq/spid",
    "/",
    "/ ciao a tutti",
)


@pytest.fixture(autouse=True)
def patched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for owner, name in (
        (RemoteAction, "_validate_action_result"),
        (MessageProcessor, "_parse_message_with_graph"),
        (Event, "resolve_by_type"),
        (DaskGraphRunner, "run"),
    ):
        monkeypatch.setattr(owner, name, owner.__dict__[name])
    patches.apply_patches()
    yield


def understand(agent: Agent, text: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return asyncio.run(agent.processor.parse_message(UserMessage(text)))


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_payload_is_understood_as_by_the_graph(
    agent: Agent, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = understand(agent, text)
    monkeypatch.setattr(MessageProcessor, "_parse_message_with_graph", patches._parse_with_graph)
    assert ours == understand(agent, text)


def test_a_payload_does_not_run_the_graph(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent.processor, "graph_runner", None)
    assert understand(agent, "/greet")["intent"]["name"] == "greet"


BAD_REPLIES = (
    [],
    "text",
    {"events": {}},
    {"events": ["text"]},
    {"events": [{}]},
    {"events": [{"event": 1}]},
    {"events": [{"event": []}]},
    {"events": [{"event": "slot"}]},
    {"events": [{"event": "slot", "name": "a", "value": 1, "timestamp": "now"}]},
    {"events": [{"event": "bot"}, {"event": "no_such_event"}]},
    {"events": [], "responses": ["text"]},
)
GOOD_REPLIES = (
    {},
    {"events": [], "responses": [{"text": "a"}]},
    {"events": [{"event": "slot", "name": "a", "value": 1, "timestamp": None}]},
    {"events": [{"event": "active_loop", "name": None}, {"event": "session_started"}]},
)


@pytest.mark.parametrize("reply", BAD_REPLIES)
def test_a_bad_reply_of_an_action_is_rejected_without_quoting_it(reply: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(reply, RemoteAction.action_response_format_spec())
    with pytest.raises(jsonschema.ValidationError) as caught:
        RemoteAction("action_echo", None)._validate_action_result(reply)
    assert str(reply) not in str(caught.value)


@pytest.mark.parametrize("reply", GOOD_REPLIES)
def test_a_good_reply_of_an_action_is_accepted(reply: Any) -> None:
    jsonschema.validate(reply, RemoteAction.action_response_format_spec())
    assert RemoteAction("action_echo", None)._validate_action_result(reply)


def test_the_graph_gives_what_dask_gives(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = understand(agent, "che cos'è lo SPID?")
    monkeypatch.setattr(DaskGraphRunner, "run", RUN_BY_DASK)
    assert understand(agent, "che cos'è lo SPID?") == ours


def test_the_graph_runs_without_dask(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "get", None)
    replies = asyncio.run(agent.handle_text("grazie mille", sender_id="without dask"))
    assert [reply["text"] for reply in replies] == ["Prego."]


def test_the_schema_of_replies_is_checked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reply = {"events": [{"event": "slot", "name": "a", "value": 1}], "responses": [{"text": "a"}]}
    action = RemoteAction("action_echo", None)
    assert action._validate_action_result(reply)
    monkeypatch.setattr(jsonschema.validators, "validate", None)
    monkeypatch.setattr(RemoteAction, "action_response_format_spec", None)
    assert action._validate_action_result(reply)


def test_classes_of_events_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = {"event": "slot", "name": "a", "value": 1}
    assert Event.from_parameters(parameters) == SlotSet("a", 1)
    with pytest.raises(ValueError, match="Unknown event"):
        Event.resolve_by_type("no_such_event")
    monkeypatch.setattr(common, "all_subclasses", None)
    assert Event.from_parameters(parameters) == SlotSet("a", 1)
