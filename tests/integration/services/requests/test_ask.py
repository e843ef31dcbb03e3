"""A citizen is asked once whether the office has answered; no reminds the office, once."""

import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from intercup.commands.main import main
from intercup.db.engine import Database
from intercup.db.tables import (
    Addition,
    AnswerQuestion,
    Base,
    Delivery,
    QuestionRefusal,
    Request,
)
from intercup.domain.directory import Directory
from intercup.domain.italian_time import ROME
from intercup.domain.staff import Role
from intercup.mail.compose_question import QuestionMail, compose_question
from intercup.services.chat.conversations import history
from intercup.services.privacy.purge import purge
from intercup.services.requests import ask as ask_module
from intercup.services.requests.answer import unanswered
from intercup.services.requests.ask import LATE, Asking, ask_due
from intercup.services.requests.lookup import requests_of
from intercup.services.requests.working_days import delivered_before
from intercup.worker import loop as worker
from tests.support.desk import at_desk
from tests.support.forwarding import RTI, TRAPANI, Offices, all_rows, body_of
from tests.support.made_requests import (
    AGATA,
    MAILS,
    add_text,
    count,
    make_conversation,
    set_deliveries,
    submission,
    submit,
)
from tests.support.paths import ROOT
from tests.support.web_service import Service, StandInRasa, running_service

ASKING = Asking(5, MAILS, ROOT / "config/structures.yaml")
_delivered_before = ask_module._delivered_before
_counted: dict[tuple[datetime, int], float | None] = {}
LINK = re.compile(r"https://\S+(/risposta/[a-z0-9]+)\?(?:si|no)$", re.MULTILINE)


@pytest.fixture
async def service(
    database: Database, directory: Directory, tmp_path: Path, rasa: StandInRasa
) -> AsyncIterator[Service]:
    async with running_service(database, directory, tmp_path, rasa.url) as service:
        yield service


async def counted_once(now: datetime, days: int) -> float | None:
    if (now, days) not in _counted:
        _counted[now, days] = await _delivered_before(now, days)
    return _counted[now, days]


@pytest.fixture(autouse=True)
def each_count_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start the process that counts working days once for each moment, as it answers the same."""
    monkeypatch.setattr(ask_module, "_delivered_before", counted_once)


def mornings() -> list[datetime]:
    morning = datetime.now(ROME).replace(hour=10, minute=0, second=0, microsecond=0)
    return [(morning + timedelta(days=day)).astimezone(UTC) for day in range(1, 40)]


def due(after: float = 2.0) -> datetime:
    """Return the first morning that is due for a mail sent so many seconds from now."""
    sent = time.time() + after
    return next(at for at in mornings() if (delivered_before(at, 5) or 0.0) > sent)


async def ask(offices: Offices, at: datetime | None = None) -> list[str]:
    asked = await ask_due(offices.database, ASKING, at or due())
    await set_deliveries(offices.database, "question", next_attempt_at=0.0)
    await offices.deliver()
    return asked


async def asked(offices: Offices, **more: Any) -> tuple[str, str]:
    """Let a request arrive and be asked about; return its number and the link's path."""
    number = (await offices.receive(**more)).number
    assert await ask(offices) == [number]
    yes, no = LINK.findall(body_of(offices.mails_to(AGATA.email)[-1]))
    assert yes == no
    return number, yes


async def press(offices: Offices, link: str, answer: str) -> tuple[int, str]:
    async with offices.browser.post(link, data={"answer": answer}, allow_redirects=True) as found:
        status, page = found.status, await found.text()
    await offices.deliver()
    return status, page


@pytest.mark.both_databases
async def test_nobody_is_asked_before_the_time_twice_or_late(offices: Offices) -> None:
    number = (await offices.receive()).number
    day = due()
    for at in mornings()[: mornings().index(day)]:
        assert await ask(offices, at) == []
    assert await ask_due(offices.database, Asking(0, MAILS, ASKING.structures_file), day) == []
    assert await ask(offices, day + LATE + timedelta(days=15)) == [], "it would come too late"
    assert await ask(offices, day) == [number]
    assert await ask(offices, day + timedelta(hours=1)) == []
    mails = offices.mails_to(AGATA.email)
    assert len(mails) == 2
    assert mails[1].message["In-Reply-To"] == mails[0].message["Message-ID"]


@pytest.mark.both_databases
async def test_requests_without_need_are_not_asked_about(
    offices: Offices, directory: Directory
) -> None:
    await offices.browser.log_in(AGATA)
    await offices.receive()
    await offices.mark(offices.link_of(RTI), "answered")
    withdrawn = (await offices.receive()).number
    fields = {"kind": "withdrawn", "form_key": "k"}
    async with offices.browser.post(f"/richieste/{withdrawn}", data=fields) as response:
        assert response.status == 303
    await offices.deliver()
    offices.catcher.at_rcpt = {RTI: ["550 no"]}
    await offices.receive()
    offices.catcher.at_rcpt = {}
    erased = (await offices.receive()).number
    async with offices.database.write() as writing:
        await writing.execute(update(Request).where(Request.number == erased).values(email=""))
    taken = (await offices.receive()).number
    await offices.mark(offices.link_of(RTI), "taken")
    assert await ask(offices) == [taken]


@pytest.mark.both_databases
async def test_a_forward_begins_the_days_anew(offices: Offices) -> None:
    number = (await offices.receive()).number
    await offices.forward(offices.link_of(RTI), "technical", "asp_trapani")
    week = 7 * 24 * 3600.0
    async with offices.database.write() as writing:
        new = (Delivery.hop == 1, Delivery.role == "office")
        await writing.execute(update(Delivery).where(*new).values(sent_at=time.time() + week))
    assert await ask(offices) == []
    assert await ask(offices, due(week)) == [number]
    question = offices.mails_to(AGATA.email)[-1].message
    assert question["In-Reply-To"].startswith(f"<{number.lower()}.1@")


@pytest.mark.both_databases
async def test_workers_at_once_ask_once(database: Database, directory: Directory) -> None:
    for _ in range(5):
        await submit(database, directory, submission())
    await set_deliveries(database, "office", state="sent", sent_at=time.time())
    day = due()
    found = await asyncio.gather(*(ask_due(database, ASKING, day) for _ in range(3)))
    assert len([number for numbers in found for number in numbers]) == 5
    async with database.read() as reading:
        rows = await reading.scalars(select(Delivery.role).where(Delivery.role == "question"))
    assert (len(rows.all()), await count(database, AnswerQuestion)) == (5, 5)


@pytest.mark.both_databases
async def test_a_days_questions_leave_the_way_to_other_mails(
    database: Database, directory: Directory
) -> None:
    for _ in range(3):
        await submit(database, directory, submission())
    await set_deliveries(database, "office", state="sent", sent_at=time.time())
    day = due()
    await ask_due(database, ASKING, day)
    async with database.read() as reading:
        attempts = select(Delivery.next_attempt_at).where(Delivery.role == "question")
        times = sorted(await reading.scalars(attempts))
    assert [at - day.timestamp() for at in times] == pytest.approx([0.0, 1.0, 2.0], abs=0.01)


@pytest.mark.both_databases
async def test_a_question_that_cannot_be_queued_was_not_asked_and_stops_no_other(
    offices: Offices, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails_for(mail: QuestionMail) -> bytes:
        if mail.original.number == bad:
            raise RuntimeError
        return compose_question(mail)

    bad, good = [(await offices.receive()).number for _ in range(2)]
    with monkeypatch.context() as patch:
        patch.setattr("intercup.services.requests.ask.compose_question", fails_for)
        assert await ask_due(offices.database, ASKING, due()) == [good]
    assert caplog.messages == [f"ALARM whether {bad} was answered can't be asked"]
    assert await ask(offices) == [bad]


async def test_opening_the_link_changes_nothing(offices: Offices) -> None:
    _, link = await asked(offices)
    before = await all_rows(offices.database)
    for path in (link, f"{link}?si", f"{link}?no"):
        async with offices.browser.get(path) as response:
            assert response.status == 200
            assert response.headers["Referrer-Policy"] == "no-referrer"
            page = await response.text()
    assert "Nell'e-mail ha scelto «No»" in page
    assert [secret for secret in (AGATA.name, AGATA.surname, AGATA.email) if secret in page] == []
    assert await all_rows(offices.database) == before


async def test_yes_closes_the_request(offices: Offices) -> None:
    _, link = await asked(offices)
    assert "La richiesta è chiusa" in (await press(offices, link, "yes"))[1]
    (entry,) = await requests_of(offices.database, AGATA.person_key)
    assert (entry.shown_state, len(entry.additions)) == ("closed", 0)
    await offices.browser.log_in(AGATA)
    async with offices.browser.get("/richieste") as response:
        assert "Chiusa, con la conferma del" in await response.text()


@pytest.mark.both_databases
async def test_no_reminds_the_office_of_now_once(offices: Offices, service: Service) -> None:
    chat = await make_conversation(offices.database)
    number, link = await asked(offices, conversation_id=chat)
    await offices.forward(offices.link_of(RTI), "technical", "asp_trapani")
    for answer in ("no", "no", "yes", "no"):
        status, page = await press(offices, link, answer)
        assert status == 200, answer
    assert "un promemoria, uno solo" in page
    assert len(offices.mails_to(RTI)) == 1
    forwarded, reminder = offices.mails_to(TRAPANI)
    assert reminder.message["In-Reply-To"] == forwarded.message["Message-ID"]
    assert reminder.message["Subject"].startswith("[InterCup] Promemoria - ")
    assert "ancora avuto risposta" in body_of(reminder)
    assert "promemoria" in body_of(reminder).split("\n")[0]
    told = [message.input for message in await history(offices.database, chat)]
    assert "question" not in {each["role"] for each in told if each and "role" in each}
    async with at_desk(service, Role.DELIVERIES) as desk:
        async with desk.get("/presidio/senza-risposta") as response:
            page = await response.text()
        assert (number in page, "No 1" in page) == (True, True)
        assert [each for each in (AGATA.surname, AGATA.email) if each in page] == []
        await offices.mark(offices.link_of(TRAPANI), "answered")
        async with desk.get("/presidio/senza-risposta") as response:
            assert number not in await response.text()


async def test_the_command_lists_what_the_desk_shows(
    offices: Offices,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    number, link = await asked(offices)
    await press(offices, link, "no")
    monkeypatch.setenv("INTERCUP_DATABASE_URL", database_url)
    monkeypatch.setenv("INTERCUP_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["intercup", "requests", "unanswered"])

    def run() -> None:
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0

    await asyncio.to_thread(run)
    listed, counted = capsys.readouterr().out.splitlines()
    assert listed.startswith(f"{number}  no, ")
    assert counted.startswith("domande degli ultimi 30 giorni: yes 0, no 1, none 0")


@pytest.mark.both_databases
async def test_two_clicks_at_once_remind_once(offices: Offices) -> None:
    _, link = await asked(offices)
    found = await asyncio.gather(*(press(offices, link, "no") for _ in range(4)))
    assert {status for status, _ in found} == {200}
    assert await count(offices.database, Addition) == 1


async def test_a_mark_from_before_a_no_hides_nothing(offices: Offices) -> None:
    number, link = await asked(offices)
    await offices.mark(offices.link_of(RTI), "answered")
    await press(offices, link, "no")
    async with offices.database.read() as reading:
        assert [each.entry.request.number for each in await unanswered(reading)] == [number]


async def test_a_citizen_sends_no_reminder_by_the_form(offices: Offices) -> None:
    await offices.browser.log_in(AGATA)
    number = (await offices.receive()).number
    fields = {"kind": "unanswered", "form_key": "k"}
    async with offices.browser.post(f"/richieste/{number}", data=fields) as response:
        assert response.status == 422


@pytest.mark.both_databases
async def test_a_citizen_may_stop_the_questions_and_begin_again(offices: Offices) -> None:
    _, link = await asked(offices)
    presses = await asyncio.gather(*(press(offices, link, "refuse") for _ in range(3)))
    assert {"Non le chiederemo più" in page for _, page in presses} == {True}
    second = (await offices.receive()).number
    assert await ask(offices) == []
    await offices.browser.log_in(AGATA)
    for wanted in ("no", "yes"):
        fields = {"questions": wanted}
        async with offices.browser.post("/richieste/domande", data=fields) as response:
            assert response.status == 303
        assert await count(offices.database, QuestionRefusal) == (wanted == "no")
    assert await ask(offices) == [second]


@pytest.mark.both_databases
async def test_a_link_is_unknown_old_or_used_too_often(offices: Offices) -> None:
    _, link = await asked(offices)
    assert (await press(offices, link[:-1], "yes"))[0] == 404
    assert (await press(offices, link, "maybe"))[0] == 422
    assert {(await press(offices, link, "yes"))[0] for _ in range(12)} == {200, 429}
    async with offices.database.write() as writing:
        await writing.execute(update(AnswerQuestion).values(asked_at=time.time() - 91 * 86_400))
    assert (await press(offices, link, "yes"))[0] == 410
    async with offices.browser.get(link) as response:
        page = await response.text()
        assert (response.status, "Le mie richieste" in page) == (410, True)
        assert "inoltrare" not in page


@pytest.mark.both_databases
async def test_it_goes_with_the_request_and_a_wish_after_the_last_one(
    database: Database, directory: Directory
) -> None:
    number = (await submit(database, directory)).number
    await add_text(database, directory, number)
    rows: list[Base] = [
        AnswerQuestion(request_number=number, token_hash="h", asked_at=time.time()),
        QuestionRefusal(person_key=AGATA.person_key, refused_at=time.time()),
    ]
    async with database.write() as writing:
        writing.add_all(rows)
        await writing.execute(update(Delivery).values(state="sent", sent_at=time.time()))
    await purge(database, time.time() + 300 * 86_400)
    assert await count(database, QuestionRefusal) == 1
    await purge(database, time.time() + 366 * 86_400)
    left = [await count(database, table) for table in (Request, AnswerQuestion, QuestionRefusal)]
    assert left == [0, 0, 0]


@pytest.mark.both_databases
async def test_the_worker_asks_at_its_start_and_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    runs: list[datetime] = []

    async def fails(_: object, __: object, now: datetime) -> list[str]:
        runs.append(now)
        raise RuntimeError

    monkeypatch.setattr(worker, "ask_due", fails)
    monkeypatch.setattr(worker, "AFTER_FAILED_RUN", 0.01)
    stop = asyncio.Event()
    working = asyncio.create_task(worker.ask_hourly(database, ASKING, stop))
    async with asyncio.timeout(10):
        while len(runs) < 2:  # noqa: ASYNC110 (another task adds to it)
            await asyncio.sleep(0.01)
    stop.set()
    await working
    assert "ALARM ask failed" in caplog.text
