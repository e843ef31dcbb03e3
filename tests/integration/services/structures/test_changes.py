"""Changes of structures at the desk: names at once, mailboxes by two people and a code."""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import select, update

from intercup.db.engine import Database
from intercup.db.tables import Delivery, MailboxChange, StructureVersion
from intercup.domain.directory import Directory, OutsidePlace
from intercup.domain.retry import LEASE
from intercup.errors import ConfigurationError, Unavailable
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery.deliver import FRESH, deliver_due
from intercup.services.delivery.outbox import retry
from intercup.services.privacy.purge import purge
from intercup.services.privacy.retention import MAILBOX_CHANGE, kept
from intercup.services.requests.readdress import Team, readdress
from intercup.services.structures import structures as structures_module
from intercup.services.structures.changes import (
    CODE_LIFE,
    WRONG_CODES_MAX,
    Changing,
    NotChanged,
    change,
    confirm,
    prove,
    send_again,
    waiting_change,
    withdraw,
)
from intercup.services.structures.structures import Structures
from intercup.services.structures.structures_file import document_of
from intercup.services.structures.versions import (
    Corrected,
    add_outside,
    all_corrected,
    directory_now,
    edits_of,
    history,
    newest_by_field,
    settle,
)
from intercup.services.structures.versions import (
    in_force as in_force_with,
)
from tests.support.delivering import LATER
from tests.support.desk import logged
from tests.support.made_requests import MAILS, SECRET_KEY, deliveries, set_deliveries, submit
from tests.support.paths import ROOT
from tests.support.smtp_servers import Caught, MailCatcher

FILE = ROOT / "config" / "structures.yaml"
TEXT = FILE.read_text("utf-8")
MAILBOX, PLACES = "asp_trapani/technical", "asp_trapani/places"
ADDED = "outside-castrofilippo"
OLD, NEW, OTHER = "cup@asptrapani.it", "nuovo@asptrapani.it", "altro@asptrapani.it"


@pytest.fixture
def anna(database: Database) -> Changing:
    """Anna's acts, on the file as it is."""
    return Changing(database, document_of(FILE), SECRET_KEY, MAILS, "Anna", time.time())


@pytest.fixture
def rosa(anna: Changing) -> Changing:
    return replace(anna, who="Rosa")


async def asked_id(changing: Changing, field: str = MAILBOX) -> str:
    async with changing.database.read() as reading:
        asked = await waiting_change(reading, field, changing.now)
    assert asked
    return asked.change.id


async def mails(database: Database) -> list[tuple[str, str]]:
    """Recipient and text of each mail about a mailbox, in order."""
    async with database.read() as reading:
        chosen = select(Delivery).where(Delivery.role == "mailbox").order_by(Delivery.id)
        rows = (await reading.scalars(chosen)).all()
    read = [(row.recipient, message_from_bytes(row.raw, policy=policy.default)) for row in rows]
    return [(to, mail.get_content().replace("\r\n", "\n")) for to, mail in read]  # type: ignore[attr-defined]


async def code_to(database: Database, address: str) -> str:
    """The newest code that was mailed there."""
    found = re.findall(r"^ +(\d{6})$", dict(await mails(database))[address], re.MULTILINE)
    return str(found[0])


async def in_force(anna: Changing) -> tuple[str, ...]:
    directory = await directory_now(anna.database, FILE)
    return directory.structure_by_id["asp_trapani"].technical


async def corrected(changing: Changing, field: str) -> Corrected:
    async with changing.database.read() as reading:
        return (await all_corrected(reading, changing.document))[field]


@asynccontextmanager
async def refused(reason: str) -> AsyncIterator[None]:
    with pytest.raises(NotChanged) as error:
        yield
    assert error.value.reason == reason


@pytest.mark.both_databases
async def test_a_mailbox_changes_only_with_its_code_and_a_second_person(
    anna: Changing, rosa: Changing
) -> None:
    database = anna.database
    assert await change(anna, MAILBOX, (NEW,), "0") == "mailbox_asked"
    id_ = await asked_id(anna)
    async with refused("mailbox_unproved"):
        await confirm(rosa, id_)
    ((to, text),) = await mails(database)
    assert (to, "ASP Trapani - Assistenza tecnica" in text, OLD in text) == (NEW, True, False)
    code = await code_to(database, NEW)
    wrong = "000000" if code != "000000" else "111111"
    assert await prove(anna, id_, NEW, wrong) == "wrong"
    assert await prove(anna, id_, NEW, f" {code[:3]} {code[3:]} ") == "right"
    async with refused("mailbox_same_person"):
        await confirm(anna, id_)
    assert await in_force(anna) == (OLD,)
    assert await confirm(rosa, id_) == MAILBOX
    assert await in_force(anna) == (NEW,)
    to, text = (await mails(database))[-1]
    assert (to, NEW in text, "InterCupassistenza@almaviva.it" in text) == (OLD, True, True)
    async with refused("mailbox_gone"):  # the second click
        await confirm(rosa, id_)
    assert await logged(database) == [
        ("Anna", "mailbox_asked", MAILBOX, ""),
        ("Anna", "mailbox_proved", MAILBOX, ""),
        ("Rosa", "mailbox_confirmed", MAILBOX, ""),
    ]
    async with database.read() as reading:
        (version,) = await history(reading, MAILBOX)
    assert (version.who, version.confirmed_by, version.origin) == ("Anna", "Rosa", OLD)


async def test_a_code_has_few_tries_ends_and_is_void_after_another(anna: Changing) -> None:
    await change(anna, MAILBOX, (NEW, OLD), "0")
    id_, first = await asked_id(anna), await code_to(anna.database, NEW)
    late = replace(anna, now=anna.now + CODE_LIFE.total_seconds() + 1)
    assert await prove(late, id_, NEW, first) == "expired"
    for _ in range(WRONG_CODES_MAX):
        assert await prove(anna, id_, NEW, "12345") == "wrong"
    assert await prove(anna, id_, NEW, first) == "used_up"
    await send_again(anna, id_)
    second = await code_to(anna.database, NEW)
    assert await prove(anna, id_, NEW, first) == ("right" if first == second else "wrong")
    assert await prove(anna, id_, NEW, second) == "right"
    async with refused("mailbox_gone"):  # the old one needs no code
        await prove(anna, id_, OLD, second)
    await send_again(anna, id_)  # nothing is left to prove
    assert [to for to, _ in await mails(anna.database)] == [NEW, NEW]


async def test_few_codes_go_to_one_mailbox(anna: Changing) -> None:
    await change(anna, MAILBOX, (NEW,), "0")
    id_ = await asked_id(anna)
    for _ in range(2):
        await send_again(anna, id_)
    async with refused("mailbox_limited"):
        await send_again(anna, id_)
    await withdraw(anna, id_)
    async with refused("mailbox_limited"):
        await change(anna, MAILBOX, (NEW,), "0")
    async with anna.database.read() as reading:
        assert await waiting_change(reading, MAILBOX, anna.now) is None
    assert len(await mails(anna.database)) == 3


async def test_an_address_taken_away_needs_a_second_person_and_no_code(
    anna: Changing, rosa: Changing
) -> None:
    field = "ao_villa_sofia_cervello/technical"
    kept = "zacchino@olomedia.it"
    assert await change(anna, field, (kept,), "0") == "mailbox_asked"
    assert await mails(anna.database) == []
    await confirm(rosa, await asked_id(anna, field))
    assert {to for to, _ in await mails(anna.database)} == {kept, "kdimiceli@villasofia.it"}


@pytest.mark.both_databases
async def test_of_two_changes_of_a_mailbox_one_waits(anna: Changing, rosa: Changing) -> None:
    async def ask(who: Changing, address: str) -> str:
        try:
            return await change(who, MAILBOX, (address,), "0")
        except NotChanged as error:
            return error.reason

    outcomes = await asyncio.gather(ask(anna, NEW), ask(rosa, OTHER))
    assert sorted(outcomes) == ["mailbox_asked", "mailbox_waits"]
    assert await ask(anna, OTHER) == "mailbox_waits"
    assert await withdraw(rosa, await asked_id(anna)) == MAILBOX
    assert await ask(anna, OTHER) == "mailbox_asked"


async def test_nothing_is_saved_over_a_change_of_a_mailbox_that_waits(
    anna: Changing, rosa: Changing
) -> None:
    await ask_and_prove(anna, NEW)
    async with refused("mailbox_waits"):
        await change(rosa, MAILBOX, (OLD.upper(),), "0")
    assert await confirm(rosa, await asked_id(anna)) == MAILBOX


async def test_a_change_that_nobody_confirms_ends(anna: Changing, rosa: Changing) -> None:
    await change(anna, MAILBOX, (NEW,), "0")
    id_ = await asked_id(anna)
    assert await prove(anna, id_, NEW, await code_to(anna.database, NEW)) == "right"
    later = anna.now + MAILBOX_CHANGE.total_seconds() + 1
    async with refused("mailbox_gone"):
        await confirm(replace(rosa, now=later), id_)
    assert await change(replace(anna, now=later), MAILBOX, (OTHER,), "0") == "mailbox_asked"
    async with anna.database.write() as writing:
        await writing.execute(update(MailboxChange).values(at=0.0))
    await purge(anna.database, later)
    async with anna.database.read() as reading:
        assert (await reading.scalars(select(MailboxChange))).all() == []


async def test_a_file_changed_meanwhile_asks_for_the_code_of_what_it_took_away(
    anna: Changing, rosa: Changing, tmp_path: Path
) -> None:
    await change(anna, MAILBOX, (OLD, NEW), "0")
    id_ = await asked_id(anna)
    await prove(anna, id_, NEW, await code_to(anna.database, NEW))
    released = with_file(rosa, tmp_path, technical=OTHER)
    async with refused("mailbox_unproved"):  # nobody has proved the old one
        await confirm(released, id_)


def with_file(
    changing: Changing, folder: Path, technical: str = OLD, marsala: str = "Marsala"
) -> Changing:
    """The acts after a release with another file."""
    file = folder / "structures.yaml"
    text = TEXT.replace(f"technical: [{OLD}]", f"technical: [{technical}]")
    file.write_text(text.replace("[Marsala,", f"[{marsala},"), "utf-8")
    return replace(changing, document=document_of(file))


async def test_a_release_under_a_change_is_a_conflict_that_somebody_decides(
    anna: Changing, rosa: Changing, tmp_path: Path
) -> None:
    await change(anna, MAILBOX, (NEW,), "0")
    id_ = await asked_id(anna)
    await prove(anna, id_, NEW, await code_to(anna.database, NEW))
    await confirm(rosa, id_)
    assert not (await corrected(anna, MAILBOX)).is_outdated
    released = with_file(anna, tmp_path, technical=OTHER)
    field = await corrected(released, MAILBOX)
    assert (field.is_outdated, field.values, field.in_file) == (True, (NEW,), (OTHER,))
    directory = await directory_now(anna.database, tmp_path / "structures.yaml")
    assert directory.structure_by_id["asp_trapani"].technical == (NEW,)
    # Keeping it sends nothing elsewhere, so one person may; taking the file's does.
    assert await change(released, MAILBOX, (NEW.upper(),), "1") == "structure_changed"
    assert not (await corrected(released, MAILBOX)).is_outdated
    assert await change(released, MAILBOX, (OTHER,), "2") == "mailbox_asked"
    assert (await mails(anna.database))[-1][0] == OTHER


async def test_a_value_that_a_release_took_over_does_not_come_back_over_the_next(
    anna: Changing, tmp_path: Path
) -> None:
    field = await corrected(anna, PLACES)
    assert await change(anna, PLACES, ("lilibeo", *field.in_file[1:]), "0") == "structure_changed"
    merged = with_file(anna, tmp_path, marsala="lilibeo")
    async with anna.database.write() as writing:
        assert await settle(writing, merged.document) == ([], [], [])
        assert await settle(writing, merged.document) == ([], [], [])
    again = with_file(anna, tmp_path, marsala="marsala vecchia")
    assert (await corrected(again, PLACES)).values[0] == "marsala vecchia"
    async with anna.database.read() as reading:
        assert len(await history(reading, PLACES)) == 2


@pytest.mark.both_databases
async def test_cells_with_the_old_and_the_new_file_send_to_the_same_mailbox(
    anna: Changing, rosa: Changing, tmp_path: Path
) -> None:
    await put(anna, rosa, NEW)
    new = with_file(anna, tmp_path, technical=NEW)
    for cell in (new, anna, new):  # migrated, restarted with the old release, restarted
        async with anna.database.write() as writing:
            assert await settle(writing, cell.document) == ([], [], [])
        assert await in_file_of(anna, tmp_path) == (NEW,)
        assert await in_force(anna) == (NEW,)
    structures = Structures.load(FILE)
    await structures.look_at_changes(anna.database)
    assert structures.directory.structure_by_id["asp_trapani"].technical == (NEW,)
    field = await corrected(with_file(anna, tmp_path, technical=OTHER), MAILBOX)
    assert (field.is_outdated, await in_file_of(anna, tmp_path)) == (True, (NEW,))


async def test_what_a_cell_with_the_new_file_decides_holds_in_those_with_the_old(
    anna: Changing, rosa: Changing, tmp_path: Path
) -> None:
    new = with_file(anna, tmp_path, technical=NEW)
    await ask_and_prove(anna, NEW)
    await confirm(replace(rosa, document=new.document), await asked_id(anna))
    assert await in_force(anna) == (NEW,)
    await put(anna, rosa, OLD, "1")
    assert (await in_force(anna), await in_file_of(anna, tmp_path)) == ((OLD,), (OLD,))
    await settle_with(anna)  # restarted with the old release
    assert (await in_force(anna), await in_file_of(anna, tmp_path)) == ((OLD,), (OLD,))


async def test_a_file_that_restores_its_names_ends_a_version_taken_over_for_good(
    anna: Changing, tmp_path: Path
) -> None:
    in_file = (await corrected(anna, PLACES)).in_file
    await settle_with(anna)
    await change(anna, PLACES, ("lilibeo", *in_file[1:]), "0")
    await settle_with(with_file(anna, tmp_path, marsala="lilibeo"))
    next_one = replace(anna, document=anna.document | {"outside": []})
    for restored in ([PLACES], []):
        async with anna.database.write() as writing:
            assert await settle(writing, next_one.document) == ([], [], restored)
    assert (await corrected(next_one, PLACES)).values == in_file
    await change(next_one, PLACES, ("lilibeo", *in_file[1:]), "3")
    assert (await corrected(next_one, PLACES)).values[0] == "lilibeo"


async def test_a_name_taken_over_stays_in_cells_with_the_old_file(
    anna: Changing, tmp_path: Path
) -> None:
    in_file = (await corrected(anna, PLACES)).in_file
    await settle_with(anna)
    await change(anna, PLACES, ("lilibeo", *in_file[1:]), "0")
    released = with_file(anna, tmp_path, marsala="lilibeo")
    await settle_with(released)
    await settle_with(anna)
    assert (await corrected(anna, PLACES)).values[0] == "lilibeo"
    later = with_file(anna, tmp_path, marsala="marsala vecchia")
    await purge(anna.database, anna.now + kept().desk_log.total_seconds() + 60)
    assert (await corrected(later, PLACES)).values[0] == "marsala vecchia"
    await change(released, PLACES, ("lilibeo", *in_file[1:]), "2")
    assert (await corrected(anna, PLACES)).values[0] == "lilibeo"


async def test_a_value_back_in_the_file_follows_it(anna: Changing, tmp_path: Path) -> None:
    in_file = (await corrected(anna, PLACES)).in_file
    await change(anna, PLACES, ("lilibeo",), "0")
    await change(anna, PLACES, in_file, "1")
    released = with_file(anna, tmp_path, marsala="marsala vecchia")
    await settle_with(released)
    assert (await corrected(released, PLACES)).values[0] == "marsala vecchia"


async def settle_with(cell: Changing) -> None:
    async with cell.database.write() as writing:
        await settle(writing, cell.document)


async def ask_and_prove(anna: Changing, address: str, seen: str = "0") -> None:
    assert await change(anna, MAILBOX, (address,), seen) == "mailbox_asked"
    code = await code_to(anna.database, address)
    assert await prove(anna, await asked_id(anna), address, code) == "right"


async def put(anna: Changing, rosa: Changing, address: str, seen: str = "0") -> None:
    await ask_and_prove(anna, address, seen)
    await confirm(rosa, await asked_id(anna))


async def in_file_of(anna: Changing, folder: Path) -> tuple[str, ...]:
    """The mailbox in force in a process with the file of `with_file`."""
    directory = await directory_now(anna.database, folder / "structures.yaml")
    return directory.structure_by_id["asp_trapani"].technical


async def test_a_change_of_a_structure_that_is_gone_is_named_and_holds_in_older_cells(
    anna: Changing,
) -> None:
    await change(anna, PLACES, ("lilibeo",), "0")
    document = dict(anna.document)
    document["structures"] = [s for s in document["structures"] if s["id"] != "asp_trapani"]
    async with anna.database.write() as writing:
        assert await settle(writing, document) == ([], [PLACES], [])
    assert (await corrected(anna, PLACES)).values == ("lilibeo",)


async def test_the_names_of_editors_go_with_the_log(anna: Changing) -> None:
    await change(anna, PLACES, ("lilibeo",), "0")
    await purge(anna.database, anna.now + kept().desk_log.total_seconds() + 60)
    async with anna.database.read() as reading:
        (version,) = await reading.scalars(select(StructureVersion))
    assert (version.who, version.text) == ("", "lilibeo")


@pytest.mark.both_databases
async def test_superseded_mailboxes_go_with_the_log_and_the_last_one_stays(
    anna: Changing, rosa: Changing
) -> None:
    await change(anna, PLACES, ("lilibeo",), "0")
    await change(anna, PLACES, ("lilibeo", "gela bassa"), "1")
    await put(anna, rosa, OTHER)
    await put(anna, rosa, NEW, "3")
    await purge(anna.database, anna.now + 60)
    async with anna.database.read() as reading:
        assert len(await history(reading, MAILBOX)) == 2
    await purge(anna.database, anna.now + kept().desk_log.total_seconds() + 60)
    async with anna.database.read() as reading:
        assert [row.text for row in await history(reading, MAILBOX)] == [NEW]
        assert len(await history(reading, PLACES)) == 2
    assert await in_force(anna) == (NEW,)


async def test_a_running_process_uses_changes_and_leaves_out_the_unusable(
    anna: Changing, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "structures.yaml"
    file.write_text(TEXT, "utf-8")
    structures = Structures.load(file)
    near = "outside-enna/near"
    await change(anna, near, ("asp_trapani", "asp_ragusa"), "0")
    await change(anna, PLACES, ("lilibeo",), "0")
    await structures.look_at_changes(anna.database)
    assert structures.directory.structure_by_id["asp_trapani"].places == ("lilibeo",)
    assert structures.directory.outside[0].near == ("asp_trapani", "asp_ragusa")
    without = TEXT.split("  - id: asp_trapani")[0] + TEXT[TEXT.index("# outside:") :]
    file.write_text(without, "utf-8")
    for _ in range(2):
        structures.look()
    assert structures.problems == ()
    assert structures.unusable == {near}
    assert structures.directory.outside[0].near == ("asp_caltanissetta", "asp_catania")
    assert "ALARM structures: changes not in force" in caplog.text


async def test_an_unusable_version_hinders_no_other_change(anna: Changing, rosa: Changing) -> None:
    near = "outside-enna/near"
    await ask_and_prove(anna, NEW)
    await change(anna, near, ("asp_ragusa",), "0")
    document = dict(anna.document)
    document["structures"] = [s for s in document["structures"] if s["id"] != "asp_ragusa"]
    released = replace(anna, document=document)
    assert await change(released, PLACES, ("lilibeo",), "0") == "structure_changed"
    assert await confirm(replace(rosa, document=document), await asked_id(anna)) == MAILBOX
    with pytest.raises(ConfigurationError) as error:
        await change(released, near, ("asp_catania", "asp_ragusa"), "1")
    assert error.value.problems == ["outside[0].near[1]: la struttura asp_ragusa non esiste"]


PLACE = OutsidePlace(("castrofilippo",), ("asp_agrigento",))


async def add(anna: Changing) -> None:
    async with anna.database.write() as writing:
        assert await add_outside(writing, anna.document, PLACE, "Anna") == ADDED


async def test_an_unusable_version_leaves_the_added_places_in_force(
    anna: Changing, tmp_path: Path
) -> None:
    await add(anna)
    await change(anna, "outside-enna/near", ("asp_ragusa",), "0")
    file = tmp_path / "structures.yaml"
    file.write_text(TEXT.replace("asp_ragusa", "asp_di_ragusa"), "utf-8")
    assert PLACE in (await directory_now(anna.database, file)).outside
    async with anna.database.read() as reading:
        fields = await all_corrected(reading, document_of(file))
    usable = {key: field.is_usable for key, field in fields.items() if field.is_edited}
    assert usable == {"outside-enna/near": False, f"{ADDED}/names": True, f"{ADDED}/near": True}


def with_place(anna: Changing, near: str = "asp_agrigento") -> Changing:
    """The acts after a release whose file has the added place."""
    place = {"names": [*PLACE.names], "near": [near]}
    return replace(anna, document=anna.document | {"outside": [*anna.document["outside"], place]})


async def place_in(cell: Changing) -> tuple[str, ...]:
    """The structures near the added place in a cell; none if the place isn't there."""
    async with cell.database.read() as reading:
        edits = edits_of(cell.document, await newest_by_field(reading))
    places = in_force_with(cell.document, edits)[0].outside
    return next((each.near for each in places if each.names == PLACE.names), ())


async def test_an_added_place_that_a_file_takes_over_stays_in_cells_with_the_old_file(
    anna: Changing,
) -> None:
    await settle_with(anna)
    await add(anna)
    released = with_place(anna)
    for cell in (released, anna, released):  # migrated, a way back, migrated again
        async with anna.database.write() as writing:
            assert await settle(writing, cell.document) == ([], [], [])
        assert await place_in(anna) == await place_in(released) == PLACE.near
    later = with_place(anna, "asp_ragusa")
    assert await place_in(later) == ("asp_ragusa",)
    dropped = replace(anna, document=anna.document | {"outside": anna.document["outside"][1:]})
    for restored in ([f"{ADDED}/names", f"{ADDED}/near"], []):
        async with anna.database.write() as writing:
            assert await settle(writing, dropped.document) == ([], [], restored)
        assert await place_in(dropped) == ()
    await add(dropped)
    assert await place_in(dropped) == PLACE.near


@pytest.mark.both_databases
async def test_an_added_place_edited_after_its_file_took_it_over_is_known_to_every_cell(
    anna: Changing,
) -> None:
    await add(anna)
    released = with_place(anna)
    await settle_with(released)
    await change(released, f"{ADDED}/near", ("asp_ragusa",), "4")
    await change(released, f"{ADDED}/names", ("castrofilippo", "castrofilippo alta"), "3")
    for cell in (anna, released):
        async with anna.database.read() as reading:
            edits = edits_of(cell.document, await newest_by_field(reading))
        places = in_force_with(cell.document, edits)[0].outside
        found = [each.near for each in places if "castrofilippo alta" in each.names]
        assert found == [("asp_ragusa",)]
    assert await change(released, f"{ADDED}/names", (), "6") == "structure_changed"
    assert f"{ADDED}/names" not in await all_keys(anna)


async def test_an_added_place_that_is_taken_out_again_is_missed_in_no_file(
    anna: Changing,
) -> None:
    await add(anna)
    assert await change(anna, f"{ADDED}/names", (), "1") == "structure_changed"
    async with anna.database.write() as writing:
        assert await settle(writing, anna.document) == ([], [], [])
    assert await place_in(anna) == ()


async def test_of_two_names_at_once_that_contradict_each_other_one_is_stored(
    anna: Changing, rosa: Changing
) -> None:
    first, second = [key for key in await all_keys(anna) if key.endswith("/names")][:2]
    outcomes = await asyncio.gather(
        change(anna, first, ("vallelunga",), "0"),
        change(rosa, second, ("vallelunga",), "0"),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["ConfigurationError", "str"]


async def all_keys(changing: Changing) -> list[str]:
    async with changing.database.read() as reading:
        return [*await all_corrected(reading, changing.document)]


async def test_a_process_that_must_know_the_changes_gives_no_directory_before(
    database: Database,
) -> None:
    structures = Structures.load(FILE)
    structures.wait_for_changes()
    with pytest.raises(Unavailable):
        _ = structures.directory
    await structures.look_at_changes(database)
    assert structures.directory.structures


async def test_file_and_changes_are_watched_while_the_process_runs(
    anna: Changing,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(structures_module, "CHECK_EVERY", 0.02)
    file = tmp_path / "structures.yaml"
    file.write_text(TEXT, "utf-8")
    structures = Structures.load(file)
    watching = asyncio.create_task(structures.watch(anna.database))
    file.write_text(TEXT.replace(OLD, NEW), "utf-8")
    await change(anna, PLACES, ("lilibeo",), "0")
    for _ in range(400):
        await asyncio.sleep(0.05)
        trapani = structures.directory.structure_by_id["asp_trapani"]
        are_used = (trapani.technical, trapani.places) == ((NEW,), ("lilibeo",))
        if are_used and "is in use" in caplog.text:
            break
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    assert are_used
    assert "is in use" in caplog.text


@pytest.mark.both_databases
@pytest.mark.parametrize("answer", ["451 later", "250 OK"])
async def test_a_mailbox_that_changes_while_a_batch_goes_out_stops_what_is_under_way(
    anna: Changing, rosa: Changing, directory: Directory, mail_catcher: MailCatcher, answer: str
) -> None:
    await ask_and_prove(anna, NEW)
    await set_deliveries(anna.database, "mailbox", state="sent")
    for _ in range(2):
        await submit(anna.database, directory)
    moment = time.time() + 1

    async def change_meanwhile(_mail: Caught) -> None:
        nonlocal moment
        mail_catcher.on_data = None
        await confirm(rosa, await asked_id(anna))
        moment += FRESH + 1  # as if the relay had been slow

    def clock() -> float:
        return moment

    mail_catcher.on_data = change_meanwhile
    mail_catcher.at_data = {OLD: [answer]}
    relay = SmtpAddress.parse(mail_catcher.url)
    for _ in range(2):
        await deliver_due(anna.database, relay, "worker", clock)
        moment += LEASE + LATER
    offices = [mail.rcpt[0] for mail in mail_catcher.tried if mail.rcpt[0] in (OLD, NEW)]
    assert offices == [OLD, OLD]  # a request, and the notice of the change
    rows = [row for row in await deliveries(anna.database) if row.role == "office"]
    assert [(row.state, row.last_error, row.lease_owner) for row in rows] == [
        ("held", "mailbox_changed_meanwhile", None)
    ] * 2
    async with anna.database.write() as writing:
        assert await retry(writing, None, moment) == []
    team = Team(await directory_now(anna.database, FILE), MAILS, "Rosa")
    for row in rows:
        await readdress(anna.database, team, row.id, datetime.fromtimestamp(moment, UTC))
    await deliver_due(anna.database, relay, "worker", clock)
    assert [mail.rcpt[0] for mail in mail_catcher.mails].count(NEW) == 2
