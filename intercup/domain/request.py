"""A request for assistance: its parts, its rules and its number."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from intercup.domain.consent import CONSENTS
from intercup.domain.directory import Directory
from intercup.domain.normalise import normalise
from intercup.domain.protocol import Protocol

# Crockford's base 32: no I, L, O, U, which people misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NUMBER = re.compile(rf"IC(?:-[{_ALPHABET}]{{4}}){{3}}")


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
# Answers that may be left out, asked on pages alone; they follow in the mail.
OPTIONAL_FIELDS = ("phone", "best_time", "relation", "nre")
# The page's facts, a line each, as the citizen saw them and left them in; they come last.
PAGE_FACTS = "page_facts"
PAGE_FACTS_MAX = 500  # characters
PAGE_FACTS_LINES = 6
REQUEST_FIELDS = (*TEXT_FIELDS, *OPTIONAL_FIELDS, PAGE_FACTS)
_PHONE = re.compile(r"\+?\d(?:[ ./-]?\d){5,14}")
# Region, two letters or digits, batch and progressive number. Source: DM 2/11/2011.
_NRE = re.compile(r"\d{3}[0-9A-Z]{2}\d{10}")


def texts_of(given: object) -> dict[str, str]:
    """Return the texts of a form, a stored request or, as message ids, a draft, by field.

    A draft has only those of TEXT_FIELDS.
    """
    return {name: getattr(given, name) or "" for name in REQUEST_FIELDS if hasattr(given, name)}


@dataclass(frozen=True)
class RequestForm:
    """A citizen's answers, by chat or by form; `consents` holds the accepted version of each."""

    category: str | None
    structure: str | None
    description: str
    consents: Mapping[str, str]
    phone: str = ""
    best_time: str = ""
    relation: str = ""  # of the person that the citizen writes for, whose name isn't asked
    nre: str = ""
    page_facts: str = ""


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
    protocol: Protocol | None = None


def new_number() -> str:
    """Make an unguessable, not sequential number: 60 random bits as `IC-XXXX-XXXX-XXXX`."""
    digits = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    return f"IC-{digits[:4]}-{digits[4:8]}-{digits[8:]}"


def is_number(text: str) -> bool:
    """Return True if a text has the shape of a request's number."""
    return _NUMBER.fullmatch(text) is not None


def normalised(form: RequestForm) -> RequestForm:
    """Return the form with its texts in their normal form."""
    texts: dict[str, Any] = {name: normalise(text) for name, text in texts_of(form).items()}
    nre = re.sub(r"[\s*]", "", texts["nre"]).upper()
    return replace(form, **texts | {"nre": nre, PAGE_FACTS: page_facts_of(form.page_facts)})


def page_facts_of(text: str) -> str:
    """Return the page's facts in their normal form; what no page of ours says is cut off."""
    lines = normalise(text)[:PAGE_FACTS_MAX].splitlines()
    return "\n".join([line.strip() for line in lines if line.strip()][:PAGE_FACTS_LINES])


def problems_of(form: RequestForm, directory: Directory) -> dict[str, str]:
    """Return the key of each field's problem; empty if the request can be sent."""
    problems: dict[str, str] = {}
    category = directory.category_by_id.get(form.category or "")
    if category is None:
        problems["category"] = "category_missing"
    if form.structure is None:
        if category is None or category.structure_required:
            problems["structure"] = "structure_missing"
    elif form.structure not in directory.structure_by_id:
        problems["structure"] = "structure_unknown"
    if len(form.description) < DESCRIPTION_MIN:
        problems["description"] = "description_short"
    elif len(form.description) > DESCRIPTION_MAX:
        problems["description"] = "description_long"
    if form.phone and not _PHONE.fullmatch(form.phone):
        problems["phone"] = "phone_malformed"
    if form.nre and category and category.needs_no_nre:
        problems["nre"] = "nre_unneeded"
    elif form.nre and not _NRE.fullmatch(form.nre):
        problems["nre"] = "nre_malformed"
    for consent in CONSENTS:
        accepted = form.consents.get(consent.id)
        if accepted is None:
            problems[consent.id] = f"{consent.id}_missing"
        elif accepted != consent.version:
            problems[consent.id] = "consent_changed"
    return problems
