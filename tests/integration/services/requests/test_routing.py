"""Recipients: every structure and category, through the database to real SMTP."""

from collections.abc import Sequence

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.delivery.deliver import deliver_due
from intercup.services.structures.structures_file import load_directory
from tests.conftest import ROOT
from tests.support.made_requests import AGATA, MAIL_FROM, submission, submit
from tests.support.smtp_servers import Caught, MailCatcher

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


async def test_each_request_goes_to_its_office_and_to_the_citizen(
    database: Database, directory: Directory, mail_catcher: MailCatcher
) -> None:
    wrong = []
    for category, structure, office in CASES:
        registered = await submit(database, directory, submission(None, category, structure))
        mail_catcher.mails.clear()
        await deliver_due(database, SmtpAddress.parse(mail_catcher.url), "worker")
        name = directory.structure_by_id[structure].name if structure else "Nessuna struttura"
        body = f"Struttura: {name}"
        if differs := differences(mail_catcher.mails, office, registered.number, body):
            wrong.append((category, structure, differs))
    assert wrong == []


def differences(
    mails: Sequence[Caught], office: tuple[str, ...], number: str, line: str
) -> list[str]:
    """Return what differs in the mails of a request from those that it should have."""
    found = {
        "recipients": [mail.rcpt for mail in mails] == [[a] for a in (*office, AGATA.email)],
        "sender": {mail.mail_from for mail in mails} == {MAIL_FROM},
        "line": line in mails[0].message.get_content() if mails else False,
    }
    for mail in mails:
        answered = office if mail.rcpt == [AGATA.email] else (AGATA.email,)
        headers = {"To": ", ".join(office), "Cc": AGATA.email, "Reply-To": ", ".join(answered)}
        subject = mail.message["Subject"].endswith(f"richiesta {number}")
        found |= {f"{mail.rcpt} {name}": mail.message[name] == is_ for name, is_ in headers.items()}
        found |= {f"{mail.rcpt} Subject": subject}
    return [name for name, is_right in found.items() if not is_right]
