"""Statements of every turn, compiled once: SQLAlchemy takes far longer than the database for them.

They go to the driver, in the transaction of all other statements. See docs/adr/0024 and 0034.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple, Protocol, cast

from sqlalchemy import Delete, Insert, Select, Table, Update, bindparam, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.elements import BindParameter

from intercup.db.sqlite import sqlite3

DOUBLE = 701  # PostgreSQL's number of the type that our floats have


class Driver(Protocol):
    """A connection to the database, past SQLAlchemy."""

    async def rows(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        """Run a statement and return its rows."""

    async def run_each(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Run a statement without rows once for each set of parameters."""

    async def rollback(self) -> None:
        """Undo the open transaction."""


class Session(AsyncSession):
    """A session that SQLAlchemy sets up at its first use; prepared statements need only `driver`.

    `driver` is None after a rollback.
    """

    def __init__(self, of: AsyncEngine | AsyncConnection, driver: Driver) -> None:
        self._of, self.dialect = of, of.dialect
        self.driver: Driver | None = driver

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
        """Undo everything; no statement may follow."""
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


class _Compiled(NamedTuple):
    """A statement in a dialect; `columns` are those to convert: place and function."""

    sql: str
    parameters: list[_Parameter]
    columns: list[tuple[int, Callable[[Any], Any]]]

    def places(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the values in the order of their places."""
        return [parameter.of(values) for parameter in self.parameters]

    def converted(self, rows: list[Any]) -> list[Any]:
        """Return the rows with values as the columns' types give them."""
        if not self.columns:
            return rows
        found = [list(row) for row in rows]
        for place, convert in self.columns:
            for row in found:
                row[place] = convert(row[place])
        return found


class Prepared:
    """A statement whose values are named by `bindparam`; it has no list of variable length."""

    def __init__(self, statement: Select[Any] | Insert | Update | Delete) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    async def rows(self, session: AsyncSession, values: Mapping[str, Any]) -> Sequence[Any]:
        """Run it, and return its rows as tuples."""
        driver, compiled = self._for(session)
        return compiled.converted(await driver.rows(compiled.sql, compiled.places(values)))

    async def row(self, session: AsyncSession, values: Mapping[str, Any]) -> Any:
        """Run it, and return its only row; None without one."""
        found = await self.rows(session, values)
        return found[0] if found else None

    async def run_each(self, session: AsyncSession, many: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each of these values."""
        driver, compiled = self._for(session)
        await driver.run_each(compiled.sql, [compiled.places(values) for values in many])

    def _for(self, session: AsyncSession) -> tuple[Driver, _Compiled]:
        of = cast(Session, session)
        if of.driver is None:
            raise InvalidRequestError("the transaction was undone")
        compiled = self._compiled.get(of.dialect.name)
        if compiled is None:
            compiled = self._compiled[of.dialect.name] = _compile(self._statement, of.dialect)
        return of.driver, compiled


def _compile(statement: Select[Any] | Insert | Update | Delete, dialect: Dialect) -> _Compiled:
    compiled: Any = statement.compile(dialect=dialect)
    parameters = [_parameter(name, compiled.binds[name], dialect) for name in compiled.positiontup]
    types = [column.type.dialect_impl(dialect) for column in statement.exported_columns]
    found: Any = enumerate(type_.result_processor(dialect, DOUBLE) for type_ in types)
    columns: list[tuple[int, Callable[[Any], Any]]] = [each for each in found if each[1]]
    return _Compiled(str(compiled), parameters, columns)


def _parameter(name: str, bind: BindParameter[Any], dialect: Dialect) -> _Parameter:
    convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
    return _Parameter(name, None if bind.required else bind.value, convert)


async def add(writing: AsyncSession, *rows: DeclarativeBase) -> None:
    """Insert new rows in this order, by the driver unless something has set up SQLAlchemy.

    Raises:
        IntegrityError: a constraint refuses one.
    """
    if cast(Session, writing).is_set_up:
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
    return Prepared(insert(table).values(own | given).inline())
