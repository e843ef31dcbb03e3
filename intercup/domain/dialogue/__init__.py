"""The request flow as pure functions: draft and turn in, outcome out.

Nothing here sends anything: an outcome names the answers to give (responses of bot/domain.yml)
and the next question.
"""

from intercup.domain.dialogue.category import categories_shown, offices_shown
from intercup.domain.dialogue.draft import (
    ACCESS,
    NO_STRUCTURE,
    Draft,
    Heard,
    Outcome,
    Say,
    Turn,
    after_login,
    begun_again,
    draft_as_json,
    draft_from_json,
)
from intercup.domain.dialogue.emergency import (
    EMERGENCY,
    FALLBACK,
    TAKEN_BACK,
    after_alarm,
    raise_alarm,
)
from intercup.domain.dialogue.gone import without_gone
from intercup.domain.dialogue.interruption import OTHER_INTENTS
from intercup.domain.dialogue.misroute import Misroute, misroutes, others_possible
from intercup.domain.dialogue.moves import editable_fields
from intercup.domain.dialogue.opening import STORY_MIN, note_story, open_request
from intercup.domain.dialogue.registration import not_registered, registered, without_address
from intercup.domain.dialogue.steps import advance

__all__ = [
    "ACCESS",
    "EMERGENCY",
    "FALLBACK",
    "NO_STRUCTURE",
    "OTHER_INTENTS",
    "STORY_MIN",
    "TAKEN_BACK",
    "Draft",
    "Heard",
    "Misroute",
    "Outcome",
    "Say",
    "Turn",
    "advance",
    "after_alarm",
    "after_login",
    "begun_again",
    "categories_shown",
    "draft_as_json",
    "draft_from_json",
    "editable_fields",
    "misroutes",
    "not_registered",
    "note_story",
    "offices_shown",
    "open_request",
    "others_possible",
    "raise_alarm",
    "registered",
    "without_address",
    "without_gone",
]
