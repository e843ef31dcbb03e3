"""Groups of adjacent names for the same thing, with their meaning in context."""

from dataclasses import dataclass
from itertools import pairwise

from intercup.domain.structure_names.context import Standing, joined_by_or, standing
from intercup.domain.structure_names.index import Index
from intercup.domain.structure_names.mentions import Mention
from intercup.domain.structure_names.words import Word


@dataclass
class Group:
    """Adjacent names of the same thing: "ospedale Cannizzaro", "di Catania"."""

    mentions: list[Mention]
    standing: Standing = "named"

    @property
    def start(self) -> int:
        return min(self.mentions[0].positions)

    @property
    def end(self) -> int:
        return max(max(mention.positions) for mention in self.mentions) + 1


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
        if groups and _side_by_side(groups[-1], mention, words):
            groups[-1].mentions.append(mention)
        else:
            groups.append(Group([mention]))
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
    return any(set(other.name.ids) & set(mention.name.ids) for other in group.mentions)


def _judge(groups: list[Group], words: list[Word], index: Index) -> None:
    cities = set(index.provinces.values())
    for group in groups:
        is_city = all(mention.name.words in cities for mention in group.mentions)
        group.standing = standing(words, group.start, group.end, is_city)
    for left, right in pairwise(groups):
        if left.standing == "denied" and joined_by_or(words, left.end, right.start):
            right.standing = "denied"
    for position, group in enumerate(groups):
        if group.standing == "no_before":
            later = any(other.standing == "named" for other in groups[position + 1 :])
            # "Era Trapani no Ragusa" corrects, "no Trapani, Marsala" denies; all else is unclear.
            group.standing = "named" if position else "denied" if later else "weak"
