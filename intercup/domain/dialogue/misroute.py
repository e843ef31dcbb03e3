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
    "access" or "platform" it speaks of InterCup, but goes to a structure; "facility" it speaks of
    a structure, but goes to InterCup's own team (`changes` are ids of categories).
    """

    kind: Literal["structure", "access", "platform", "facility"]
    changes: tuple[str, ...]


def misroutes(draft: Draft, directory: Directory) -> tuple[Misroute, ...]:
    """Compare the subjects of the description with the request's destination."""
    category = directory.category_by_id.get(draft.category or "")
    if category is None or category.id == ACCESS:
        return ()
    heard = draft.heard_in(draft.description)
    topic = directory.category_by_id.get(heard.topic or "")
    found: list[Misroute] = []
    if category.to_platform:
        if topic and topic.structure_required:
            found.append(Misroute("facility", (topic.id,)))
    elif topic == directory.access:
        found.append(Misroute("access", (directory.access_after_login,)))
    elif topic and topic.to_platform:
        found.append(Misroute("platform", (topic.id,)))
    if others := other_structures(draft.structure, heard.structures, directory):
        found.append(Misroute("structure", others))
    return tuple(found)


def other_structures(
    chosen: str | None, named: tuple[str, ...], directory: Directory
) -> tuple[str, ...]:
    """Return the structures that a text mentions instead of the chosen one."""
    if chosen not in directory.structure_by_id or chosen in named:
        return ()
    known = (id_ for id_ in named if id_ in directory.structure_by_id)
    return tuple(known)[:SUGGESTED_MAX]
