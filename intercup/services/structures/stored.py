"""Lookups for stored requests, whose category or structure may have left the file."""

from intercup.domain.directory import Category, Directory
from intercup.texts import TEXTS


def category_of(directory: Directory, id_: str) -> Category:
    """Return the category, or a substitute whose name says that it no longer exists."""
    gone = TEXTS("gone.category")
    stand_in = Category(id_, gone, gone, structure_required=False, route="platform", readings=())
    return directory.category_by_id.get(id_, stand_in)


def structure_name_of(directory: Directory, id_: str | None) -> str | None:
    """Return the structure's name for lists, receipts and mails; None without a structure."""
    if not id_:
        return None
    structure = directory.structure_by_id.get(id_)
    return structure.name if structure else TEXTS("gone.structure")
