"""Changes to Rasa 3.6.21, the last release: each for a measured reason, each with a test."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Dict

from jsonschema import ValidationError
from jsonschema.exceptions import best_match
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

_parse_with_graph = MessageProcessor._parse_message_with_graph


def apply_patches() -> None:
    """Change Rasa in this process."""
    RemoteAction._validate_action_result = _validate_action_result
    MessageProcessor._parse_message_with_graph = _parse_payload_or_text
    # Rasa walks over all classes of events for each event of each turn: a fifth of a turn.
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))


@lru_cache(maxsize=None)
def _action_result_validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    return validator_for(schema)(schema)


def _validate_action_result(self: RemoteAction, result: Dict[str, Any]) -> bool:
    """Check an action server's reply.

    Rasa's own checks the schema itself as well, at every call: 80 % of a form turn.
    """
    error = best_match(_action_result_validator().iter_errors(result))
    if error is not None:
        raise ValidationError(f"Invalid reply to action '{self.name()}': {error.validator}")
    return True


def _parse_payload_or_text(
    self: MessageProcessor,
    message: UserMessage,
    tracker: DialogueStateTracker,
    only_output_properties: bool = True,
) -> Dict[str, Any]:
    """Understand a button's payload without the NLU graph.

    Rasa runs the graph on payloads too and then throws its result away; most turns are payloads.
    """
    if (message.text or "").lstrip().startswith(INTENT_MESSAGE_PREFIX):
        raw = Message({TEXT: message.text})
        unpacked = YAMLStoryReader.unpack_regex_message(
            raw, self.domain, entity_extractor_name=RegexMessageHandler.__name__
        )
        if unpacked is not raw:
            return unpacked.as_dict(only_output_properties=only_output_properties)
    return _parse_with_graph(self, message, tracker, only_output_properties)
