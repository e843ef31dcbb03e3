"""Groups of adjacent names for the same thing, with their meaning in context."""

from dataclasses import dataclass, field
from itertools import pairwise

from intercup.domain.structure_names.context import Standing, joined_by_or, standing
from intercup.domain.structure_names.index import Index
from intercup.domain.structure_names.mentions import Mention
from intercup.domain.structure_names.words import Word


@dataclass
class Group:
    """Adjacent names of the same thing: "ospedale Cannizzaro", "di Catania"."""

    start: int
    end: int = 0
    mentions: list[Mention] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    standing: Standing = "named"

    def add(self, mention: Mention) -> None:
        """Add the next name of the text."""
        self.mentions.append(mention)
        self.ids.update(mention.name.ids)
        self.end = max(self.end, max(mention.positions) + 1)


def groups_of(found: list[Mention], words: list[Word], index: Index) -> list[Group]:
    """Group the names, in the order of the text, and judge each group by its context."""
    groups = _side_by_side_groups(_longest(found), words)
    _judge(groups, words, index)
    return groups


def _longest(found: list[Mention]) -> list[Mention]:
    """Drop names that are part of a longer one: "Catania" in "ASP Catania"."""
    spans_at: dict[int, set[frozenset[int]]] = {}
    for mention in found:
        for position in mention.positions:
            spans_at.setdefault(position, set()).add(mention.span)
    kept = [m for m in found if not any(m.span < span for span in spans_at[m.positions[0]])]
    return sorted(kept, key=lambda mention: min(mention.positions))


def _side_by_side_groups(mentions: list[Mention], words: list[Word]) -> list[Group]:
    groups: list[Group] = []
    for mention in mentions:
        if not groups or not _side_by_side(groups[-1], mention, words):
            groups.append(Group(min(mention.positions)))
        groups[-1].add(mention)
    return groups


def _side_by_side(group: Group, mention: Mention, words: list[Word]) -> bool:
    start = min(mention.positions)
    if start < group.end:
        return True
    between = words[group.end : start]
    if any(not word.is_filler or word.text in ("e", "o") for word in between):
        return False
    if any(word.starts_clause for word in words[group.end : start + 1]):
        return False
    return not group.ids.isdisjoint(mention.name.ids)


def _judge(groups: list[Group], words: list[Word], index: Index) -> None:
    cities = set(index.provinces.values())
    ne_denies = sum(word.text in ("ne", "non") for word in words) > 1
    for group in groups:
        is_city = all(mention.name.words in cities for mention in group.mentions)
        group.standing = standing(words, group.start, group.end, is_city, ne_denies)
    for left, right in pairwise(groups):
        if left.standing == "denied" and joined_by_or(words, left.end, right.start):
            right.standing = "denied"
    for position, group in enumerate(groups):
        if group.standing == "no_before":
            # "Era Trapani no Ragusa" corrects, "no Trapani, Marsala" denies; all else is unclear.
            later = position == 0 and any(other.standing == "named" for other in groups[1:])
            group.standing = "named" if position else "denied" if later else "weak"
