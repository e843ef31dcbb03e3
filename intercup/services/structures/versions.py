"""The technical team's versions of fields of the structures' file, over what the file says."""

import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import StructureVersion
from intercup.domain import versions
from intercup.domain.directory import Directory, OutsidePlace
from intercup.domain.normalise import normalise
from intercup.domain.versions import (
    RELEASED,
    Settled,
    is_edit,
    is_restored,
    is_return,
    origin_of,
)
from intercup.errors import ConfigurationError
from intercup.services.known_files import first_met
from intercup.services.structures.fields import (
    EMERGENCY,
    OF_OUTSIDE,
    Values,
    added_entries,
    fields_of,
    is_mailbox_field,
    outside_entry,
    with_values,
)
from intercup.services.structures.ordinary import harmless_with, ordinary_names
from intercup.services.structures.structures_file import directory_of, document_of


@dataclass(frozen=True)
class Corrected:
    """A field with its newest version, if there is one."""

    key: str
    in_file: Values
    version: StructureVersion | None
    is_usable: bool = True  # False if the file's rules refuse the version

    @property
    def values(self) -> Values:
        """The values in force."""
        version = self.version
        in_use = version and self.is_edited and self.is_usable
        return values_of(version.text) if version and in_use else self.in_file

    @property
    def is_edited(self) -> bool:
        """Return True if the version says something else than the file, and stands above it."""
        return self.version is not None and stands(self.version, self.in_file)

    @property
    def is_taken(self) -> bool:
        """Return True if the file contains the version."""
        version = self.version
        return version is not None and is_edit(version) and version.text == text_of(self.in_file)

    @property
    def is_outdated(self) -> bool:
        """Return True if a release has changed the file under an edited field."""
        version = self.version
        return self.is_edited and version is not None and version.origin != text_of(self.in_file)


def stands(version: StructureVersion, in_file: Values) -> bool:
    """Return True if a version stands above a file's values, which it doesn't repeat.

    Two people's mailbox stands above every file.
    """
    text = text_of(in_file)
    if is_mailbox_field(version.field):
        return version.text != text
    return versions.stands(version, text)


def text_of(values: Sequence[str]) -> str:
    """Return values as a version stores them."""
    return "\n".join(values)


def values_of(text: str) -> Values:
    """Return the values of a stored version."""
    return tuple(text.split("\n")) if text else ()


def as_values(typed: str) -> Values:
    """Return what was typed, one value a line or between commas, each once."""
    parts = normalise(typed).replace(",", "\n").replace(";", "\n").splitlines()
    return tuple(filter(None, dict.fromkeys(" ".join(part.split()) for part in parts)))


async def newest_by_field(reading: AsyncSession) -> dict[str, StructureVersion]:
    """Return the newest version of each field that has one."""
    newest = select(func.max(StructureVersion.id)).group_by(StructureVersion.field)
    rows = await reading.scalars(select(StructureVersion).where(StructureVersion.id.in_(newest)))
    return {row.field: row for row in rows}


async def all_corrected(reading: AsyncSession, document: Any) -> dict[str, Corrected]:
    """Return every field of the file with its version."""
    newest = await newest_by_field(reading)
    edits = edits_of(document, newest)
    unusable = edits.keys() - in_force(document, edits)[1].keys()
    fields = fields_with_added(document, newest).items()
    return {
        key: Corrected(key, in_file, newest.get(key), key not in unusable)
        for key, in_file in fields
    }


def fields_with_added(document: Any, newest: Mapping[str, StructureVersion]) -> dict[str, Values]:
    """Return a document's fields and those of outside places that the desk has added."""
    known = fields_of(document)
    added = {
        f"{entry}/{name}": ()
        for entry in added_entries(key for key in newest if key not in known)
        if is_added(newest.get(f"{entry}/names"))
        for name in OF_OUTSIDE
    }
    return known | added


def is_added(version: StructureVersion | None) -> bool:
    """Return True if a version of an outside place's names stands above files without the place.

    They may be older than the file that took the place over, above which the version was made.
    """
    return version is not None and version.was_added and stands(version, ())


async def history(reading: AsyncSession, key: str) -> Sequence[StructureVersion]:
    """Return a field's versions, the newest first."""
    order = select(StructureVersion).where(StructureVersion.field == key)
    return (await reading.scalars(order.order_by(StructureVersion.id.desc()))).all()


def edits_of(document: Any, newest: Mapping[str, StructureVersion]) -> dict[str, Values]:
    """Return the values of the versions that stand above a valid document's."""
    return {
        key: values_of(newest[key].text)
        for key, in_file in fields_with_added(document, newest).items()
        if key in newest and stands(newest[key], in_file)
    }


def in_force(document: Any, edits: Mapping[str, Values]) -> tuple[Directory, dict[str, Values]]:
    """Return the directory of a valid document with its edits, and those in use.

    The others are refused by the file's rules since a release.
    """
    usable = dict(edits)
    try:
        directory = directory_of(with_values(document, usable))
    except ConfigurationError:
        usable = _kept_one_by_one(document, usable)
        directory = directory_of(with_values(document, usable))
    return directory, usable


async def usable_edits(reading: AsyncSession, document: Any) -> dict[str, Values]:
    """Return the versions in use above a valid document."""
    return in_force(document, edits_of(document, await newest_by_field(reading)))[1]


def _kept_one_by_one(document: Any, edits: Mapping[str, Values]) -> dict[str, Values]:
    """Return the edits that the file's rules accept; an added place's fields go together."""
    known = fields_of(document)
    parts: dict[str, dict[str, Values]] = {}
    for key, values in edits.items():
        parts.setdefault(key if key in known else key.partition("/")[0], {})[key] = values
    kept: dict[str, Values] = {}
    for part in parts.values():
        if not problems_with(document, kept | part):
            kept |= part
    return kept


def problems_with(document: Any, edits: Mapping[str, Values]) -> list[str]:
    """Return what the file's rules say against a document with edits."""
    try:
        directory_of(with_values(document, edits))
    except ConfigurationError as error:
        return error.problems
    return []


def problems_of_field(document: Any, edits: Mapping[str, Values], field: Corrected) -> list[str]:
    """Return why a field's values in `edits` can't be stored; the last part says what is wrong."""
    found = problems_with(document, edits)
    if field.key.startswith(f"{EMERGENCY}/"):
        found += _harmless(edits[field.key], field)
    elif not is_mailbox_field(field.key) and not field.key.endswith("/near"):
        values = edits[field.key]
        for name in ordinary_names(values, field.in_file):
            what = "è una parola che i cittadini usano anche per altro: la scriva con un'altra"
            found.append(f"{field.key}[{values.index(name)}]: {what}")
    return found


def _harmless(phrases: Values, field: Corrected) -> list[str]:
    """Return why emergency words would alarm who is well: an example sentence has them."""
    found = []
    for position, phrase in enumerate(phrases):
        said = harmless_with(phrase) if phrase not in field.in_file else None
        if said:
            what = f"sta anche in una frase che non è un'emergenza, «{said}»: ne scriva di più"
            found.append(f"{field.key}[{position}]: {what}")
    return found


async def directory_now(database: Database, file: Path) -> Directory:
    """Return the file's directory with the changes of the database.

    Raises:
        ConfigurationError: the file isn't valid.
    """
    document = document_of(file)
    directory_of(document)
    async with database.read() as reading:
        return in_force(document, edits_of(document, await newest_by_field(reading)))[0]


async def save(
    writing: AsyncSession,
    field: Corrected,
    values: Values,
    seen: str,
    who: str,
    confirmed_by: str = "",
) -> bool:
    """Store values without problems; the file's go back to it.

    `seen` is the id of the newest version that its editor knows, or 0. False if there is a newer.
    """
    newest = field.version.id if field.version else 0
    if seen != str(newest):
        return False
    row = StructureVersion(
        field=field.key,
        after=newest,
        text=text_of(values),
        origin=origin_of(field.version, text_of(values), text_of(field.in_file)),
        who=who,
        confirmed_by=confirmed_by,
        at=time.time(),
    )
    if not await _added(writing, row):
        return False
    if is_return(row.text, row.origin, text_of(field.in_file)) and not is_mailbox_field(field.key):
        await _end(writing, row, row.text, row.origin)
    return True


async def add_outside(writing: AsyncSession, document: Any, place: OutsidePlace, who: str) -> str:
    """Store a new place that isn't in InterCup; return its entry.

    Raises:
        ConfigurationError: with each reason why it can't be stored.
    """
    entry = outside_entry(place.names or ("",))
    values = {f"{entry}/names": place.names, f"{entry}/near": place.near}
    fields = await all_corrected(writing, document)
    names = fields.get(f"{entry}/names") or Corrected(f"{entry}/names", (), None)
    if names.values:
        raise ConfigurationError([f"{names.key}[0]: è già il primo nome di un'altra voce"])
    edits = await usable_edits(writing, document) | values
    if not place.names:
        raise ConfigurationError([f"{names.key}: non può essere vuoto"])
    if problems := problems_of_field(document, edits, names):
        raise ConfigurationError(problems)
    newest = await newest_by_field(writing)
    for key, new in values.items():
        field = Corrected(key, (), newest.get(key))
        seen = str(field.version.id if field.version else 0)
        if not await save(writing, field, new, seen, who):
            raise ConfigurationError([f"{key}: un'altra persona l'ha appena aggiunto"])
    return entry


async def _added(writing: AsyncSession, row: StructureVersion) -> bool:
    """Add a version; False if another editor was faster."""
    try:
        async with writing.begin_nested():
            writing.add(row)
    except IntegrityError:
        return False
    return True


async def settle(writing: AsyncSession, document: Any) -> Settled:
    """End the names that the file has taken over, for each file but the one they replaced.

    Without this a name taken over would come back over the next release's values. If that restores
    the values of before, the version follows every file from then on. Return the fields' keys.
    """
    corrected = await all_corrected(writing, document)
    met_at = await first_met(writing, "structures", json.dumps(document), time.time())
    restored = []
    for each in corrected.values():
        version, in_file = each.version, text_of(each.in_file)
        if version is None or is_mailbox_field(each.key):
            continue
        if each.is_taken:
            await _end(writing, version, version.text, version.origin)
        elif is_restored(version, in_file, version.at, met_at):
            await _end(writing, version, in_file, in_file)
            restored.append(each.key)
    lost = [row.field for row in await gone(writing, corrected)]
    outdated = [each.key for each in corrected.values() if each.is_outdated]
    return Settled(outdated, lost, restored)


async def gone(reading: AsyncSession, fields: Collection[str]) -> list[StructureVersion]:
    """Return the edits of fields that aren't among a file's, but for places that were taken out."""
    newest = await newest_by_field(reading)
    lost = {key: row for key, row in newest.items() if key not in fields and is_edit(row)}
    names = {key: newest.get(f"{key.partition('/')[0]}/names") for key in lost}
    return [row for key, row in lost.items() if (place := names[key]) is None or place.text]


async def _end(writing: AsyncSession, version: StructureVersion, text: str, origin: str) -> None:
    ended = StructureVersion(
        field=version.field,
        after=version.id,
        text=text,
        origin=origin,
        who=RELEASED,
        confirmed_by="",
        at=time.time(),
    )
    await _added(writing, ended)
