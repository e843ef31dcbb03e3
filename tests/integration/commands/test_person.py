"""`intercup person`: what is stored of one person, and nothing of it afterwards."""

import asyncio
import io
import json
import stat
import sys
import time
from base64 import b64decode
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from intercup.commands.main import main
from intercup.db.engine import Database
from intercup.db.sqlite import sqlite3
from intercup.db.tables import (
    Addition,
    AddressProof,
    AnswerQuestion,
    AttachmentContent,
    Base,
    BrowserSession,
    ChatMessage,
    Consent,
    Conversation,
    Delivery,
    DeskEvent,
    Forward,
    ForwardLink,
    KeptSentence,
    OfficeMark,
    PecReceipt,
    QuestionRefusal,
    Request,
    SpidExchange,
    StaffMember,
)
from intercup.domain.attachment import CleanFile, FileKind
from intercup.domain.directory import Directory
from intercup.domain.request import Citizen
from intercup.domain.staff import Role
from intercup.identity.register_seal import Exchange, RegisterSeal, add_key, read_keys
from intercup.mail.smtp_address import SmtpAddress
from intercup.services.attachments.store import (
    FileDraft,
    file_seal,
    hand_over,
    keep_file,
)
from intercup.services.chat.conversations import Message, append
from intercup.services.delivery.deliver import deliver_due
from intercup.services.ids import person_key
from intercup.services.login.address_proof import AddressProofs, Visitor
from intercup.services.staff import members
from intercup.services.staff.log import note
from intercup.services.staff.sessions import open_session
from tests.support.hostile_files import PNG
from tests.support.kept_sentences import keep_sentence
from tests.support.made_requests import (
    AGATA,
    MAILS,
    ROSARIO,
    count,
    deliveries,
    make_conversation,
    submission,
    submit,
)
from tests.support.smtp_servers import MailCatcher

pytestmark = pytest.mark.both_databases

FISCAL_CODE = "LPRGTA80A41G273S"
SECRET = b"s" * 32
WORDS = "canarino nella descrizione"
PROTOCOL = "prot. 0012345"
PERSONAL = (WORDS, "Lo Presti", AGATA.email, "ciao dal canarino", PROTOCOL)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> dict[str, str]:
    (tmp_path / "secret.key").write_bytes(SECRET)
    add_key(tmp_path / "spid" / "register.key")
    return {"INTERCUP_DATA_DIR": str(tmp_path), "INTERCUP_DATABASE_URL": database_url}


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


async def run(settings: dict[str, str], *arguments: str, said: str = "") -> Done:
    """Run the command in a thread of this process: to start another takes most of the time."""

    def command() -> Done:
        output, errors = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
            for name, value in settings.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["intercup", "person", *arguments])
            patch.setattr(sys, "stdin", io.StringIO(said))
            with redirect_stdout(output), redirect_stderr(errors):
                main()
        return Done(ended.value.code, output.getvalue(), errors.getvalue())  # type: ignore[arg-type]

    return await asyncio.to_thread(command)


async def a_life(
    database: Database, directory: Directory, folder: Path, key: str, citizen: Citizen = AGATA
) -> str:
    """Let a citizen leave a trace in every table; return the request's number."""
    citizen = replace(citizen, person_key=key)
    chat = await make_conversation(database, person_key=key)
    seal = RegisterSeal(read_keys(folder / "spid" / "register.key"))
    exchange = Exchange(f"_{key}", "<AuthnRequest/>", f"<a>TINIT-{FISCAL_CODE}</a>", "accepted")
    if citizen.name != AGATA.name:
        exchange = replace(exchange, response="<a>TINIT-ALTRA</a>")
    async with database.write() as session:
        await append(session, chat, [Message("ciao dal canarino", author="citizen")])
        session.add(
            BrowserSession(
                id_hash=f"hash-{key}",
                created_at=time.time(),
                seen_at=time.time(),
                person_key=key,
                name=citizen.name,
                surname=citizen.surname,
                email=citizen.email,
                conversation_id=chat,
                kept_form={"description": "a metà", "submission_key": "chiave"},
            )
        )
        session.add(
            SpidExchange(
                request_id=exchange.request_id, answered_at=time.time(), sealed=seal.seal(exchange)
            )
        )
    proofs = AddressProofs(database, SECRET, MAILS)
    await proofs.ask(chat, "m", citizen.email, Visitor("s", "127.0.0.1"), time.time())
    async with database.write() as session:
        (await session.get_one(AddressProof, chat)).proved_at = time.time()
    await keep_sentence(database, "frase del canarino", SECRET, conversation_id=chat)
    made = await submit(
        database,
        directory,
        submission(citizen=citizen, description=WORDS, conversation_id=chat),
    )
    draft, file = FileDraft(f"hash-{key}", key, "k"), CleanFile(WORDS, FileKind.PNG, PNG)
    await keep_file(database, file_seal(SECRET), draft, file, time.time())
    async with database.write() as session:
        await members.add(session, key, f"al presidio: {citizen.name}", [Role.STAFF], time.time())
        note(session, f"al presidio: {citizen.name}", "log_in", time.time())
    assert await open_session(database, key, time.time())
    async with database.write() as session:
        await hand_over(session, draft, made.number)
        row = await session.get_one(Request, made.number)
        row.phone = row.page_facts = WORDS
        row.protocol_number, row.protocol_day = PROTOCOL, "2026-11-30"
        session.add(
            OfficeMark(request_number=made.number, hop=1, state="taken", marked_at=time.time())
        )
        session.add(
            Addition(
                request_number=made.number,
                seq=1,
                hop=1,
                kind="more",
                text=WORDS,
                form_key="chiave",
                created_at=time.time(),
            )
        )
        session.add(
            AnswerQuestion(
                request_number=made.number,
                token_hash=f"link-{key}",
                asked_at=time.time(),
                answer="no",
                answered_at=time.time(),
            )
        )
        session.add(QuestionRefusal(person_key=key, refused_at=time.time()))
        office = select(Delivery.id).where(Delivery.request_number == made.number)
        id_ = await session.scalar(office.where(Delivery.role == "office"))
        receipt = {"identifier": "opec1", "kind": "avvenuta-consegna", "issued_at": 0.0}
        session.add(PecReceipt(delivery_id=id_, **receipt))
        session.add(
            Forward(
                request_number=made.number,
                hop=1,
                from_office="Presidio",
                to_office="ASP Trapani",
                note=WORDS,
                form_key=made.number,
                created_at=time.time(),
            )
        )
    return made.number


async def two_lives(database: Database, directory: Directory, folder: Path, relay: str) -> str:
    number = await a_life(database, directory, folder, person_key(SECRET, FISCAL_CODE))
    await a_life(database, directory, folder, "another", ROSARIO)
    await deliver_due(database, SmtpAddress.parse(relay), "worker", lambda: time.time() + 1)
    return number


async def everything(database: Database) -> str:
    """Every value of every table, as one text."""
    found = []
    async with database.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in await session.execute(select(table)):
                found += [
                    value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                    for value in row
                ]
    return "\n".join(found)


@pytest.mark.parametrize("who", [(FISCAL_CODE.lower(),), ("--email", "Agata@example.it")])
async def test_an_export_holds_all_of_one_person_and_nothing_of_another(
    database: Database,
    directory: Directory,
    settings: dict[str, str],
    tmp_path: Path,
    mail_catcher: MailCatcher,
    who: tuple[str, ...],
) -> None:
    number = await two_lives(database, directory, tmp_path, mail_catcher.url)
    done = await run(settings, "export", *who)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    (given,) = found["richieste"]
    assert [given[k] for k in ("numero", "descrizione", "telefono")] == [number, WORDS, WORDS]
    assert (given["protocollo"], given["protocollata"]) == (PROTOCOL, "2026-11-30")
    assert len(found["consensi"]) == 2
    assert sorted(m["tipo"] for m in found["email"]) == ["codice", "copia", "ufficio"]
    assert [mail["ricevute PEC"] for mail in found["email"] if mail["tipo"] == "ufficio"] == [
        [{"tipo": "avvenuta-consegna", "ora": "1970-01-01T01:00:00+01:00", "incerta": False}]
    ]
    assert all(WORDS in mail["testo"] for mail in found["email"] if mail["tipo"] == "copia")
    assert "/inoltra/" not in done.stdout, "the office's link is the office's"
    assert [row["modulo non inviato"] for row in found["sessioni"]] == [{"description": "a metà"}]
    (chat,) = found["conversazioni"]
    assert "ciao dal canarino" in [message["testo"] for message in chat["messaggi"]]
    assert [p["email"] for p in found["indirizzi verificati"]] == [AGATA.email]
    assert [each["testo"] for each in found["frasi per curare i dialoghi"]] == [
        "frase del canarino"
    ]
    assert len(found["sessioni"]) == 1
    assert found["usi contati per i limiti"]
    if who[0] != "--email":
        assert [a["esito"] for a in found["accessi nel registro SPID"]] == ["accepted"]
    assert [(hop["a"], hop["nota"]) for hop in found["inoltri"]] == [("ASP Trapani", WORDS)]
    assert [(a["tipo"], a["testo"]) for a in found["aggiunte"]] == [("Aggiunta", WORDS)]
    (file,) = found["allegati"]
    assert (file["richiesta"], file["nome"], file["dimensione"]) == (number, WORDS, len(PNG))
    assert b64decode(file["contenuto in base64"]) == PNG
    marks = found["stati segnati dagli uffici"]
    assert [(m["passaggio"], m["stato"]) for m in marks] == [(1, "Presa in carico")]
    assert [(m["nome"], m["ruoli"]) for m in found["persona del presidio"]] == [
        ("al presidio: Agata", ["staff"])
    ]
    assert [entry["azione"] for entry in found["registro del presidio"]] == ["accesso al presidio"]
    assert len(found["sessioni al presidio"]) == 1
    (question,) = found["domande se c'è stata risposta"]
    assert (question["risposta"], len(found["non vuole domande dal"])) == ("no", 1)
    assert "Cammarata" not in done.stdout
    assert "Rosario" not in done.stdout


@pytest.mark.parametrize("command", ["export", "erase"])
async def test_an_address_that_was_only_typed_leads_to_nobodys_chat(
    database: Database, settings: dict[str, str], command: str
) -> None:
    chat = await make_conversation(database)
    async with database.write() as session:
        await append(session, chat, [Message("parole di un altro", author="citizen")])
    proofs = AddressProofs(database, SECRET, MAILS)
    await proofs.ask(chat, "m", AGATA.email, Visitor("s", "127.0.0.1"), time.time())
    more = ("--yes", "--yes-lose") if command == "erase" else ()
    done = await run(settings, command, "--email", AGATA.email, *more)
    assert (done.returncode, "parole di un altro" in done.stdout) == (0, False)
    assert await count(database, ChatMessage) == 1
    assert (AGATA.email in await everything(database)) == (command == "export")


async def test_an_export_to_a_folder_is_for_its_owner_only(
    database: Database, settings: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "esportazione"
    done = await run(settings, "export", FISCAL_CODE, "--out", str(folder))
    assert done.returncode == 0, done.stderr
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text("utf-8"))["richieste"] == []


@pytest.mark.parametrize("who", [(FISCAL_CODE,), ("--email", AGATA.email)])
async def test_nothing_of_an_erased_person_is_left_but_number_dates_and_kind(
    database: Database,
    directory: Directory,
    settings: dict[str, str],
    tmp_path: Path,
    mail_catcher: MailCatcher,
    who: tuple[str, ...],
) -> None:
    number = await two_lives(database, directory, tmp_path, mail_catcher.url)
    asked = await run(settings, "erase", *who, said="no\n")
    assert (asked.returncode, "richieste rese anonime: 1" in asked.stdout) == (1, True)
    assert AGATA.email in await everything(database)

    done = await run(settings, "erase", *who, "--yes")
    assert done.returncode == 0, done.stderr
    assert "righe nel registro del presidio, che restano per 12 mesi: 1\n" in done.stdout
    assert await count(database, StaffMember) == await count(database, DeskEvent) == 2
    async with database.write() as session:
        await members.remove(session, "al presidio: Agata")
    text = await everything(database)
    assert text.count(PROTOCOL) == 1, "the other's"
    assert text.count(WORDS) == 8, "the other's request, two fields, file, addition, mails, note"
    for table in (AttachmentContent, ForwardLink, AnswerQuestion, QuestionRefusal):
        assert await count(database, table) == 1
    assert [word for word in PERSONAL[1:3] if word in text] == []
    assert person_key(SECRET, FISCAL_CODE) not in text.replace(
        f"_{person_key(SECRET, FISCAL_CODE)}", "the register's id"
    )
    async with database.read() as session:
        row = await session.get_one(Request, number)
        consents = await session.scalar(
            select(func.count()).where(Consent.request_number == number)
        )
    assert (row.category, row.structure, row.created_at > 0) == ("technical", "asp_trapani", True)
    assert consents == 2
    states = {(d.role, d.state) for d in await deliveries(database) if d.request_number == number}
    assert states == {("office", "sent"), ("copy", "sent")}
    assert await count(database, SpidExchange) == 2, "the law wants it kept"
    assert await count(database, Conversation) == await count(database, BrowserSession) == 1
    assert await count(database, KeptSentence) == 1
    again = await run(settings, "export", *who)
    assert json.loads(again.stdout)["richieste"] == []


async def test_a_mail_that_has_not_left_is_not_lost_unless_that_is_wanted(
    database: Database,
    directory: Directory,
    settings: dict[str, str],
    tmp_path: Path,
    mail_catcher: MailCatcher,
) -> None:
    await a_life(database, directory, tmp_path, person_key(SECRET, FISCAL_CODE))
    refused = await run(settings, "erase", FISCAL_CODE, "--yes")
    assert (refused.returncode, "--yes-lose" in refused.stderr) == (1, True)
    assert await count(database, ChatMessage) > 0
    done = await run(settings, "erase", FISCAL_CODE, "--yes", "--yes-lose")
    assert done.returncode == 0, done.stderr
    await deliver_due(database, SmtpAddress.parse(mail_catcher.url), "w", lambda: time.time() + 1)
    assert mail_catcher.mails == []
    assert WORDS not in await everything(database)


def files_of_database(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("intercup.db*"))


async def test_the_files_of_the_database_hold_nothing_of_an_erased_person(
    sqlite_url: str, directory: Directory, tmp_path: Path
) -> None:
    (tmp_path / "secret.key").write_bytes(SECRET)
    add_key(tmp_path / "spid" / "register.key")
    database = Database(sqlite_url)
    await database.migrate()
    await a_life(database, directory, tmp_path, person_key(SECRET, FISCAL_CODE))
    assert WORDS.encode() in files_of_database(tmp_path)
    settings = {"INTERCUP_DATA_DIR": str(tmp_path)}
    done = await run(settings, "erase", FISCAL_CODE, "--yes", "--yes-lose")
    assert done.returncode == 0, done.stderr
    content = files_of_database(tmp_path)
    assert [word for word in PERSONAL if word.encode() in content] == []
    await database.close()


async def test_who_reads_meanwhile_holds_up_no_erasing_but_the_journal(
    sqlite_url: str, directory: Directory, tmp_path: Path
) -> None:
    (tmp_path / "secret.key").write_bytes(SECRET)
    (tmp_path / "secret.key").chmod(0o600)
    add_key(tmp_path / "spid" / "register.key")
    database = Database(sqlite_url)
    await database.migrate()
    await a_life(database, directory, tmp_path, person_key(SECRET, FISCAL_CODE))
    await database.close()
    with closing(sqlite3.connect(tmp_path / "intercup.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM requests").fetchall()
        settings = {"INTERCUP_DATA_DIR": str(tmp_path)}
        done = await run(settings, "erase", FISCAL_CODE, "--yes", "--yes-lose")
        reader.execute("COMMIT")
        assert (done.returncode, "fatto." in done.stdout) == (0, True)
        assert "sta ancora nel giornale" in done.stderr
        texts = reader.execute("SELECT text FROM chat_messages").fetchall()
    assert WORDS not in str(texts)


@pytest.mark.parametrize("who", [("ABC",), ("--email", "nessuno"), ()])
async def test_a_person_must_be_named_properly(tmp_path: Path, who: tuple[str, ...]) -> None:
    done = await run({"INTERCUP_DATA_DIR": str(tmp_path)}, "export", *who)
    assert (done.returncode, done.stdout) == (2, "")
