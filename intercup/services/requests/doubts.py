"""The words for a doubt about a request's office, in chat and form."""

from collections.abc import Callable

from intercup.domain.dialogue import Misroute
from intercup.domain.directory import Category, Directory
from intercup.texts import TEXTS


def facts_of(
    doubt: Misroute,
    structure: str | None,
    directory: Directory,
    say: Callable[[str], str] = TEXTS,
) -> dict[str, str]:
    """Return the values that the sentences about a doubt name; `say` gives its words by key."""
    if doubt.kind == "structure":
        known = directory.structure_by_id
        names = say("misroute.or").join(known[id_].name for id_ in doubt.changes)
        return {"names": names, "chosen": known[structure or ""].name}
    category = directory.category_by_id[doubt.changes[0]]
    return {"label": category.label, "office": office_of(category, structure, directory, say)}


def office_of(
    category: Category,
    structure: str | None,
    directory: Directory,
    say: Callable[[str], str] = TEXTS,
) -> str:
    """Name the office that would answer, though its structure may not be known yet."""
    if structure in directory.structure_by_id or category.to_platform:
        return directory.office_for(category.id, structure).name
    return say(f"office.{category.route}")
