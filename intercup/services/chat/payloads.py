"""The payloads of buttons: an intent with its entities, in Rasa's format."""

import json

from intercup.domain.dialogue.draft import Field
from intercup.domain.directory import Category

YES, NO, CANCEL, NO_STRUCTURE = "/affirm", "/deny", "/cancel", "/no_structure"


def choose(category: Category) -> str:
    """Return the payload that chooses a category."""
    return f"/{category.readings[0].intent}"


def name_structure(id_: str) -> str:
    """Return the payload that names a structure."""
    return f"/inform_structure{json.dumps({'structure': id_})}"


def edit(field: Field) -> str:
    """Return the payload that goes back to a field."""
    return f"/edit_answer{json.dumps({'field': field})}"


NEW_CODE = edit("code")
