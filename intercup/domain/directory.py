"""The directory of categories, structures and mailboxes, as loaded from config/structures.yaml."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from intercup.domain.emergency_words import EmergencyWords

# A text is surely about a category if it tells a problem at all, with at least this probability,
# and if this share of that probability is the category's.
TOLD_MIN, SUBJECT_MIN = 0.4, 0.8
# A category is taken without a question if it leads the next one by this share. On 245 texts by
# strangers 0.8 asks in 11 of 100 and leaves no wrong office unasked; 0.45 asks in 6 and leaves 1.
LEAD_MIN = 0.8
# With this share it is named beside the chosen one, in the summary.
POSSIBLE_MIN = 0.005

HOSPITAL = "Ospedale "  # before the name of a place

type Ranking = Sequence[tuple[str, float]]

type Route = Literal["technical", "administrative", "platform", "home"]


@dataclass(frozen=True)
class Reading:
    """An intent, and its label when the assistant asks which of two is meant."""

    intent: str
    title: str


@dataclass(frozen=True)
class Category:
    """A kind of request. Source: brief §2.2, cases a, b, c.

    `readings` are the intents that lead here, the button's first; `words` are short answers to
    the question for the category, accepted whatever intent the model finds. In the chat `short`
    and `line` stand above the label.
    """

    id: str
    label: str
    subject: str
    structure_required: bool
    route: Route
    readings: tuple[Reading, ...]
    words: tuple[str, ...] = ()
    short: str = ""
    line: str = ""

    @property
    def needs_no_nre(self) -> bool:
        """Return True if its requests are about no prescription."""
        return self.route == "administrative"

    @property
    def to_platform(self) -> bool:
        """Return True if requests of this kind are about InterCup itself."""
        return self.route == "platform"


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

    @property
    def places_shown(self) -> list[str]:
        """The places to read: none that only adds the province to another ("Patti Messina")."""
        known = {name for place in self.places for name in (place, place.removeprefix(HOSPITAL))}
        ending = f" {self.province}"
        return [
            place
            for place in self.places
            if not (place.endswith(ending) and place.removesuffix(ending) in known)
        ]


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
    """The validated content of config/structures.yaml."""

    categories: tuple[Category, ...]
    access: Category  # of messages sent before login; not in the menu
    access_after_login: str  # the category that such a message gets once the login has worked
    structures: tuple[Structure, ...]
    outside: tuple[OutsidePlace, ...]
    home_mailbox: str
    platform_mailbox: str
    emergency: EmergencyWords = field(default_factory=EmergencyWords)

    @cached_property
    def category_by_id(self) -> dict[str, Category]:
        """Categories by id, including that of messages before login."""
        return {category.id: category for category in (*self.categories, self.access)}

    @cached_property
    def category_of_intent(self) -> dict[str, str]:
        """Categories by intent after login, when access is no category of its own."""
        after_login = {reading.intent: self.access_after_login for reading in self.access.readings}
        return after_login | {r.intent: c.id for c in self.categories for r in c.readings}

    def topic_of(self, intent: str) -> str | None:
        """Return the category of an intent, including that of messages before login."""
        if any(reading.intent == intent for reading in self.access.readings):
            return self.access.id
        return self.category_of_intent.get(intent)

    def subject_of(self, ranking: Ranking) -> str | None:
        """Return the category that a text is surely about, from its intents by probability.

        Several intents may lead to one category, so their probabilities are added; what counts is
        the best category's share among all categories.
        """
        shares = _shares(ranking, self.topic_of)
        told, best = sum(shares.values()), max(shares, key=shares.__getitem__, default=None)
        is_sure = best and told >= TOLD_MIN and shares[best] / told >= SUBJECT_MIN
        return best if is_sure else None

    def likeliest_subject(self, ranking: Ranking) -> str | None:
        """Return the likeliest category, after login, of a text that tells a problem at all."""
        shares = _shares(ranking, self.category_of_intent.get)
        told = sum(shares.values())
        return max(shares, key=shares.__getitem__) if told >= TOLD_MIN else None

    def possible_subjects(self, ranking: Ranking) -> tuple[str, ...]:
        """Return the categories, after login, that a text may be about, the likeliest first."""
        shares = _shares(ranking, self.category_of_intent.get)
        told = sum(shares.values())
        likely = sorted(shares, key=shares.__getitem__, reverse=True)
        return tuple(each for each in likely if shares[each] >= POSSIBLE_MIN * told)

    def rival_of(self, category: str, ranking: Ranking) -> str | None:
        """Return another category, after login, that is too likely to pass over."""
        shares = _shares(ranking, self.category_of_intent.get)
        own = shares.pop(category, 0.0)
        rival = max(shares, key=shares.__getitem__, default=None)
        if rival is None:
            return None
        told = own + sum(shares.values())
        return rival if own - shares[rival] < LEAD_MIN * told else None

    def is_sent_before_login(self, intent: str) -> bool:
        """Return True if a message with this intent can be sent without a login."""
        topic = self.category_by_id.get(self.topic_of(intent) or "")
        return topic is not None and (topic == self.access or topic.to_platform)

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

    def office_named(self, name: str) -> Office | None:
        """Return the office with the name used in an earlier mail; None if it no longer exists."""
        offices = [self.office_by_route("platform", None), self.office_by_route("home", None)]
        for structure in self.structures:
            offices.append(self.office_by_route("technical", structure.id))
            offices.append(self.office_by_route("administrative", structure.id))
        return next((office for office in offices if office.name == name), None)

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


def _shares(ranking: Ranking, category_of: Callable[[str], str | None]) -> dict[str, float]:
    shares: dict[str, float] = {}
    for intent, probability in ranking:
        if category := category_of(intent):
            shares[category] = shares.get(category, 0.0) + probability
    return shares
