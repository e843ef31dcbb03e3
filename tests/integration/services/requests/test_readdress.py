"""Requests that the technical team passes on: recorded hops, which the citizen sees."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.domain.forwarding import ForwardForm
from intercup.services.chat.conversations import history
from intercup.services.requests.forward import IncompleteForward
from intercup.services.requests.lookup import requests_of
from intercup.services.requests.readdress import (
    NotReaddressed,
    Team,
    forward_for_team,
    readdress,
)
from intercup.web.chat import as_json
from tests.support.delivering import OFFICE, deliver
from tests.support.made_requests import (
    AGATA,
    MAILS,
    add_text,
    deliveries,
    make_conversation,
    set_deliveries,
    submission,
    submit,
)
from tests.support.smtp_servers import MailCatcher

NEW = "nuova@asptrapani.it"


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def corrected(directory: Directory) -> Directory:
    """The same offices, with another mailbox for Trapani."""
    structures = tuple(
        replace(each, technical=(NEW,)) if each.id == "asp_trapani" else each
        for each in directory.structures
    )
    return replace(directory, structures=structures)


async def test_a_held_mail_goes_to_the_corrected_mailbox_as_a_hop(
    database: Database, directory: Directory, mail_catcher: MailCatcher, now: datetime
) -> None:
    chat = await make_conversation(database)
    registered = await submit(database, directory, submission(conversation_id=chat))
    await add_text(database, directory, registered.number)
    await set_deliveries(database, "office", state="held")
    held = (await deliveries(database))[0]
    office = await readdress(database, Team(corrected(directory), MAILS, "Rosa"), held.id, now)
    assert office.addresses == (NEW,)
    await deliver(database, mail_catcher.url)
    (mail,) = [each for each in mail_catcher.mails if each.rcpt == [NEW]]
    assert OFFICE not in mail_catcher.rcpts()
    assert mail.message["Message-ID"] != held.message_id
    assert mail.message["In-Reply-To"] == held.message_id
    assert (await deliveries(database))[0].state == "failed", "no alarm, no retry"
    (entry,) = await requests_of(database, AGATA.person_key)
    assert (entry.state, entry.additions[0].state, len(entry.hops)) == ("sent", "sent", 1)
    assert "è stata inviata di nuovo" in await heard(database, chat)
    assert registered.number in await heard(database, chat)


async def heard(database: Database, chat: str) -> str:
    return " ".join(as_json(line)["text"] for line in await history(database, chat))


@pytest.mark.parametrize(
    ("state", "hop", "is_corrected", "reason"),
    [
        ("sent", 0, True, "not_held"),
        ("held", 0, False, "same_office"),
        ("held", 1, True, "passed_on"),
    ],
)
async def test_what_need_not_be_readdressed_is_left(
    database: Database,
    directory: Directory,
    state: str,
    hop: int,
    is_corrected: bool,
    reason: str,
    now: datetime,
) -> None:
    await submit(database, directory)
    await set_deliveries(database, "office", state=state, hop=hop)
    team = Team(corrected(directory) if is_corrected else directory, MAILS, "Rosa")
    before = len(await deliveries(database))
    with pytest.raises(NotReaddressed, match=reason):
        await readdress(database, team, (await deliveries(database))[0].id, now)
    assert len(await deliveries(database)) == before


async def test_only_an_offices_mail_is_readdressed(
    database: Database, directory: Directory, now: datetime
) -> None:
    await submit(database, directory)
    await set_deliveries(database, "copy", state="failed")
    _, copy = await deliveries(database)
    with pytest.raises(NotReaddressed, match="no_office"):
        await readdress(database, Team(corrected(directory), MAILS, "Rosa"), copy.id, now)


async def test_the_team_forwards_to_any_office_but_one_that_had_it(
    database: Database, directory: Directory, now: datetime
) -> None:
    registered = await submit(database, directory)
    team = Team(directory, MAILS, "Rosa")
    form = ForwardForm("technical", "asp_ragusa", "Per competenza.")
    office = await forward_for_team(database, team, registered.number, form, now)
    assert office == directory.office_for("technical", "asp_ragusa")
    with pytest.raises(IncompleteForward):
        await forward_for_team(database, team, registered.number, form, now)
    with pytest.raises(NotReaddressed, match="no_request"):
        await forward_for_team(database, team, "IC-0000-0000-0000", form, now)
    (entry,) = await requests_of(database, AGATA.person_key)
    assert [hop.to_office for hop in entry.hops] == [office.name]
