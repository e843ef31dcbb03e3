"""The fields of config/structures.yaml that the technical team changes at its desk.

A field's key is `entry/name`, as in `asp_trapani/technical` or `outside-enna/names`. An outside
place has no id in the file, so its entry is its first name there. The desk adds outside places, and
one without names isn't there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any
from unicodedata import normalize

from intercup.domain.directory import Directory, Office

CENTRAL = "central-mailboxes"  # a hyphen, so that it is no structure's id
EMERGENCY = "emergency-words"
OUTSIDE = "outside-"
OFFICES = ("technical", "administrative")
OF_STRUCTURE = (*OFFICES, "aliases", "places")
OF_CENTRAL = ("home", "platform")
OF_OUTSIDE = ("names", "near")
OF_EMERGENCY = ("sure", "possible")

type Values = tuple[str, ...]


def outside_entry(names: Sequence[str]) -> str:
    """Return the entry of an outside place, from its names in the file."""
    plain = normalize("NFKD", names[0]).encode("ascii", "ignore").decode().lower()
    return OUTSIDE + re.sub("[^a-z0-9]+", "-", plain).strip("-")


def is_mailbox_field(key: str) -> bool:
    """Return True if the field decides where requests go."""
    return key.rpartition("/")[2] in (*OFFICES, *OF_CENTRAL)


def fields_of(document: Any) -> dict[str, Values]:
    """Return the values of every field of a valid document, in its order."""
    return {
        f"{entry}/{name}": _values(place.get(name, ()))
        for entry, place, names in _places(document)
        for name in names
    }


def with_values(document: Any, values: Mapping[str, Values]) -> Any:
    """Return a valid document with other values in some of its fields."""
    changed = deepcopy(document)
    changed["emergency"] = {name: [] for name in OF_EMERGENCY} | (changed.get("emergency") or {})
    places = list(_places(changed))
    for entry, place, names in places:
        for name in names:
            new = values.get(f"{entry}/{name}")
            if new is not None:
                place[name] = "\n".join(new) if entry == CENTRAL else list(new)
    known = {entry for entry, *_ in places}
    added = [
        {name: list(values.get(f"{entry}/{name}", ())) for name in OF_OUTSIDE}
        for entry in added_entries(values)
        if entry not in known
    ]
    changed["outside"] = [
        place for place in (*(changed.get("outside") or ()), *added) if place["names"]
    ]
    return changed


def added_entries(keys: Iterable[str]) -> list[str]:
    """Return the entries of outside places among some keys, in order, each once."""
    return list(dict.fromkeys(key.partition("/")[0] for key in keys if key.startswith(OUTSIDE)))


def office_of(directory: Directory, key: str) -> Office:
    """Return the office behind a mailbox field."""
    entry, _, name = key.partition("/")
    route: Any = name
    return directory.office_by_route(route, None if entry == CENTRAL else entry)


def _places(document: Any) -> Iterator[tuple[str, Any, Sequence[str]]]:
    """Yield entry, mapping and names of fields of each part that can be changed."""
    yield CENTRAL, document["mailboxes"], OF_CENTRAL
    for structure in document["structures"]:
        yield structure["id"], structure, OF_STRUCTURE
    for place in document.get("outside") or ():
        yield outside_entry(place["names"]), place, OF_OUTSIDE
    yield EMERGENCY, document.get("emergency") or {}, OF_EMERGENCY


def _values(value: Any) -> Values:
    return (value,) if isinstance(value, str) else tuple(value)
