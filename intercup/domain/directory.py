"""The directory of categories, structures and mailboxes, as loaded from config/structures.yaml."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

type Route = Literal["technical", "administrative", "platform", "home"]


@dataclass(frozen=True)
class Category:
    """A kind of request. Source: brief §2.2, cases a, b, c."""

    id: str
    label: str
    subject: str
    structure_required: bool
    route: Route


@dataclass(frozen=True)
class Structure:
    """A health body with a CUP on line, and the mailboxes of its two offices.

    `aliases` are other names of it; `places` are towns and hospitals that belong to it.
    """

    id: str
    name: str
    province: str
    technical: tuple[str, ...]
    administrative: tuple[str, ...]
    aliases: tuple[str, ...]
    to_confirm: bool
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class OutsidePlace:
    """A Sicilian place or hospital that is not in InterCup, and the structures near it."""

    names: tuple[str, ...]
    near: tuple[str, ...]


@dataclass(frozen=True)
class Office:
    """The destination of a request: a readable name and its addresses."""

    name: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Directory:
    """Everything config/structures.yaml says, validated."""

    categories: tuple[Category, ...]
    access: Category  # of messages sent before login; not in the menu
    structures: tuple[Structure, ...]
    outside: tuple[OutsidePlace, ...]
    home_mailbox: str
    platform_mailbox: str

    @cached_property
    def category_by_id(self) -> dict[str, Category]:
        """Find a category, that of the messages before login too."""
        return {category.id: category for category in (*self.categories, self.access)}

    @cached_property
    def structure_by_id(self) -> dict[str, Structure]:
        return {structure.id: structure for structure in self.structures}

    @cached_property
    def structures_by_province(self) -> list[tuple[str, list[Structure]]]:
        """Group the structures by province, both in the file's order."""
        provinces: dict[str, list[Structure]] = {}
        for structure in self.structures:
            provinces.setdefault(structure.province, []).append(structure)
        return list(provinces.items())

    def office_for(self, category_id: str, structure_id: str | None) -> Office:
        """Return the office that receives a request of this category for this structure.

        Raises:
            KeyError: the category or structure doesn't exist.
            ValueError: the category needs a structure and none is given.
        """
        return self.office_by_route(self.category_by_id[category_id].route, structure_id)

    def office_by_route(self, route: Route, structure_id: str | None) -> Office:
        """Return the office at the end of a route.

        Raises:
            KeyError: the structure doesn't exist.
            ValueError: the route needs a structure and none is given.
        """
        if route == "platform":
            return Office("Presidio tecnico InterCup (RTI)", (self.platform_mailbox,))
        if route == "home":
            return Office("Presidio tecnico InterCup (accesso)", (self.home_mailbox,))
        if structure_id is None:
            raise ValueError(f"the {route} route needs a structure")
        structure = self.structure_by_id[structure_id]
        if route == "technical":
            return Office(f"{structure.name} - Assistenza tecnica", structure.technical)
        return Office(f"{structure.name} - Assistenza amministrativa", structure.administrative)
