import ast
import asyncio
import inspect
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import dask
import jsonschema
import pytest
from engine import patches
from engine.safe_logging import TRACE
from rasa.core import processor
from rasa.core.actions import forms
from rasa.core.actions.action import ActionExtractSlots, RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.policies import rule_policy
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet, UserUttered
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils import common
from rasa.utils.endpoints import EndpointConfig

RUN_BY_DASK = DaskGraphRunner.run
IS_EMPTY = Domain.is_empty
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
        (RemoteAction, "_action_call_format"),
        (RulePolicy, "_find_action_from_rules"),
        (EndpointConfig, "session"),
        (EndpointConfig, "request"),
        (MessageProcessor, "_parse_message_with_graph"),
        (MessageProcessor, "run_action_extract_slots"),
        (Event, "resolve_by_type"),
        (DaskGraphRunner, "run"),
        (Domain, "is_empty"),
        *((module, "copy") for module in (processor, forms, rule_policy)),
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


@pytest.mark.parametrize(
    "text",
    ["\u200b/greet", "\u200d/greet", "\ufeff/greet", "\uff0fgreet", "\u2215greet", "\u2044greet"],
    ids=ascii,
)
@pytest.mark.parametrize("parse", ["ours", "rasa's"])
def test_what_only_looks_like_a_slash_is_no_payload(
    agent: Agent, text: str, parse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if parse == "rasa's":
        original = patches._parse_with_graph
        monkeypatch.setattr(MessageProcessor, "_parse_message_with_graph", original)
    assert understand(agent, text)["intent"].get("confidence") != 1.0


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
    reading, reply = replies
    assert reply["text"] == "Prego."
    assert reading["custom"]["reading"]["ranking"][0][0] == "thank"


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


def test_an_action_is_told_the_slots_and_only_the_newest_events() -> None:
    tracker = DialogueStateTracker("a", [TextSlot("category", [])])
    for number in range(100):
        tracker.update(SlotSet("category", f"value {number}"))
    action = RemoteAction("validate_request_form", None)
    call = action._action_call_format(tracker, Domain.empty())
    assert call["next_action"] == "validate_request_form"
    assert call["domain"] == {}
    assert call["tracker"]["slots"]["category"] == "value 99"
    values = [event["value"] for event in call["tracker"]["events"]]
    assert values == [f"value {number}" for number in range(80, 100)]


def test_no_rule_quotes_the_citizens_words(agent: Agent) -> None:
    policies = agent.processor.graph_runner._instantiated_nodes
    [policy] = [p for p in (n._component for n in policies.values()) if isinstance(p, RulePolicy)]
    states = " ".join(
        rule for kind in policy.lookup.values() if isinstance(kind, dict) for rule in kind
    )
    assert '"text"' not in states


def test_calls_to_the_action_server_share_a_connection() -> None:
    peers = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peers.append(writer.get_extra_info("peername"))
        while await reader.readline():
            while (await reader.readline()).strip():
                pass
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    async def call_twice() -> None:
        patches._connector.cache_clear()
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        endpoint = EndpointConfig(f"http://127.0.0.1:{port}/webhook")
        for number in range(2):
            TRACE.set(f"request {number}")
            await endpoint.request("get")
        await patches._connector().close()
        patches._connector.cache_clear()
        server.close()

    asyncio.run(call_twice())
    assert len(peers) == 1


@pytest.mark.parametrize("module", [processor, forms, rule_policy])
def test_rasa_copies_only_for_debug_logs_where_we_copy_nothing(module: ModuleType) -> None:
    tree = ast.walk(ast.parse(inspect.getsource(module)))
    calls = [node for node in tree if isinstance(node, ast.Call)]
    logs = [call for call in calls if ast.unparse(call.func) == "structlogger.debug"]
    logged = {node for log in logs for node in ast.walk(log)}
    copies = [call for call in calls if ast.unparse(call.func).startswith("copy.")]
    assert copies
    assert logged.issuperset(copies)
    value = [object()]
    assert module.copy.deepcopy(value) is value


def test_rasas_extraction_would_fill_no_slot_of_ours() -> None:
    domain = Domain.load(str(Path(__file__).parents[2] / "domain.yml"))
    tracker = DialogueStateTracker("sender", domain.slots)
    tracker.update(UserUttered("ASP Trapani", entities=[{"entity": "structure", "value": "x"}]))
    extraction = ActionExtractSlots(None).run(CollectingOutputChannel(), None, tracker, domain)
    assert asyncio.run(extraction) == []


def test_no_turn_looks_at_the_mappings_of_slots(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forbidden(*_: Any) -> None:
        raise AssertionError("slots are extracted")

    monkeypatch.setattr(ActionExtractSlots, "run", forbidden)
    asyncio.run(agent.handle_text("/greet"))


@pytest.mark.parametrize("content", [{}, {"intents": ["greet"]}, {"slots": {}}])
def test_a_domain_is_empty_if_rasa_says_so(content: dict[str, Any]) -> None:
    domain = Domain.from_dict(content)
    assert domain.is_empty() is IS_EMPTY(domain)
