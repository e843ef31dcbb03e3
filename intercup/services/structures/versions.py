"""The technical team's versions of fields of the structures' file, over what the file says."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import StructureVersion
from intercup.domain.directory import Directory
from intercup.domain.normalise import normalise
from intercup.domain.staff import RELEASED
from intercup.errors import ConfigurationError
from intercup.services.structures.fields import Values, fields_of, is_mailbox_field, with_values
from intercup.services.structures.ordinary import ordinary_names
from intercup.services.structures.structures_file import directory_of, document_of


@dataclass(frozen=True)
class Corrected:
    """A field with its newest version, if there is one."""

    key: str
    in_file: Values
    version: StructureVersion | None

    @property
    def values(self) -> Values:
        """The values in force, unless the version is unusable."""
        version = self.version
        return values_of(version.text) if version and self.is_edited else self.in_file

    @property
    def is_edited(self) -> bool:
        """Return True if it differs from the file, and not because it went back to that."""
        version = self.version
        return (
            version is not None
            and version.text != version.origin
            and version.text != text_of(self.in_file)
        )

    @property
    def is_outdated(self) -> bool:
        """Return True if a release has changed the file under an edited field."""
        version = self.version
        return self.is_edited and version is not None and version.origin != text_of(self.in_file)


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
    fields = fields_of(document).items()
    return {key: Corrected(key, in_file, newest.get(key)) for key, in_file in fields}


async def history(reading: AsyncSession, key: str) -> Sequence[StructureVersion]:
    """Return a field's versions, the newest first."""
    order = select(StructureVersion).where(StructureVersion.field == key)
    return (await reading.scalars(order.order_by(StructureVersion.id.desc()))).all()


def edits_of(newest: Mapping[str, StructureVersion]) -> dict[str, Values]:
    """Return the values of the versions that didn't go back to the file."""
    edited = (row for row in newest.values() if row.text != row.origin)
    return {row.field: values_of(row.text) for row in edited}


def in_force(document: Any, edits: Mapping[str, Values]) -> tuple[Directory, frozenset[str]]:
    """Return the directory of a valid document with the edits, and the fields of unusable ones.

    An edit is unusable if its field is gone, or if the file's rules refuse it since a release.
    """
    fields = fields_of(document)
    usable = {key: edits[key] for key in sorted(edits) if key in fields}
    try:
        directory = directory_of(with_values(document, usable))
    except ConfigurationError:
        usable = _kept_one_by_one(document, usable)
        directory = directory_of(with_values(document, usable))
    return directory, frozenset(edits.keys() - usable.keys())


def _kept_one_by_one(document: Any, edits: Mapping[str, Values]) -> dict[str, Values]:
    kept: dict[str, Values] = {}
    for key, values in edits.items():
        if not problems_with(document, kept | {key: values}):
            kept[key] = values
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
    if not is_mailbox_field(field.key) and not field.key.endswith("/near"):
        values = edits[field.key]
        for name in ordinary_names(values, field.in_file):
            what = "è una parola che i cittadini usano anche per altro: la scriva con un'altra"
            found.append(f"{field.key}[{values.index(name)}]: {what}")
    return found


async def directory_now(database: Database, file: Path) -> Directory:
    """Return the file's directory with the changes of the database.

    Raises:
        ConfigurationError: the file isn't valid.
    """
    document = document_of(file)
    directory_of(document)
    async with database.read() as reading:
        return in_force(document, edits_of(await newest_by_field(reading)))[0]


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
        origin=text_of(field.in_file),
        who=who,
        confirmed_by=confirmed_by,
        at=time.time(),
    )
    try:
        async with writing.begin_nested():
            writing.add(row)
    except IntegrityError:  # another editor at the same time
        return False
    return True


async def settle(writing: AsyncSession, document: Any) -> tuple[list[str], list[str]]:
    """End the versions that the file has taken over, or whose field is gone from it.

    Without this a version taken over would come back over the next release's values. Return the
    fields whose file has changed under a version, and those that are gone.
    """
    corrected = await all_corrected(writing, document)
    for each in corrected.values():
        version, text = each.version, text_of(each.in_file)
        if version and version.text == text and version.origin != text:
            await save(writing, each, each.in_file, str(version.id), RELEASED)
    newest = await newest_by_field(writing)
    gone = [row for key, row in newest.items() if key not in corrected and row.text != row.origin]
    for row in gone:
        ended = Corrected(row.field, values_of(row.origin), row)
        await save(writing, ended, ended.in_file, str(row.id), RELEASED)
    return [each.key for each in corrected.values() if each.is_outdated], [r.field for r in gone]
