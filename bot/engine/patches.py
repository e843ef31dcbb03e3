"""Patches of Rasa 3.6.21, the last release, each with a measured reason and a test."""

from __future__ import annotations

import copy
import itertools
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Dict, List, Optional, Tuple

import aiohttp
import rasa
from jsonschema import ValidationError
from jsonschema.validators import validator_for
from rasa.core import processor
from rasa.core.actions import forms
from rasa.core.actions.action import RemoteAction
from rasa.core.channels import rest
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.policies import rule_policy
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.utils.endpoints import DEFAULT_REQUEST_TIMEOUT, EndpointConfig

from engine.channel import NamingOutput, call_headers, reading_of
from engine.emergency_detector import POSSIBLE
from engine.trackers import without_replay

# Seconds; shorter than the action server's, which must not close a connection in use.
KEEP_ALIVE = 2.0
ADVICE = "utter_possible_emergency"
ACTION_EVENTS = 20  # more than those of a turn
_find_by_intent = RulePolicy._find_action_from_rules
_parse_with_graph = MessageProcessor._parse_message_with_graph
_request = EndpointConfig.request


def apply_patches() -> None:
    """Change Rasa in this process."""
    RemoteAction._validate_action_result = _validate_action_result
    RemoteAction._action_call_format = _action_call
    RulePolicy._find_action_from_rules = _find_action_from_rules
    # The REST channel makes its own output.
    rest.CollectingOutputChannel = NamingOutput
    EndpointConfig.session = _session_with_kept_connections
    EndpointConfig.request = _request_with_secret
    MessageProcessor._parse_message_with_graph = _parse_payload_or_text
    MessageProcessor.run_action_extract_slots = _advise
    without_replay()
    DaskGraphRunner.run = _run_graph
    for module in (processor, forms, rule_policy):
        module.copy = SimpleNamespace(deepcopy=_itself)
    Domain.is_empty = _is_empty
    # Rasa iterates over all event classes for each event of each turn: a fifth of a turn.
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))


@lru_cache(maxsize=None)
def _result_validators() -> Tuple[Any, Dict[str, Any]]:
    """Return the validator of a reply without its events, and one for each kind of event."""
    schema = copy.deepcopy(RemoteAction.action_response_format_spec())
    make = validator_for(schema)
    event = schema["properties"]["events"].pop("items")
    kinds = event.pop("oneOf")
    by_kind = {
        kind["properties"]["event"]["const"]: make({"allOf": [event, kind]}) for kind in kinds
    }
    return make(schema), by_kind


def _validate_action_result(self: RemoteAction, result: Dict[str, Any]) -> bool:
    """Check an action server's reply.

    Rasa's own also checks the schema itself at every call, which takes 80 % of a form turn, and
    tries all 23 event schemas on each event, though the event names its type.
    """
    reply, by_kind = _result_validators()
    valid = reply.is_valid(result) and all(
        isinstance(event, dict)
        and isinstance(event.get("event"), str)
        and event["event"] in by_kind
        and by_kind[event["event"]].is_valid(event)
        for event in result.get("events", [])
    )
    if not valid:
        raise ValidationError(f"Invalid reply to action '{self.name()}'")
    return True


def _action_call(
    self: RemoteAction, tracker: DialogueStateTracker, domain: Domain
) -> Dict[str, Any]:
    """Return the body of a call to an action: the conversation without its older events.

    Rasa's own sends the whole domain and all events with each call. Our actions need neither; the
    empty domain keeps rasa-sdk from asking for it.
    """
    state = tracker.current_state()
    newest = itertools.islice(reversed(tracker.events), ACTION_EVENTS)
    state["events"] = [event.as_dict() for event in reversed(list(newest))]
    return {
        "next_action": self.name(),
        "sender_id": tracker.sender_id,
        "tracker": state,
        "version": rasa.__version__,
        "domain": {},
    }


def _itself(value: Any) -> Any:
    """Return the value: these modules of Rasa copy only for debug logs, which nobody reads."""
    return value


def _is_empty(self: Domain) -> bool:
    """Return True if the domain is empty; Rasa makes a new empty one to know it at each turn."""
    return self.as_dict() == _empty_domain()


@lru_cache(maxsize=None)
def _empty_domain() -> Dict[str, Any]:
    return Domain.empty().as_dict()


@lru_cache(maxsize=None)
def _connector() -> aiohttp.TCPConnector:
    return aiohttp.TCPConnector(keepalive_timeout=KEEP_ALIVE)


def _session_with_kept_connections(self: EndpointConfig) -> aiohttp.ClientSession:
    """Return a session for one call to the action server.

    Rasa's own opens a connection for each call, which costs a tenth of a turn at either end. A
    session with headers would only find connections that had the same headers.
    """
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
        connector=_connector(),
        connector_owner=False,
    )


async def _request_with_secret(self: EndpointConfig, *arguments: Any, **options: Any) -> Any:
    """Call the action server with the secret that it asks for."""
    headers = {**options.pop("headers", {}), **call_headers()}
    return await _request(self, *arguments, headers=headers, **options)


def _find_action_from_rules(
    self: RulePolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    use_text_for_last_user_input: bool,
) -> Tuple[Optional[str], Optional[str], bool]:
    """Find a matching rule.

    Rasa searches twice, first for rules with the citizen's words, which we don't have.
    """
    if use_text_for_last_user_input:
        return None, None, False
    return _find_by_intent(self, tracker, domain, use_text_for_last_user_input)


def _run_graph(
    self: DaskGraphRunner,
    inputs: Optional[Dict[str, Any]] = None,
    targets: Optional[List[str]] = None,
) -> Dict[str, Any]:
    """Run the nodes needed by the targets, each once.

    Dask would schedule every run anew, for threads that it doesn't use: 1 ms a turn.
    """
    done: Dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}

    def output_of(name: str) -> Any:
        if name not in done:
            schema = self._graph_schema.nodes.get(name)
            # As in Dask, a node without its input gets the input's name.
            done[name] = (
                self._instantiated_nodes[name](*map(output_of, schema.needs.values()))
                if schema
                else name
            )
        return done[name]

    return dict(output_of(name) for name in targets or self._graph_schema.target_names)


def _parse_payload_or_text(
    self: MessageProcessor,
    message: UserMessage,
    tracker: DialogueStateTracker,
    only_output_properties: bool = True,
) -> Dict[str, Any]:
    """Parse a button's payload without the NLU graph.

    Rasa runs the graph on payloads too, the majority of turns, and discards the result.
    """
    if (message.text or "").lstrip().startswith(INTENT_MESSAGE_PREFIX):
        raw = Message({TEXT: message.text})
        unpacked = YAMLStoryReader.unpack_regex_message(
            raw, self.domain, entity_extractor_name=RegexMessageHandler.__name__
        )
        if unpacked is not raw:
            return unpacked.as_dict(only_output_properties=only_output_properties)
    return _parse_with_graph(self, message, tracker, only_output_properties)


async def _advise(
    self: MessageProcessor, output_channel: OutputChannel, tracker: DialogueStateTracker
) -> DialogueStateTracker:
    """Say the advice for emergencies above the answer to a text that may tell of one.

    Only here every answer passes, whether a rule or an action gives it: so the reading of a text
    goes to the gateway from here too. Rasa would try the mappings of all slots at each turn: ours
    are all `custom` and fill none.
    """
    parsed = tracker.latest_message.parse_data
    if not (tracker.latest_message.text or INTENT_MESSAGE_PREFIX).startswith(INTENT_MESSAGE_PREFIX):
        reading = reading_of(parsed, self.model_metadata.model_id)
        await output_channel.send_custom_json(tracker.sender_id, {"reading": reading})
    if parsed.get(POSSIBLE):
        advice = await self.nlg.generate(ADVICE, tracker, output_channel.name())
        if advice:
            named = {**advice, "utter_action": ADVICE}
            await output_channel.send_response(tracker.sender_id, named)
    return tracker
