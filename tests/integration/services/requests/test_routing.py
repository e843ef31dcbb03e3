"""Recipients: every structure and category, through the database to real SMTP."""

import pytest

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery.deliver import deliver_due
from intercup.services.structures.structures_file import load_directory
from tests.conftest import ROOT
from tests.support.made_requests import AGATA, MAIL_FROM, submission, submit
from tests.support.smtp_servers import MailCatcher

STRUCTURES = load_directory(ROOT / "config" / "structures.yaml").structures
RTI = ("InterCupassistenza@almaviva.it",)
CASES = [
    (category, structure.id, addresses)
    for structure in STRUCTURES
    for category, addresses in (
        ("technical", structure.technical),
        ("information", structure.administrative),
        ("platform", RTI),
    )
] + [("platform", None, RTI)]


@pytest.mark.parametrize(("category", "structure", "office"), CASES)
async def test_a_request_goes_to_its_office_and_to_the_citizen(
    sqlite_url: str,
    directory: Directory,
    mail_catcher: MailCatcher,
    category: str,
    structure: str | None,
    office: tuple[str, ...],
) -> None:
    database = Database(sqlite_url)
    await database.migrate()
    registered = await submit(database, directory, submission(None, category, structure))
    await deliver_due(database, SmtpAddress.parse(mail_catcher.url), "worker")
    await database.close()
    assert [mail.rcpt for mail in mail_catcher.mails] == [[a] for a in (*office, AGATA.email)]
    assert {mail.mail_from for mail in mail_catcher.mails} == {MAIL_FROM}
    for mail in mail_catcher.mails:
        assert mail.message["To"] == ", ".join(office)
        assert mail.message["Cc"] == AGATA.email
        answered = ", ".join(office) if mail.rcpt == [AGATA.email] else AGATA.email
        assert mail.message["Reply-To"] == answered
        assert mail.message["Subject"].endswith(f"richiesta {registered.number}")
    body = mail_catcher.mails[0].message.get_content()
    name = directory.structure_by_id[structure].name if structure else "Nessuna struttura"
    assert f"Struttura: {name}" in body
