"""The order of the questions; what was already given is not asked."""

from intercup.domain.dialogue.draft import Field
from intercup.domain.request import TEXT_FIELDS

FIELDS: tuple[Field, ...] = ("category", "structure", *TEXT_FIELDS, "privacy", "regulation")
# Before login there is no structure to choose, but an address to prove.
ACCESS_FIELDS: tuple[Field, ...] = ("category", "description", "address", "privacy", "regulation")
