"""The figures of a month: live, kept beyond the purge, shown at the desk and by the command."""

import asyncio
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from intercup.commands.main import main
from intercup.db.engine import Database
from intercup.db.tables import (
    Delivery,
    Figure,
    Forward,
    MonthlyCount,
    OfficeMark,
    PecReceipt,
    Rating,
    Request,
)
from intercup.domain.dialogue import Draft
from intercup.domain.directory import Directory
from intercup.domain.figures import TurnFacts
from intercup.services.figures.counting import TurnCounts, month_of
from intercup.services.figures.reading import (
    Figures,
    figures_of,
    last_finished,
    span_of,
    totals,
)
from intercup.services.figures.tables import in_words, tables_of
from intercup.services.privacy.purge import purge
from tests.support.desk import at_desk
from tests.support.made_requests import AGATA, TEXT, count, submission, submit
from tests.support.web_service import Service, StandInRasa, running_service

pytestmark = pytest.mark.both_databases


@pytest.fixture
def now() -> float:
    return time.time()


@pytest.fixture
def month(now: float) -> str:
    return month_of(now)


@pytest.fixture
def last(now: float) -> str:
    """The last finished month."""
    return last_finished(now)


async def read(database: Database, month: str) -> Figures:
    async with database.read() as reading:
        return await figures_of(reading, month)


async def make(database: Database, directory: Directory, times: int = 6) -> list[str]:
    """Register requests, deliver and forward them; one office answers after two days."""
    numbers, now = [], time.time()
    for _ in range(times):
        numbers.append((await submit(database, directory, submission())).number)
    async with database.write() as writing:
        await writing.execute(update(Delivery).values(state="sent", sent_at=now + 90))
        for number in numbers:
            writing.add(
                Forward(
                    request_number=number,
                    hop=1,
                    from_office="A",
                    to_office="B",
                    note="",
                    form_key=number,
                    created_at=now + 100,
                )
            )
        office = select(Delivery.id).where(Delivery.role == "office").order_by(Delivery.id)
        own = (await writing.scalars(office)).all()
        kinds = ("avvenuta-consegna", "accettazione", "errore-consegna")
        for id_, kind in zip(own, kinds, strict=False):
            for given in {"accettazione", kind}:
                writing.add(
                    PecReceipt(delivery_id=id_, identifier=given, kind=given, issued_at=now)
                )
        unsure = {"identifier": "?", "kind": "non-accettazione", "issued_at": now}
        writing.add(PecReceipt(delivery_id=own[-1], doubtful=True, **unsure))
        mark = {"request_number": numbers[0], "hop": 1, "state": "answered"}
        writing.add(OfficeMark(**mark, marked_at=now + 2 * 86_400))
    return numbers


async def move_to(database: Database, month: str) -> None:
    async with database.write() as writing:
        await writing.execute(update(Request).values(created_at=span_of(month)[0] + 86_400))


async def test_the_figures_are_the_same_after_the_requests_are_gone(
    database: Database, directory: Directory, now: float, month: str
) -> None:
    await make(database, directory)
    async with database.write() as writing:
        writing.add(Rating(stars=5, day=f"{month}-15"))
    before = await read(database, month)
    assert before["forwarded_structure"] == {"asp_trapani": 6}
    assert before["answered"] == {"three_days": 1, "never": 5}
    assert before["source"] == {"form": 6}
    assert before["pec"] == {"delivered": 1, "accepted": 1, "failed": 1}
    assert before["stars"] == {"5": 1}
    await purge(database, now + 400 * 86_400)
    assert await count(database, Request) == 0
    assert await read(database, month) == before


async def test_times_have_the_first_bound_that_holds_them(
    database: Database, directory: Directory, last: str
) -> None:
    at = span_of(last)[0] + 86_400
    # Seconds until the office's mail is sent, is taken and is answered.
    times = (
        *((-5, 0, 86_400), (60, 86_401, None), (61, None, 7 * 86_400), (3_600, 1, 604_801)),
        *((86_401, None, None), (None, None, 3 * 86_400)),
    )
    for sent, taken, answered in times:
        number = (await submit(database, directory)).number
        async with database.write() as writing:
            of_request = Delivery.request_number == number
            sent_at = None if sent is None else at + sent
            await writing.execute(update(Delivery).where(of_request).values(sent_at=sent_at))
            for hop, (state, marked) in enumerate((("taken", taken), ("answered", answered))):
                if marked is not None:
                    of = {"request_number": number, "hop": hop, "state": state}
                    writing.add(OfficeMark(**of, marked_at=at + marked))
                    # Another hop's later mark changes nothing.
                    later = {"hop": hop + 2, "marked_at": at + marked + 900_000}
                    writing.add(OfficeMark(**of | later))
    async with database.write() as writing:
        await writing.execute(update(Request).values(created_at=at))
    found = await read(database, last)
    delivered = {"minute": 2, "ten_minutes": 1, "hour": 1, "later": 1, "never": 1}
    assert found["delivered"] == delivered
    assert found["taken"] == {"day": 2, "three_days": 1, "never": 3}
    assert found["answered"] == {"day": 1, "three_days": 1, "week": 1, "later": 1, "never": 2}


async def test_requests_count_for_the_month_that_they_came_in(
    database: Database, directory: Directory
) -> None:
    moments = (*span_of("2026-10"), span_of("2026-12")[1] - 0.5, span_of("2026-12")[1])
    for moment in moments:
        number = (await submit(database, directory)).number
        async with database.write() as writing:
            of = update(Request).where(Request.number == number)
            await writing.execute(of.values(created_at=moment))
    async with database.write() as writing:
        for month in ("2026-09", "2026-10", "2027-01"):
            deleted = {"month": month, "category": "technical", "structure": "", "requests": 2}
            writing.add(MonthlyCount(**deleted))
    async with database.read() as reading:
        assert await totals(reading, "2026-12") == {
            "2026-09": 2,
            "2026-10": 3,
            "2026-11": 1,
            "2026-12": 1,
        }


async def test_counts_of_several_processes_add_up_and_outlive_an_outage(
    database: Database, now: float, month: str
) -> None:
    processes = [TurnCounts(database) for _ in range(3)]
    for each in processes:
        each.add([("understood", "at_once"), ("emergency", "sure")] * 5, now)
    await asyncio.gather(*(each.store() for each in processes))
    await asyncio.gather(*(each.store() for each in processes))
    assert (await read(database, month))["understood"] == {"at_once": 15}


def test_a_turn_is_counted_in_less_than_a_third_of_a_millisecond(database: Database) -> None:
    counts = TurnCounts(database)
    signals = {"reading": {"ranking": [("greet", 0.9)]}}
    facts = TurnFacts(Draft(step="category"), Draft(step="structure"), True, None, signals)
    began = time.process_time()
    for _ in range(1_000):
        counts.note(facts)
    assert time.process_time() - began < 0.3  # seconds


async def test_a_turn_of_the_chat_is_counted_when_the_process_ends_at_the_latest(
    database: Database, directory: Directory, tmp_path: Path, rasa: StandInRasa, month: str
) -> None:
    async with (
        running_service(database, directory, tmp_path, rasa.url) as service,
        service.browser(AGATA) as browser,
    ):
        await browser.open_chat("portal")
        rasa.replies = [{"text": "?", "custom": {"draft": {"step": "category"}}}]
        await browser.say(TEXT)
        rasa.replies = [{"text": "?", "custom": {"draft": {"step": "structure"}}}]
        await browser.say(TEXT)
    found = await read(database, month)
    assert found["step_entered"] == {"category": 1, "structure": 1}
    assert found["step_answered"] == {"category": 1}


async def test_the_desk_shows_and_gives_what_cannot_tell_of_a_person(
    service: Service, database: Database, directory: Directory, month: str, last: str
) -> None:
    numbers = await make(database, directory)
    await submit(database, directory, submission(category="platform", structure=None))
    await move_to(database, last)
    async with database.write() as writing:
        rows = [("entered", 20), ("answered", 17), ("asked_back", 7)]
        writing.add_all(
            Figure(month=last, kind=f"step_{kind}", cell="category", count=number)
            for kind, number in rows
        )
    async with at_desk(service) as desk:
        async with desk.get("/presidio/numeri") as response:
            page = await response.text()
        async with desk.get("/presidio/numeri?csv") as response:
            assert response.content_type == "text/csv"
            text = await response.text(encoding="utf-8-sig")
        for wrong in ("2026-13", "x", "0000-01", "0001-01", "9999-12", month):
            async with desk.get(f"/presidio/numeri?month={wrong}") as response:
                assert response.status == 404, wrong
    lines = [line.split(";") for line in text.splitlines()]
    cells = {(line[0], line[1]): line[2] for line in lines}
    # One request of another kind would follow from the total: both are hidden.
    assert {cells[key] for key in cells if key[0] == "Richieste per tipologia"} == {"meno di 5"}
    asked = "Alla domanda sulla tipologia"
    assert cells["Passi della chat, domande fatte", asked] == "20"
    assert cells["Passi della chat, lasciati senza risposta", asked] == "meno di 5"
    assert cells["Passi della chat, con una risposta", asked] == "meno di 5"
    assert "<rect" in page
    assert f"Numeri: {in_words(last)}</h1>" in page
    secrets = (*numbers, AGATA.surname, AGATA.email, TEXT)
    assert [secret for secret in secrets if secret in page + text] == []


async def test_the_command_prints_the_same(
    database: Database,
    database_url: str,
    directory: Directory,
    month: str,
    last: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await make(database, directory)
    await move_to(database, last)
    monkeypatch.setenv("INTERCUP_DATABASE_URL", database_url)
    monkeypatch.setenv("INTERCUP_DATA_DIR", str(tmp_path))

    def run(*arguments: str) -> object:
        monkeypatch.setattr(sys, "argv", ["intercup", "figures", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code

    assert await asyncio.to_thread(run) == 0
    assert "Da dove arrivano le richieste;Modulo;6;0\n" in capsys.readouterr().out.replace("\r", "")
    assert await asyncio.to_thread(run, "marzo") == 2
    assert await asyncio.to_thread(run, month) == 2


def test_shares_tell_no_small_number_together(directory: Directory) -> None:
    wholes = {"technical": 100, "platform": 60, "information": 30}
    parts = {"technical": 20, "platform": 8, "information": 2}
    figures = {"category": Counter(wholes), "forwarded_category": Counter(parts)}
    (table,) = (t for t in tables_of(figures, {}, directory) if t.kind == "forwarded_category")
    assert [row.count for row in table.rows] == [20]
    figures["forwarded_category"]["information"] = 0
    (table,) = (t for t in tables_of(figures, {}, directory) if t.kind == "forwarded_category")
    assert sorted(row.count or 0 for row in table.rows) == [13, 20]


def test_a_month_is_italian() -> None:
    start, end = span_of("2026-12")
    assert [f"{datetime.fromtimestamp(at, UTC):%d %H}" for at in (start, end)] == ["30 23", "31 23"]


def test_a_month_is_shown_by_its_name() -> None:
    assert [in_words(month) for month in ("2026-10", "2027-01")] == ["ottobre 2026", "gennaio 2027"]
