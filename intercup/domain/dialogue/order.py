"""The order of the questions; fields already given are skipped."""

from intercup.domain.dialogue.draft import Field
from intercup.domain.request import TEXT_FIELDS

FIELDS: tuple[Field, ...] = ("category", "structure", *TEXT_FIELDS, "privacy", "regulation")
# Before login there is no structure to choose, but an address to prove.
ACCESS_FIELDS: tuple[Field, ...] = ("category", "description", "address", "privacy", "regulation")
