"""Look up what a stored request names: the file may no longer have it, the request goes on."""

from intercup.domain.directory import Category, Directory
from intercup.texts import TEXTS


def category_of(directory: Directory, id_: str) -> Category:
    """Return a category, or one whose name says that it is gone."""
    gone = TEXTS("gone.category")
    stand_in = Category(id_, gone, gone, structure_required=False, route="platform", readings=())
    return directory.category_by_id.get(id_, stand_in)


def structure_name_of(directory: Directory, id_: str | None) -> str | None:
    """Return the name that lists, receipts and mails show, if there is a structure."""
    if not id_:
        return None
    structure = directory.structure_by_id.get(id_)
    return structure.name if structure else TEXTS("gone.structure")
