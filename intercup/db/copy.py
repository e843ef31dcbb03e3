"""Copy a whole SQLite database to PostgreSQL, row by row, and compare each row afterwards."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Row,
    Table,
    Text,
    bindparam,
    cast,
    func,
    insert,
    inspect,
    select,
    text,
    tuple_,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession

from intercup.db.engine import Database
from intercup.db.tables import Base
from intercup.errors import ConfigurationError

BATCH = 500  # rows
BATCH_OF = {"attachment_contents": 4}  # some megabytes each
MADE_BY_MIGRATIONS = ("alembic_version", "channels")

type Progress = Callable[[str, int], None]  # a table's name and its rows so far


async def copy_database(source: Database, target: Database, progress: Progress) -> None:
    """Copy all rows in one transaction; meanwhile the source takes no writes.

    Raises:
        ConfigurationError: a schema isn't current, the target isn't empty, or a row differs.
        Unavailable: one of the databases failed; the target is as before.
    """
    await source.verify()
    await _refuse_if_filled(target)
    await target.migrate()
    await target.verify()
    async with source.write() as reading, target.write() as writing:
        await writing.execute(text("DELETE FROM channels"))
        for table in Base.metadata.sorted_tables:
            await _copy(reading, writing, table, progress)
        for table in Base.metadata.sorted_tables:
            await _compare(reading, writing, table)


async def _refuse_if_filled(target: Database) -> None:
    def filled(connection: Connection) -> list[str]:
        names = set(inspect(connection).get_table_names()) - set(MADE_BY_MIGRATIONS)
        rows = ((name, text(f'SELECT 1 FROM "{name}" LIMIT 1')) for name in sorted(names))  # noqa: S608
        return [name for name, any_row in rows if connection.execute(any_row).first()]

    async with target.read() as reading:
        names = await (await reading.connection()).run_sync(filled)
    if names:
        raise ConfigurationError([f"la destinazione non è vuota: {', '.join(names)}"])


def _columns(table: Table, as_text: Callable[[Any, Any], Any]) -> list[Any]:
    """Return the columns, JSON as its text: null in JSON and NULL would both be read as None."""
    return [
        as_text(column, Text).label(column.name) if isinstance(column.type, JSON) else column
        for column in table.c
    ]


async def _batches(reading: AsyncSession, table: Table) -> Any:
    keys = tuple_(*table.primary_key)
    batch = (
        select(*_columns(table, type_coerce))
        .order_by(*table.primary_key)
        .limit(BATCH_OF.get(table.name, BATCH))
    )
    rows = (await reading.execute(batch)).all()
    while rows:
        yield rows
        last = tuple_(*_key(table, rows[-1]))
        rows = (await reading.execute(batch.where(keys > last))).all()


def _key(table: Table, row: Row[Any]) -> tuple[Any, ...]:
    return tuple(row._mapping[column.name] for column in table.primary_key)


async def _copy(
    reading: AsyncSession, writing: AsyncSession, table: Table, progress: Progress
) -> None:
    json = [column for column in table.c if isinstance(column.type, JSON)]
    adding = insert(table).values(
        {column.name: cast(bindparam(column.name, type_=Text), JSON) for column in json}
    )
    count = 0
    async for rows in _batches(reading, table):
        await writing.execute(adding, [dict(row._mapping) for row in rows])
        count += len(rows)
        progress(table.name, count)
    if table.autoincrement_column is not None and count:
        newest = select(func.max(table.autoincrement_column)).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, table.autoincrement_column.name)
        await writing.execute(select(func.setval(sequence, newest)))


async def _compare(reading: AsyncSession, writing: AsyncSession, table: Table) -> None:
    columns = _columns(table, cast)
    count = 0
    async for rows in _batches(reading, table):
        wanted = tuple_(*table.primary_key).in_([_key(table, row) for row in rows])
        found = (await writing.execute(select(*columns).where(wanted))).all()
        if _differing(table, rows, found):
            raise ConfigurationError([f"{table.name}: una riga copiata è diversa dall'originale"])
        count += len(rows)
    if count != await writing.scalar(select(func.count()).select_from(table)):
        raise ConfigurationError([f"{table.name}: la destinazione non ha le stesse righe"])


def _differing(table: Table, rows: Sequence[Row[Any]], found: Sequence[Row[Any]]) -> bool:
    copies = {_key(table, row): tuple(row) for row in found}
    return any(copies.get(_key(table, row)) != tuple(row) for row in rows)
