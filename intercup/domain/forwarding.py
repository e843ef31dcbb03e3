"""Forwards to the competent office: destinations and limits. Source: brief §2.3."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from intercup.domain.directory import Category, Directory, Office, Route

HOPS_MAX = 5
LINK_LIFE = timedelta(days=90)  # of links in mails; no mail's text is kept for longer
NOTE_MAX = 500  # characters
DESTINATIONS: dict[str, Route] = {
    "technical": "technical",
    "administrative": "administrative",
    "platform": "platform",
}


@dataclass(frozen=True)
class ForwardForm:
    """An office's answers; the structure counts only where the destination has one."""

    destination: str
    structure: str
    note: str

    @property
    def office(self) -> str:
        """The office of a form without problems, as `form_to` reads it."""
        is_platform = self.destination == "platform"
        return self.destination if is_platform else f"{self.structure}/{self.destination}"


def form_to(office: str, note: str) -> ForwardForm:
    """Read an office written as `platform`, `asp_trapani/technical` or `…/administrative`."""
    structure, _, route = office.rpartition("/")
    return ForwardForm(route, structure, note)


@dataclass(frozen=True)
class Hop:
    """A request passed from one office to another; `at` is aware."""

    from_office: str
    to_office: str
    at: datetime


def problems_of_forward(form: ForwardForm, directory: Directory) -> dict[str, str]:
    """Return the key of each field's problem; empty if the form names an office."""
    problems: dict[str, str] = {}
    if form.destination not in DESTINATIONS:
        problems["destination"] = "destination_missing"
    if form.destination != "platform":
        if not form.structure:
            problems["structure"] = "structure_missing"
        elif form.structure not in directory.structure_by_id:
            problems["structure"] = "structure_unknown"
    if len(form.note) > NOTE_MAX:
        problems["note"] = "note_long"
    return problems


def destination_of(form: ForwardForm, directory: Directory) -> Office:
    """Return the office that a form without problems names."""
    return directory.office_by_route(DESTINATIONS[form.destination], form.structure or None)


def likely_forwards(
    category: Category,
    structure: str | None,
    subject: str | None,
    mentioned: tuple[str, ...],
    directory: Directory,
) -> Iterator[ForwardForm]:
    """Yield the likely destinations of a request, best first.

    The subject (a category's id) and the structures mentioned are those of the office's note.
    """
    told = directory.category_by_id[subject].route if subject else category.route
    at = next((id_ for id_ in mentioned if id_ in directory.structure_by_id), structure)
    if mentioned and not subject and category.to_platform:
        told = "technical"
    for route in (told, "technical" if category.to_platform else "platform"):
        if route not in DESTINATIONS:
            yield ForwardForm("platform", "", "")
        elif route == "platform" or at in directory.structure_by_id:
            yield ForwardForm(route, at or "" if route != "platform" else "", "")


def had_it_before(office: Office, names: Collection[str], addresses: Collection[str]) -> bool:
    """Return True if an office, or all its addresses, has had the request: some share a mailbox."""
    read_by = {address.lower() for address in addresses}
    return office.name in names or read_by.issuperset(a.lower() for a in office.addresses)
