"""Removal of categories and structures that have left the directory from a draft."""

from dataclasses import replace

from intercup.domain.dialogue.draft import NO_STRUCTURE, Draft
from intercup.domain.directory import Directory


def without_gone(draft: Draft, directory: Directory) -> Draft:
    """Remove the category and structure that the directory no longer has."""
    known = directory.structure_by_id.keys()
    structure_stays = draft.structure in (None, NO_STRUCTURE) or draft.structure in known
    return replace(
        draft,
        category=draft.category if draft.category in directory.category_by_id else None,
        structure=draft.structure if structure_stays else None,
        rivals=tuple(id_ for id_ in draft.rivals if id_ in directory.category_by_id),
        candidates=tuple(id_ for id_ in draft.candidates if id_ in known),
        heard=tuple(
            replace(heard, structures=tuple(id_ for id_ in heard.structures if id_ in known))
            for heard in draft.heard
        ),
    )
