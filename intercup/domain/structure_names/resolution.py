"""The conclusion: structures that the text can mean, and how certain they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from intercup.domain.directory import Directory
from intercup.domain.structure_names.context import Standing, hesitates
from intercup.domain.structure_names.groups import Group, groups_of
from intercup.domain.structure_names.index import Index, index_of
from intercup.domain.structure_names.mentions import Mention, mentions_in
from intercup.domain.structure_names.words import cut

type Kind = Literal["one", "guess", "several", "outside", "none"]


@dataclass(frozen=True)
class Resolution:
    """The structures named in a text.

    kind: "one" an exact name of one structure; "guess" one structure, but in doubt: a typo, a place
    that belongs to it, a surname; "several" more than one; "outside" a place that is not in
    InterCup (ids are those near it).
    """

    kind: Kind
    ids: tuple[str, ...] = ()

    @property
    def mentioned(self) -> tuple[str, ...]:
        """The structures that a whole text mentions, without guesses: any surname might be one."""
        return self.ids if self.kind in ("one", "several") else ()


def resolve_structure(text: str, directory: Directory) -> Resolution:
    """Return the structure whose names cover the most words of the text."""
    index = index_of(directory)
    words = cut(text)
    found = mentions_in(words, index)
    groups = groups_of(found, words, index)
    named, denied = _with(groups, "named"), _with(groups, "denied")
    doubtful = [m for m in _with(groups, "weak") if m.name.source == "own"]
    speaking = named or doubtful
    covered = _covered(speaking, {mention.only for mention in denied})
    outside = _outside_left(speaking, covered, index)
    ids = tuple(sorted(_undominated(covered), key=index.order.__getitem__))
    if not ids:
        near = tuple(dict.fromkeys(id_ for mention in outside for id_ in mention.name.ids))
        return Resolution("outside" if outside else "none", near)
    if len(ids) > 1:
        return Resolution("several", ids)
    exact = any(mention.exact and mention.only == ids[0] for mention in found)
    doubted = not named or outside or denied or hesitates(words)
    return Resolution("one" if exact and not doubted else "guess", ids)


def _with(groups: list[Group], standing: Standing) -> list[Mention]:
    return [mention for group in groups if group.standing == standing for mention in group.mentions]


def _covered(named: list[Mention], denied: Iterable[str | None]) -> dict[str, set[int]]:
    """Return the positions of the words that name each structure."""
    covered: dict[str, set[int]] = {}
    for mention in named:
        if mention.name.source == "outside":
            continue
        for id_ in mention.name.ids:
            if len(mention.name.ids) == 1 or id_ not in denied:
                covered.setdefault(id_, set()).update(mention.positions)
    return covered


def _undominated(covered: dict[str, set[int]]) -> set[str]:
    """Drop structures whose words are a subset of another's, as in "Papardo di Messina"."""
    spans = covered.values()
    return {id_ for id_, span in covered.items() if not any(span < other for other in spans)}


def _outside_left(
    named: list[Mention], covered: dict[str, set[int]], index: Index
) -> list[Mention]:
    """Return the outside places not explained by the structures found."""
    own_cities = {index.provinces[id_] for id_ in covered}
    return [
        mention
        for mention in named
        if mention.name.source == "outside"
        and mention.name.words not in own_cities
        and not any(mention.span <= span for span in covered.values())
    ]
