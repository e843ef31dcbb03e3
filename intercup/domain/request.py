"""A request for assistance: its parts, its rules and its number."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from intercup.domain.consent import CONSENTS
from intercup.domain.directory import Directory
from intercup.domain.normalise import normalise

# Crockford's base 32: no I, L, O, U, which people misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Citizen:
    """The citizen who asks. The address must have been proved, by SPID or by code.

    Before login the name is not known and empty.
    """

    person_key: str
    name: str
    surname: str
    email: str

    @property
    def full_name(self) -> str:
        return f"{self.name} {self.surname}".strip()


DESCRIPTION_MIN = 10  # characters
DESCRIPTION_MAX = 2_000  # characters
# Fields in the citizen's own words, in the order of the mail. Each has one name in form, draft,
# table and plain form; its label is `request.<name>` in texts.yaml.
TEXT_FIELDS: tuple[Literal["description"], ...] = ("description",)


def texts_of(given: object) -> dict[str, str]:
    """Return the texts of a form, a stored request or, as message ids, a draft, by field."""
    return {name: getattr(given, name) or "" for name in TEXT_FIELDS}


@dataclass(frozen=True)
class RequestForm:
    """A citizen's answers, by chat or by form; `consents` holds the accepted version of each."""

    category: str | None
    structure: str | None
    description: str
    consents: Mapping[str, str]


@dataclass(frozen=True)
class RegisteredRequest:
    """A request that is on disk."""

    number: str
    category: str
    structure: str | None
    texts: Mapping[str, str]  # by field
    office_name: str
    created_at: datetime
    sender: str = ""  # the citizen's name; the address before login
    email: str = ""


def new_number() -> str:
    """Make an unguessable, not sequential number: 60 random bits as `IC-XXXX-XXXX-XXXX`."""
    digits = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    return f"IC-{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def normalised(form: RequestForm) -> RequestForm:
    """Return the form with its texts in their normal form."""
    texts: dict[str, Any] = {name: normalise(text) for name, text in texts_of(form).items()}
    return replace(form, **texts)


def problems_of(form: RequestForm, directory: Directory) -> dict[str, str]:
    """Return the key of each field's problem; empty if the request can be sent."""
    problems: dict[str, str] = {}
    category = directory.category_by_id.get(form.category or "")
    if category is None:
        problems["category"] = "category_missing"
    if form.structure is None:
        if category and category.structure_required:
            problems["structure"] = "structure_missing"
    elif form.structure not in directory.structure_by_id:
        problems["structure"] = "structure_unknown"
    if len(form.description) < DESCRIPTION_MIN:
        problems["description"] = "description_short"
    elif len(form.description) > DESCRIPTION_MAX:
        problems["description"] = "description_long"
    for consent in CONSENTS:
        accepted = form.consents.get(consent.id)
        if accepted is None:
            problems[consent.id] = f"{consent.id}_missing"
        elif accepted != consent.version:
            problems[consent.id] = "consent_changed"
    return problems
