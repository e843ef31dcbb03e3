"""Migrations with data in every table, back to the version before, and both versions beside."""

from collections.abc import AsyncIterator, Collection
from functools import partial
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, inspect, select, text

from intercup.db.engine import Database
from intercup.db.migrate import alembic_config, config_for
from intercup.db.tables import PecReceipt
from intercup.errors import ConfigurationError
from intercup.services.delivery.outbox import queued

pytestmark = pytest.mark.both_databases

VERSIONS = [
    script.revision
    for script in reversed(list(ScriptDirectory.from_config(alembic_config()).walk_revisions()))
]
# Logins begun in the last ten minutes, addresses proved in the last hours.
DROPPED = {("0003", "pending_logins"), ("0004", "address_proofs")}
BY_COLUMN = {"author": "bot", "state": "sent"}  # values that a CHECK allows
BY_TYPE = {float: 1.5, int: 1, bool: True, bytes: b"x", object: {"a": ["è"]}}
NEVER_UPDATED = ("desk_log",)  # a trigger refuses it


def tables_of(connection: Connection, only: Collection[str] | None = None) -> dict[str, Table]:
    """Return these tables and those that they refer to, or all tables."""
    found = MetaData()
    found.reflect(connection, only=only if only is None else list(only))
    return {t.name: t for t in found.sorted_tables if t.name != "alembic_version"}


def row_for(table: Table, mark: str) -> dict[str, Any]:
    """Return a value for each column; keys differ by the mark, foreign ones point to its rows."""
    row: dict[str, Any] = {}
    for column in table.c:
        kind = column.type.python_type
        target = next((key.column for key in column.foreign_keys), None)
        if kind is str:
            name = f"{target.table.name}.{target.name}" if target is not None else "text"
            own = f"{table.name}.{column.name}" if column.primary_key else name
            row[column.name] = BY_COLUMN.get(
                column.name, f"{mark} {name if target is not None else own}"
            )
        else:
            row[column.name] = BY_TYPE[kind] + (mark == "old") if kind is int else BY_TYPE[kind]
    return row


def fill(connection: Connection, tables: dict[str, Table], names: set[str], mark: str) -> None:
    for name, table in tables.items():
        if name in names:
            connection.execute(table.insert().values(row_for(table, mark)))


def rows_of(connection: Connection, tables: dict[str, Table]) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [dict(row._mapping) for row in connection.execute(select(table))]
        for name, table in tables.items()
    }


async def at(database: Database, work: Any) -> Any:
    async with database.write() as session:
        return await (await session.connection()).run_sync(work)


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[Database]:
    """A database without tables."""
    database = Database(database_url)
    yield database
    await database.close()


def stored(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Return every row as it is stored, table by table."""
    names = inspect(connection).get_table_names()
    return {
        name: [
            dict(row._mapping)
            for row in connection.execute(text(f"SELECT * FROM {name}"))  # noqa: S608
        ]
        for name in names
        if name != "alembic_version"
    }


async def test_every_version_keeps_the_data_of_those_before(empty: Database) -> None:
    def step(connection: Connection, version: str) -> None:
        before = stored(connection)
        command.upgrade(config_for(connection), version)
        after = stored(connection)
        for name, (row,) in before.items():
            if (version, name) not in DROPPED:
                assert len(after[name]) == 1, f"{version}: {name}"
                (found,) = after[name]
                kept = {column: row[column] for column in row if column in found}
                assert {column: found[column] for column in kept} == kept, f"{version}: {name}"
        without = {name for name, rows in after.items() if not rows}
        fill(connection, tables_of(connection, without), without, "first")

    for version in VERSIONS:
        await at(empty, partial(step, version=version))
    await empty.migrate()
    await empty.verify()


async def test_mails_that_the_version_before_does_not_know_are_gone_with_it(
    database: Database,
) -> None:
    mail = ("<a@intercup.example.it>", b"x")
    async with database.write() as writing:
        for role in ("mailbox", "alarm"):
            writing.add(queued(role, "da@example.it", "a@example.it", mail, 1.0))
    await database.migrate(back_to="0023")
    deliveries = (await at(database, lambda c: rows_of(c, tables_of(c))))["deliveries"]
    assert [row["role"] for row in deliveries] == ["alarm"]


async def test_receipts_that_the_version_before_takes_for_certain_are_gone_with_it(
    database: Database,
) -> None:
    async with database.write() as writing:
        mail = queued("copy", "da@example.it", "a@example.it", ("<a@example.it>", b"x"), 1.0)
        writing.add(mail)
        await writing.flush()
        for identifier in ("certain", "doubtful"):
            kept = {"kind": "non-accettazione", "doubtful": identifier == "doubtful"}
            of = {"delivery_id": mail.id, "identifier": identifier, "issued_at": 1.0}
            writing.add(PecReceipt(**of, **kept))
    await database.migrate(back_to="0030")
    receipts = (await at(database, lambda c: rows_of(c, tables_of(c))))["pec_receipts"]
    assert [row["identifier"] for row in receipts] == ["certain"]


async def test_the_rows_of_a_conversation_have_an_index_that_the_way_back_takes_off(
    database: Database,
) -> None:
    def indexed(connection: Connection) -> list[list[str | None]]:
        indexes = (inspect(connection).get_indexes(table) for table in ("requests", "sessions"))
        return [column for of in indexes for each in of if (column := each["column_names"])]

    assert (await at(database, indexed)).count(["conversation_id"]) == 2
    await database.migrate(back_to="0032")
    assert ["conversation_id"] not in await at(database, indexed)


async def test_the_version_before_works_on_this_schema_and_there_is_a_way_back(
    database: Database,
) -> None:
    before, newest = VERSIONS[-2:]
    await database.migrate(back_to=before)
    old = await at(database, tables_of)
    await database.migrate()

    def as_before(connection: Connection) -> None:
        fill(connection, old, old.keys() - {"channels"}, "old")
        for name, table in old.items():
            values = {c.name: c for c in table.c if not c.primary_key}
            if values and name not in NEVER_UPDATED:
                connection.execute(table.update().values(values))
        rows_of(connection, old)

    await at(database, as_before)
    rows = await at(database, lambda connection: rows_of(connection, old))
    await database.migrate(back_to=before)
    assert await at(database, lambda connection: rows_of(connection, tables_of(connection))) == rows
    with pytest.raises(ConfigurationError, match=newest):
        await database.verify()
    with pytest.raises(ConfigurationError, match="non si torna a 0001"):
        await database.migrate(back_to="0001")
