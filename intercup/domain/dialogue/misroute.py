"""Notice that a request may be going to the wrong office. Source: brief §2.3."""

from dataclasses import dataclass
from typing import Literal

from intercup.domain.dialogue.draft import ACCESS, Draft
from intercup.domain.directory import Directory

SUGGESTED_MAX = 3  # structures


@dataclass(frozen=True)
class Misroute:
    """A doubt about a request's office, and the possible changes.

    kind: "structure" the text names others than the chosen one (`changes` are ids of structures);
    "category" it is about another category (`changes` is the id of that one).
    """

    kind: Literal["structure", "category"]
    changes: tuple[str, ...]


def misroutes(draft: Draft, directory: Directory) -> tuple[Misroute, ...]:
    """Compare the subjects of the description with the request's destination."""
    if draft.category not in directory.category_by_id or draft.category == ACCESS:
        return ()
    heard = draft.heard_in(draft.description)
    topic = directory.access_after_login if heard.topic == ACCESS else heard.topic
    found: list[Misroute] = []
    if topic in directory.category_by_id and topic != draft.category:
        found.append(Misroute("category", (topic,)))
    if others := other_structures(draft.structure, heard.structures, directory):
        found.append(Misroute("structure", others))
    return tuple(found)


def others_possible(draft: Draft, directory: Directory) -> tuple[str, ...]:
    """Return the categories that the description may be about too, without a doubt of their own."""
    if draft.category not in directory.category_by_id or draft.category == ACCESS:
        return ()
    doubts = {id_ for doubt in misroutes(draft, directory) for id_ in doubt.changes}
    possible = draft.heard_in(draft.description).possible
    named = {draft.category, *doubts}
    return tuple(id_ for id_ in possible if id_ in directory.category_by_id and id_ not in named)


def is_doubtful(draft: Draft, directory: Directory) -> bool:
    """Return True if the description seems to be about another category."""
    return any(doubt.kind == "category" for doubt in misroutes(draft, directory))


def other_structures(
    chosen: str | None, named: tuple[str, ...], directory: Directory
) -> tuple[str, ...]:
    """Return the structures that a text mentions instead of the chosen one."""
    if chosen not in directory.structure_by_id or chosen in named:
        return ()
    known = (id_ for id_ in named if id_ in directory.structure_by_id)
    return tuple(known)[:SUGGESTED_MAX]
