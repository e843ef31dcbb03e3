"""One mail of each kind that the service sends, with texts that are hard to lay out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from intercup.domain.addition import AdditionKind
from intercup.domain.consent import CONSENTS
from intercup.domain.directory import Directory
from intercup.domain.request import Citizen
from intercup.languages.catalogues import languages
from intercup.mail.attach import with_attachments
from intercup.mail.compose import (
    CodeMail,
    FilesWay,
    OfficeLink,
    RequestMail,
    compose_code,
    compose_request,
)
from intercup.mail.compose_addition import AdditionMail, compose_addition
from intercup.mail.compose_alarm import AlarmMail, compose_alarm
from intercup.mail.compose_forward import ForwardMail, compose_forward
from intercup.mail.compose_mailbox import MailboxMail, compose_mailbox_code, compose_mailbox_notice
from intercup.mail.compose_question import QuestionMail, compose_question
from tests.support.hostile_files import PNG

AT = datetime(2025, 8, 1, 10, 30, tzinfo=UTC)
KEY = "YTk3ZmMxNGQ2NjYxNDgwOGE3ZTBkMWQ5YjI5ZjE0ZTM"
FROM = "assistenza@intercup.example.it"
DESCRIPTION = (
    "Scelgo la visita cardiologica, poi la data: la pagina resta bianca e il pulsante «Avanti» "
    "non c'è più. Ho provato con due telefoni e con il computer di mia figlia, sempre uguale.\n"
    "\n"
    " 1. entro con SPID   \n"
    "> 2. scelgo la data\n"
    "From qui in poi niente.\n"
    "-- \n"
    "عندما أختار التاريخ تبقى الصفحة بيضاء ولا يظهر زر المتابعة، جربت ذلك عدة مرات.\n"
    f"https://prenotazioni.example.it/cup/{'a1b2c3d4' * 12}"
)
FACTS = "Pagina: https://intercup.example.it/prenota\nBrowser: Chrome 131"


def kinds_of_mail(directory: Directory) -> dict[str, bytes]:
    """Return the bytes of each kind of mail, by name."""
    office = directory.office_for("technical", "ao_villa_sofia_cervello")
    request = RequestMail(
        number="IC-AAAA-BBBB-CCCC",
        category=directory.category_by_id["technical"],
        structure_name=directory.structure_by_id["ao_villa_sofia_cervello"].name,
        office=office,
        citizen=Citizen("k", "Niccolò", "D'Amico", "n.damico@example.it"),
        texts=(("Descrizione", DESCRIPTION), ("Dati della pagina", FACTS)),
        consents=CONSENTS,
        created_at=AT,
        mail_from=FROM,
    )
    link = OfficeLink(f"https://intercup.example.it/inoltra/{KEY}", AT + timedelta(days=90))
    asked = OfficeLink(f"https://intercup.example.it/risposta/{KEY}", AT + timedelta(days=97))
    to_page = replace(link, files=FilesWay.PAGE)
    attached = compose_request(replace(request, link=replace(link, files=FilesWay.MAIL)))
    forward = ForwardMail(
        request,
        1,
        office.name,
        directory.office_for("platform", None),
        "Riguarda l'accesso con SPID: il nostro CUP non lo vede, per favore fateci sapere.",
        AT + timedelta(days=1),
        link=link,
    )
    addition = AdditionMail(request, 0, 1, AdditionKind.MORE, DESCRIPTION, AT, link)
    mailbox = MailboxMail(office.name, FROM, "cup@asptrapani.it", AT, FROM)
    alarm = AlarmMail("Posta ferma", ("Il relay non accetta messaggi.",), FROM, AT, FROM)
    return {
        "request": compose_request(replace(request, link=link)),
        "request-files-page": compose_request(replace(request, link=to_page)),
        "request-files": with_attachments(attached, [PNG]),
        "copy": compose_request(request),
        "copy-en": compose_request(replace(request, reader="en", language="en")),
        "copy-ar": compose_request(replace(request, reader="ar", language="ar")),
        "forward": compose_forward(forward),
        "forward-copy": compose_forward(replace(forward, link=None)),
        "addition": compose_addition(addition),
        "addition-copy": compose_addition(replace(addition, link=None, is_copy=True)),
        **{
            f"addition-{kind}": compose_addition(replace(addition, kind=kind, text=""))
            for kind in (AdditionKind.WITHDRAWN, AdditionKind.UNANSWERED)
        },
        "question": compose_question(QuestionMail(request, 0, AT + timedelta(days=7), asked)),
        **{
            f"code-{each}": compose_code(CodeMail("123456", FROM, AT, AT, FROM, each))[1]
            for each in languages()
        },
        "alarm": compose_alarm(alarm)[1],
        "mailbox-code": compose_mailbox_code(mailbox, "123456", AT)[1],
        "mailbox-notice": compose_mailbox_notice(mailbox, [FROM, "cup@asptrapani.it"])[1],
    }
