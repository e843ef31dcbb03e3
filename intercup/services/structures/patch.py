"""The technical team's changes as a patch of config/structures.yaml."""

import difflib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import yaml

from intercup.services.structures.fields import (
    CENTRAL,
    EMERGENCY,
    OF_EMERGENCY,
    OF_OUTSIDE,
    Values,
    added_entries,
    outside_entry,
)

WIDTH = 98  # characters of a line


def patch_of(source: str, name: str, values: Mapping[str, Values]) -> str:
    """Return a patch for `git apply` that puts these values into the file of this name.

    Values are replaced where they stand, so that comments and all other lines stay.
    """
    after = source
    for start, end, text in sorted(_changes(source, values), reverse=True):
        after = after[:start] + text + after[end:]
    old, new = (text.splitlines(keepends=True) for text in (source, after))
    return "".join(difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"))


def _changes(source: str, values: Mapping[str, Values]) -> Iterator[tuple[int, int, str]]:
    """Yield begin, end and text of each replacement."""
    document = yaml.compose(source)
    places = list(_places(document))
    yield from _new_parts(document, {entry for entry, _ in places}, values, len(source))
    for entry, place in places:
        if values.get(f"{entry}/names") == ():  # an outside place that the desk has taken out
            yield _removal(source, place)
            continue
        nodes = {key.value: (key, value) for key, value in place.value}
        for key, new in values.items():
            if key.rpartition("/")[0] != entry:
                continue
            name = key.rpartition("/")[2]
            if name in nodes:
                yield _replacement(source, *nodes[name], new)
            else:
                yield _addition(source, *nodes["administrative"], name, new)


def _removal(source: str, place: Any) -> tuple[int, int, str]:
    begin = source.rindex("\n", 0, place.start_mark.index) + 1
    end = begin + len(source[begin : place.end_mark.index].rstrip())
    return begin, source.find("\n", end) + 1 or len(source), ""


def _new_parts(
    document: Any, known: Collection[str], values: Mapping[str, Values], end: int
) -> Iterator[tuple[int, int, str]]:
    """Yield the outside places, and the lists of emergency words, that the file doesn't have."""
    outside = next((value for key, value in document.value if key.value == "outside"), None)
    added = [
        f"  - names:{_as_list(values[f'{entry}/names'], 4, 5)}\n"
        f"    near:{_as_list(values[f'{entry}/near'], 4, 4)}\n"
        for entry in added_entries(values)
        if entry not in known and all(f"{entry}/{name}" in values for name in OF_OUTSIDE)
    ]
    if added and outside and outside.value:
        yield outside.end_mark.index, outside.end_mark.index, "".join(added)
    elif added:
        yield end, end, "\noutside:\n" + "".join(added)
    words = {name: values.get(f"{EMERGENCY}/{name}", ()) for name in OF_EMERGENCY}
    if any(words.values()) and EMERGENCY not in known:
        lists = (f"  {name}:{_as_list(new, 2, len(name))}\n" for name, new in words.items())
        yield end, end, "\nemergency:\n" + "".join(lists)


def _replacement(source: str, key: Any, value: Any, new: Values) -> tuple[int, int, str]:
    begin = key.end_mark.index + 1  # after the colon
    if isinstance(value, yaml.ScalarNode):
        return begin, value.end_mark.index, f" {_scalar(new[0])}"
    end = begin + len(source[begin : value.end_mark.index].rstrip())
    return begin, end, _as_list(new, key.start_mark.column, len(key.value))


def _addition(source: str, key: Any, value: Any, name: str, new: Values) -> tuple[int, int, str]:
    """Put a list that the file doesn't have after the line of another."""
    indent = key.start_mark.column
    end = source.find("\n", value.end_mark.index - 1)
    end = end if end >= 0 else len(source)
    return end, end, f"\n{' ' * indent}{name}:{_as_list(new, indent, len(name))}"


def _as_list(values: Values, indent: int, key_length: int) -> str:
    """Return a list in brackets: beside its key if it fits, else below in lines."""
    words = [_scalar(value) for value in values]
    if indent + key_length + 4 + len(", ".join(words)) <= WIDTH:
        return f" [{', '.join(words)}]"
    lines = [""]
    for word in words:
        if lines[-1] and indent + 4 + len(lines[-1]) + len(word) > WIDTH:
            lines.append("")
        lines[-1] += f"{word}, "
    between = f"\n{' ' * (indent + 3)}"
    return f"\n{' ' * (indent + 2)}[{between.join(line.rstrip() for line in lines)[:-1]}]"


def _scalar(value: str) -> str:
    """Quote a value if YAML would read it otherwise in a list."""
    dumped = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=10**6)
    return dumped.strip()[1:-1]


def _places(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield the entry and the mapping of each part that can be changed."""
    sections = {key.value: value for key, value in document.value}
    yield CENTRAL, sections["mailboxes"]
    for structure in sections["structures"].value:
        yield next(value.value for key, value in structure.value if key.value == "id"), structure
    outside = sections.get("outside")
    for place in outside.value if outside else ():
        names = next(value for key, value in place.value if key.value == "names")
        yield outside_entry([each.value for each in names.value]), place
    if "emergency" in sections:
        yield EMERGENCY, sections["emergency"]
