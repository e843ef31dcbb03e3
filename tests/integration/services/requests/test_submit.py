"""A request, its consents and its mails: all in one transaction, and only once."""

import asyncio

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from intercup.db.engine import Database
from intercup.db.tables import Consent, Delivery, Request
from intercup.domain.consent import CONSENTS
from intercup.domain.directory import Directory
from intercup.domain.request import Citizen
from intercup.errors import ServiceError
from intercup.services.requests.submit import IncompleteRequest
from tests.support.made_requests import (
    AGATA,
    BOTH,
    MAIL_FROM,
    ROSARIO,
    count,
    deliveries,
    submission,
    submit,
)

TABLES = (Request, Consent, Delivery)


async def counts(database: Database) -> list[int]:
    return [await count(database, table) for table in TABLES]


@pytest.mark.both_databases
async def test_all_rows_are_there_when_the_number_is(
    database: Database, directory: Directory
) -> None:
    registered = await submit(database, directory)
    assert await counts(database) == [1, 2, 2]
    async with database.read() as session:
        row = await session.get_one(Request, registered.number)
    assert (row.email, row.category, row.structure) == (AGATA.email, "technical", "asp_trapani")
    assert row.office_name == "ASP Trapani - Assistenza tecnica"


async def test_the_consents_are_kept_to_the_letter(
    database: Database, directory: Directory
) -> None:
    await submit(database, directory)
    async with database.read() as session:
        rows = (await session.scalars(select(Consent))).all()
    found = {(row.kind, row.text, row.text_sha256, row.version) for row in rows}
    assert found == {(c.id, c.text, c.sha256, c.version) for c in CONSENTS}
    assert all(row.accepted_at > 0 for row in rows)


async def test_the_mails_are_final_when_the_number_is_shown(
    database: Database, directory: Directory
) -> None:
    registered = await submit(database, directory)
    office, copy = await deliveries(database)
    assert (office.role, office.recipient) == ("office", "cup@asptrapani.it")
    assert (copy.role, copy.recipient) == ("copy", AGATA.email)
    assert office.message_id == copy.message_id
    assert registered.number.encode() in office.raw
    assert {row.state for row in (office, copy)} == {"queued"}
    assert {row.envelope_from for row in (office, copy)} == {MAIL_FROM}


@pytest.mark.both_databases
async def test_a_failure_at_the_last_row_leaves_nothing(
    database: Database, directory: Directory
) -> None:
    async with database.write() as session:
        await session.execute(text("ALTER TABLE deliveries RENAME TO others"))
    with pytest.raises((ServiceError, DBAPIError)):
        await submit(database, directory)
    assert await count(database, Request) == 0
    assert await count(database, Consent) == 0


@pytest.mark.both_databases
async def test_the_same_key_gives_the_same_number(database: Database, directory: Directory) -> None:
    first = await submit(database, directory, submission("key"))
    again = await submit(database, directory, submission("key"))
    assert again == first
    assert await counts(database) == [1, 2, 2]


async def test_a_changed_request_is_another_one_whatever_its_key(
    database: Database, directory: Directory
) -> None:
    first = await submit(database, directory, submission("key"))
    changed = submission("key", description="un testo diverso dal primo")
    second = await submit(database, directory, changed)
    assert second.texts["description"] == "un testo diverso dal primo"
    assert second.number != first.number


async def test_other_keys_give_other_numbers(database: Database, directory: Directory) -> None:
    numbers = {(await submit(database, directory)).number for _ in range(3)}
    assert len(numbers) == 3


@pytest.mark.both_databases
async def test_twenty_submissions_at_once_give_one_number(
    database: Database, directory: Directory
) -> None:
    found = await asyncio.gather(
        *(submit(database, directory, submission("key")) for _ in range(20))
    )
    assert len({registered.number for registered in found}) == 1
    assert await counts(database) == [1, 2, 2]


async def test_another_person_with_the_same_key_gets_a_request_of_their_own(
    database: Database, directory: Directory
) -> None:
    first = await submit(database, directory, submission("key"))
    second = await submit(database, directory, submission("key", citizen=ROSARIO))
    assert first.number != second.number
    assert await counts(database) == [2, 4, 4]


async def test_an_incomplete_request_stores_nothing(
    database: Database, directory: Directory
) -> None:
    wanted = submission(None, "technical", None, description="corto", consents={})
    with pytest.raises(IncompleteRequest) as caught:
        await submit(database, directory, wanted)
    assert set(caught.value.problems) == {"structure", "description", "privacy", "regulation"}
    assert await counts(database) == [0, 0, 0]


async def test_the_description_is_normalised_before_it_is_judged(
    database: Database, directory: Directory
) -> None:
    with pytest.raises(IncompleteRequest):
        await submit(database, directory, submission(description="\u202e\x00" * 20 + "corto"))
    registered = await submit(database, directory, submission(description="  così\r\nva bene\x00 "))
    assert registered.texts["description"] == "così\nva bene"


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "address",
    ["niccolò@example.it", "rossi@città.it", "a b@example.it", "x@@y", "x" * 300 + "@y.it"],
)
async def test_a_strange_address_of_the_citizen_does_not_lose_the_request(
    database: Database, directory: Directory, address: str
) -> None:
    citizen = Citizen("person-x", "Nicolò", "Rossi", address)
    try:
        await submit(database, directory, submission(citizen=citizen))
    except ServiceError:
        assert await counts(database) == [0, 0, 0]


@pytest.mark.both_databases
async def test_only_the_consents_given_count(database: Database, directory: Directory) -> None:
    with pytest.raises(IncompleteRequest) as caught:
        await submit(database, directory, submission(consents={"regulation": BOTH["regulation"]}))
    assert caught.value.problems == {"privacy": "privacy_missing"}


@pytest.mark.both_databases
async def test_a_consent_in_an_older_version_does_not_count(
    database: Database, directory: Directory
) -> None:
    with pytest.raises(IncompleteRequest) as caught:
        await submit(database, directory, submission(consents=BOTH | {"privacy": "2020-01-01"}))
    assert caught.value.problems == {"privacy": "consent_changed"}
