"""Statements of every turn, compiled once: SQLAlchemy takes far longer than SQLite to run them.

On SQLite they go to the driver; on PostgreSQL through the session, like any other statement. See
docs/adr/0024.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Delete, Insert, Select, Table, Update, bindparam, insert
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.elements import BindParameter

from intercup.db.sqlite_inline import InlineConnection

_SQLITE = SQLiteDialect_pysqlite()


class Session(AsyncSession):
    """A session that SQLAlchemy sets up at its first use; prepared statements need only `driver`.

    That is its connection to SQLite; None with another database.
    """

    def __init__(self, engine: AsyncEngine, driver: InlineConnection | None = None) -> None:
        self._of, self.driver = engine, driver

    def __getattr__(self, name: str) -> Any:
        if self.is_set_up:
            raise AttributeError(name)
        super().__init__(self._of, expire_on_commit=False)
        return getattr(self, name)

    @property
    def is_set_up(self) -> bool:
        return "sync_session" in vars(self)

    async def __aexit__(self, *error: Any) -> None:
        if self.is_set_up:
            await super().__aexit__(*error)

    async def rollback(self) -> None:
        """Undo everything; another statement would begin another transaction."""
        if self.is_set_up:
            await super().rollback()
        driver, self.driver = self.driver, None
        if driver:
            await driver.rollback()


class _Parameter(NamedTuple):
    """A parameter of a statement; `own` is the value that the statement gives it itself."""

    name: str
    own: Any
    convert: Callable[[Any], Any] | None

    def of(self, values: Mapping[str, Any]) -> Any:
        """Return it as the driver takes it."""
        value = values[self.name] if self.own is None else self.own
        return self.convert(value) if self.convert else value


class Prepared:
    """A statement whose values are named by `bindparam`; it has no list of variable length."""

    def __init__(self, statement: Select[Any] | Insert | Update | Delete) -> None:
        self._statement = statement

    async def rows(self, session: AsyncSession, values: Mapping[str, Any]) -> Sequence[Any]:
        """Run it, and return its rows as tuples."""
        driver = getattr(session, "driver", None)
        if driver is None:
            found = await session.execute(self._statement, values)
            return found.all() if _has_rows(found) else ()
        return self._converted(await driver.rows(self._sql, self._places(values)))

    async def row(self, session: AsyncSession, values: Mapping[str, Any]) -> Any:
        """Run it, and return its only row; None without one."""
        found = await self.rows(session, values)
        return found[0] if found else None

    async def run_each(self, session: AsyncSession, many: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each of these values."""
        driver = getattr(session, "driver", None)
        if driver is None:
            await session.execute(self._statement, many)
        else:
            await driver.run_each(self._sql, [self._places(values) for values in many])

    def _places(self, values: Mapping[str, Any]) -> list[Any]:
        return [parameter.of(values) for parameter in self._parameters]

    def _converted(self, rows: list[Any]) -> list[Any]:
        """Return the rows with values as the columns' types give them."""
        if not self._columns:
            return rows
        found = [list(row) for row in rows]
        for place, convert in self._columns:
            for row in found:
                row[place] = convert(row[place])
        return found

    @cached_property
    def _compiled(self) -> Any:
        return self._statement.compile(dialect=_SQLITE)

    @cached_property
    def _sql(self) -> str:
        return str(self._compiled)

    @cached_property
    def _parameters(self) -> list[_Parameter]:
        binds = self._compiled.binds
        return [_parameter(name, binds[name]) for name in self._compiled.positiontup]

    @cached_property
    def _columns(self) -> list[tuple[int, Callable[[Any], Any]]]:
        """The columns to convert: place and function."""
        types = [column.type.dialect_impl(_SQLITE) for column in self._statement.exported_columns]
        each = enumerate(type_.result_processor(_SQLITE, None) for type_ in types)
        return [(place, convert) for place, convert in each if convert]


def _parameter(name: str, bind: BindParameter[Any]) -> _Parameter:
    convert = bind.type.dialect_impl(_SQLITE).bind_processor(_SQLITE)
    return _Parameter(name, None if bind.required else bind.value, convert)


def _has_rows(found: object) -> bool:
    return isinstance(found, CursorResult) and found.returns_rows


async def add(writing: AsyncSession, *rows: DeclarativeBase) -> None:
    """Insert new rows in this order, by the driver unless something has set up SQLAlchemy.

    Raises:
        IntegrityError: a constraint refuses one.
    """
    if not isinstance(writing, Session) or writing.driver is None or writing.is_set_up:
        writing.add_all(rows)
        await writing.flush()
        return
    try:
        for (table, names), alike in groupby(rows, _table_and_columns):
            await _adding(table, names).run_each(writing, [vars(row) for row in alike])
    except sqlite3.IntegrityError as error:
        raise IntegrityError(None, None, error) from error


def _table_and_columns(row: DeclarativeBase) -> tuple[Any, tuple[str, ...]]:
    table = row.__table__
    return table, tuple(column.name for column in table.columns if column.name in vars(row))


@cache
def _adding(table: Table, names: tuple[str, ...]) -> Prepared:
    """Return the statement that inserts a row with these columns; the others get their defaults."""
    given = {name: bindparam(name, type_=table.c[name].type) for name in names}
    own = {
        column.name: column.default.arg  # type: ignore[attr-defined]  # a plain value
        for column in table.columns
        if column.name not in given and column.default is not None
    }
    return Prepared(insert(table).values(own | given))
