"""Wordings in cells with the files of two releases, as during an upgrade."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from intercup.db.engine import Database
from intercup.db.tables import Wording
from intercup.domain.versions import Settled
from intercup.services.answers.origin import FILES, answer_by_name, answers, read_answers
from intercup.services.answers.wordings import Wordings, newest_by_name, save, settle
from intercup.services.privacy.purge import purge
from intercup.services.privacy.retention import kept
from tests.support.paths import ROOT

SPID = "utter_faq/spid"
OLD = answers()[SPID].text
NEW = "SPID è la sua identità digitale.\nSe non riesce a entrare, lo scriva qui."
LATER = "SPID serve per entrare. Se non riesce, lo scriva qui."


class Cell:
    """A cell's program, with a text of its own for one answer in its files."""

    def __init__(self, folder: Path, text: str, patch: pytest.MonkeyPatch) -> None:
        self._patch, self._folder = patch, folder
        for file in FILES:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(file.read_text("utf-8"), "utf-8")
        faq = folder / FILES[0]
        old, new = OLD.splitlines(), "\n        ".join(text.splitlines())
        source = faq.read_text("utf-8").replace("\n        ".join(old), new)
        faq.write_text(source, "utf-8")

    async def said(self, database: Database) -> str:
        self._enter()
        wordings = Wordings(database)
        await wordings.look()
        reply = {"text": answers()[SPID].text, "answer": {"name": SPID, "values": {}}}
        return str(wordings.worded([reply])[0]["text"])

    async def settled(self, database: Database) -> Settled:
        """As `intercup migrate` at the start of its program."""
        self._enter()
        async with database.write() as writing:
            return await settle(writing)

    async def save(self, database: Database, text: str) -> None:
        self._enter()
        async with database.write() as writing:
            newest = (await newest_by_name(writing)).get(SPID)
            seen = str(newest.id if newest else 0)
            assert await save(writing, answers()[SPID], text, seen, "Rosa")

    def change_elsewhere(self) -> None:
        """Become another release, with the same answers."""
        with (self._folder / FILES[1]).open("a", encoding="utf-8") as file:
            file.write("# another release\n")

    def _enter(self) -> None:
        self._patch.chdir(self._folder)
        forget_answers()


def forget_answers() -> None:
    read_answers.cache_clear()
    answer_by_name.cache_clear()


@pytest.fixture
def cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Cell, Cell, Cell]]:
    """Cells of three releases: the old file, one that took NEW over, and one with LATER."""
    old, new, later = (
        Cell(tmp_path / name, text, monkeypatch)
        for name, text in (("old", OLD), ("new", NEW), ("later", LATER))
    )
    yield old, new, later
    monkeypatch.chdir(ROOT)
    forget_answers()


@pytest.mark.both_databases
async def test_a_wording_taken_over_stays_in_cells_with_the_old_file(
    cells: tuple[Cell, Cell, Cell], database: Database
) -> None:
    old, new, later = cells
    await old.settled(database)
    await old.save(database, NEW)
    for cell in (new, old, new):  # migrated, restarted with the old release, restarted
        assert await cell.settled(database) == ([], [], [])
        assert (await old.said(database), await new.said(database)) == (NEW, NEW)
    assert await later.said(database) == LATER
    await purge(database, time.time() + kept().desk_log.total_seconds() + 60)
    assert (await old.said(database), await later.said(database)) == (NEW, LATER)


async def test_a_release_that_restores_the_text_ends_a_wording_taken_over_for_good(
    cells: tuple[Cell, Cell, Cell], database: Database
) -> None:
    old, new, _ = cells
    await old.settled(database)
    await old.save(database, NEW)
    await new.settled(database)
    old.change_elsewhere()  # the next release: not the one before
    assert await old.settled(database) == ([], [], [SPID])
    assert await old.settled(database) == ([], [], [])
    assert (await old.said(database), await new.said(database)) == (OLD, NEW)
    await old.save(database, NEW)  # who wants it again, gets it
    assert await old.said(database) == NEW


async def test_what_the_desk_of_a_new_cell_decides_is_said_in_the_old(
    cells: tuple[Cell, Cell, Cell], database: Database
) -> None:
    old, new, later = cells
    await old.save(database, NEW)
    await new.settled(database)
    await new.save(database, LATER)
    assert (await old.said(database), await new.said(database)) == (LATER, LATER)
    await new.save(database, NEW)  # back to the files, each to its own
    assert (await old.said(database), await new.said(database)) == (OLD, NEW)
    assert await later.said(database) == LATER


async def test_who_goes_back_to_a_new_original_goes_on_with_the_next_one(
    cells: tuple[Cell, Cell, Cell], database: Database
) -> None:
    old, new, later = cells
    await old.save(database, "Una risposta del presidio.")
    assert await new.settled(database) == ([SPID], [], [])  # outdated
    await new.save(database, NEW)
    assert (await old.said(database), await new.said(database)) == (NEW, NEW)
    assert await later.said(database) == LATER


async def test_a_wording_of_an_answer_that_is_gone_is_named_and_said_in_older_cells(
    cells: tuple[Cell, Cell, Cell], database: Database
) -> None:
    old, new, _ = cells
    async with database.write() as writing:
        row = {"text": "Nuova.", "origin": "Vecchia.", "after": 0, "who": "Anna", "at": 0.0}
        writing.add(Wording(answer="utter_gone", **row))
    for cell in (new, old):
        assert await cell.settled(database) == ([], ["utter_gone"], [])
    async with database.read() as reading:
        assert (await newest_by_name(reading))["utter_gone"].text == "Nuova."
