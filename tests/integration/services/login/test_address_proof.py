"""An address is proved by the code that was sent to it, and by nothing else; few are sent."""

import re
import time
from dataclasses import replace
from email import message_from_bytes
from email.policy import default as default_policy

import pytest
from sqlalchemy import select

from intercup.db.engine import Database
from intercup.db.tables import AddressProof, Delivery, Request, Use
from intercup.domain.directory import Directory
from intercup.domain.request import Citizen
from intercup.errors import TooMany
from intercup.services.chat.action_service import ActionService
from intercup.services.chat.conversations import (
    Message,
    OpenConversation,
    append,
    current_conversation,
    forget,
)
from intercup.services.login.address_proof import (
    CODE_LIFE,
    PROOF_LIFE,
    WRONG_CODES_MAX,
    AddressProofs,
    Visitor,
    proved_address,
)
from intercup.services.login.sessions import Session, find_session, log_in, start_session
from intercup.services.structures.structures import Structures
from tests.support.made_requests import AGATA, MAILS, TEXT, count, store_draft, submission, submit

WELCOME = [Message("Buongiorno.")]
NOW = 1_800_000_000.0
ADDRESS = "salvo.russo@example.it"
HERE = Visitor("session", "192.0.2.1")


@pytest.fixture
def proofs(database: Database) -> AddressProofs:
    return AddressProofs(database, b"secret", MAILS)


@pytest.fixture
async def chat(database: Database) -> OpenConversation:
    return await new_chat(database)


async def new_chat(database: Database) -> OpenConversation:
    return (await new_session(database))[1]


async def new_session(database: Database) -> tuple[Session, OpenConversation]:
    _, session = await start_session(database, NOW)
    chat = await current_conversation(database, session, "home", None, WELCOME)
    return replace(session, conversation_id=chat.id), chat


async def mails_with_codes(database: Database) -> list[Delivery]:
    async with database.read() as reading:
        return list(await reading.scalars(select(Delivery).order_by(Delivery.id)))


async def code_in(database: Database) -> str:
    """The code of the newest mail."""
    raw = (await mails_with_codes(database))[-1].raw
    body = message_from_bytes(raw, policy=default_policy).get_content()
    found = re.search(r"codice è: (\d{6})\s", body)
    assert found
    return found[1]


async def test_the_code_sent_to_an_address_proves_it(
    proofs: AddressProofs, chat: OpenConversation
) -> None:
    assert await proofs.ask(chat.id, "m1", f"è {ADDRESS}, grazie", HERE, NOW) == "sent"
    code = await code_in(proofs.database)
    said = f"il codice è {code[:3]} {code[3:]}"
    assert await proofs.check(chat.id, "m2", said, HERE, NOW + 60) == "right"
    async with proofs.database.read() as reading:
        proof = await proved_address(reading, chat.id, NOW + 61)
    assert proof is not None
    assert proof.email == ADDRESS


async def test_the_mail_with_the_code_holds_no_text_of_the_citizen(
    proofs: AddressProofs, chat: OpenConversation
) -> None:
    await proofs.ask(chat.id, "m1", f"sono Salvo, soffro di cuore, {ADDRESS}", HERE, NOW)
    (delivery,) = await mails_with_codes(proofs.database)
    assert (delivery.recipient, delivery.role, delivery.request_number) == (ADDRESS, "code", None)
    mail = message_from_bytes(delivery.raw, policy=default_policy)
    assert (mail["To"], mail["Subject"]) == (ADDRESS, "[InterCup] Codice di verifica")
    assert await code_in(proofs.database) not in str(mail["Subject"])
    assert "cuore" not in mail.get_content() + str(mail["From"])


async def test_neither_code_nor_visitor_can_be_read_in_the_tables(
    proofs: AddressProofs, chat: OpenConversation
) -> None:
    await proofs.ask(chat.id, "m1", ADDRESS, HERE, NOW)
    async with proofs.database.read() as reading:
        proof = await reading.get_one(AddressProof, chat.id)
        uses = (await reading.scalars(select(Use))).all()
    assert await code_in(proofs.database) not in f"{proof.code_hash}{proof.person_key}"
    assert {use.kind for use in uses} == {"code/address", "code/session", "code/ip"}
    assert all(re.fullmatch("[0-9a-f]{64}", use.who) for use in uses)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("annulla tutto", None),
        ("rosa chiocciola example", "invalid"),
        ("rosa@example", "invalid"),
        ("@", "invalid"),
        ("rosa@example.it oppure nino@example.it", "invalid"),
        ("nìno@example.it", "invalid"),
        ("a@b.it\nBcc: x@y.it", "invalid"),
        ("«rosa@example.it»", "sent"),
        ("ROSA@Example.IT.", "sent"),
    ],
)
async def test_only_one_whole_address_gets_a_code(
    proofs: AddressProofs, chat: OpenConversation, text: str, verdict: str | None
) -> None:
    assert await proofs.ask(chat.id, "m1", text, HERE, NOW) == verdict
    assert await count(proofs.database, Delivery) == (verdict == "sent")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("non mi è arrivato", None),
        ("12345", "malformed"),
        ("1234567", "malformed"),
        ("123456 o 654321", "malformed"),
    ],
)
async def test_only_six_digits_are_a_code(
    proofs: AddressProofs, chat: OpenConversation, text: str, verdict: str | None
) -> None:
    await proofs.ask(chat.id, "m1", ADDRESS, HERE, NOW)
    assert await proofs.check(chat.id, "m2", text, HERE, NOW) == verdict


@pytest.mark.both_databases
async def test_a_wrong_code_can_be_tried_few_times(
    proofs: AddressProofs, chat: OpenConversation
) -> None:
    await proofs.ask(chat.id, "m0", ADDRESS, HERE, NOW)
    code = await code_in(proofs.database)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    verdicts = [
        await proofs.check(chat.id, f"m{n}", wrong, HERE, NOW)
        for n in range(1, WRONG_CODES_MAX + 1)
    ]
    assert verdicts == ["wrong"] * (WRONG_CODES_MAX - 1) + ["used_up"]
    assert await proofs.check(chat.id, "late", code, HERE, NOW) == "used_up"


async def test_a_message_sent_again_is_not_another_try(
    proofs: AddressProofs, chat: OpenConversation
) -> None:
    await proofs.ask(chat.id, "m0", ADDRESS, HERE, NOW)
    assert await proofs.ask(chat.id, "m0", ADDRESS, HERE, NOW) == "sent"
    assert await count(proofs.database, Delivery) == 1
    for _ in range(WRONG_CODES_MAX + 2):
        assert await proofs.check(chat.id, "m1", "000000", HERE, NOW) in ("wrong", "right")
    async with proofs.database.read() as reading:
        assert (await reading.get_one(AddressProof, chat.id)).wrong_codes <= 1


@pytest.mark.both_databases
async def test_a_code_expires(proofs: AddressProofs, chat: OpenConversation) -> None:
    await proofs.ask(chat.id, "m0", ADDRESS, HERE, NOW)
    code = await code_in(proofs.database)
    assert await proofs.check(chat.id, "m1", code, HERE, NOW + CODE_LIFE + 1) == "expired"
    assert await proofs.check(chat.id, "m2", code, HERE, NOW - 1) == "expired"  # a clock set back


async def test_a_proof_expires(proofs: AddressProofs, chat: OpenConversation) -> None:
    await proofs.ask(chat.id, "m0", ADDRESS, HERE, NOW)
    await proofs.check(chat.id, "m1", await code_in(proofs.database), HERE, NOW)
    async with proofs.database.read() as reading:
        assert await proved_address(reading, chat.id, NOW + PROOF_LIFE) is not None
        assert await proved_address(reading, chat.id, NOW + PROOF_LIFE + 1) is None


@pytest.mark.both_databases
async def test_a_new_code_takes_the_place_of_the_old_one(
    proofs: AddressProofs, chat: OpenConversation
) -> None:
    await proofs.ask(chat.id, "m0", ADDRESS, HERE, NOW)
    first = await code_in(proofs.database)
    assert await proofs.ask_again(chat.id, "m1", HERE, NOW) == "sent"
    second = await code_in(proofs.database)
    if first != second:
        assert await proofs.check(chat.id, "m2", first, HERE, NOW) == "wrong"
    assert await proofs.check(chat.id, "m3", second, HERE, NOW) == "right"


@pytest.mark.both_databases
async def test_another_address_has_to_be_proved_again(
    proofs: AddressProofs, chat: OpenConversation
) -> None:
    await proofs.ask(chat.id, "m0", ADDRESS, HERE, NOW)
    await proofs.check(chat.id, "m1", await code_in(proofs.database), HERE, NOW)
    await proofs.ask(chat.id, "m2", "altra@example.it", HERE, NOW)
    async with proofs.database.read() as reading:
        assert await proved_address(reading, chat.id, NOW) is None


async def test_the_code_of_one_chat_is_nothing_in_another(
    proofs: AddressProofs, chat: OpenConversation
) -> None:
    other = await new_chat(proofs.database)
    await proofs.ask(chat.id, "m0", ADDRESS, HERE, NOW)
    code = await code_in(proofs.database)
    assert await proofs.check(other.id, "m1", code, HERE, NOW) == "expired"


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("kind", "allowed"),
    [("address", 3), ("session", 6), ("ip", 20)],
)
async def test_codes_are_limited(proofs: AddressProofs, kind: str, allowed: int) -> None:
    verdicts = []
    for number in range(allowed + 1):
        chat = await new_chat(proofs.database)
        address = ADDRESS if kind == "address" else f"a{number}@example.it"
        visitor = Visitor(
            "s" if kind == "session" else f"s{number}", "ip" if kind == "ip" else f"ip{number}"
        )
        verdicts.append(await proofs.ask(chat.id, "m", address, visitor, NOW))
    assert verdicts == ["sent"] * allowed + ["limited"]
    assert await count(proofs.database, Delivery) == allowed
    chat = await new_chat(proofs.database)
    later = await proofs.ask(chat.id, "m", ADDRESS, replace(HERE, session="x"), NOW + 3601)
    assert later == "sent"


async def test_codes_to_one_mailbox_are_limited_over_all_its_tags(proofs: AddressProofs) -> None:
    verdicts = []
    for number in range(20):
        chat = await new_chat(proofs.database)
        visitor = Visitor(f"s{number}", f"ip{number}")
        address = f"salvo.russo+{number}@example.it"
        verdicts.append(await proofs.ask(chat.id, "m", address, visitor, NOW))
    assert verdicts == ["sent"] * 3 + ["limited"] * 17
    sent = [mail.recipient for mail in await mails_with_codes(proofs.database)]
    assert sent == [f"salvo.russo+{number}@example.it" for number in range(3)]


async def test_requests_before_login_are_limited_over_all_tags_of_a_mailbox(
    proofs: AddressProofs, directory: Directory
) -> None:
    assistant = ActionService(proofs.database, Structures(directory), MAILS, {}, proofs.secret_key)
    for number in (0, 0, 1, 1):
        address = f"salvo.russo+{number}@example.it"
        chat = await new_chat(proofs.database)
        async with proofs.database.write() as writing:
            await append(writing, chat.id, [Message(TEXT, "citizen", "m")])
            writing.add(proved(chat, address))
        access = {"category": "access", "structure": None, "description": "m"}
        await store_draft(proofs.database, chat.sender_id, **access)
        if await count(proofs.database, Request) == 3:
            with pytest.raises(TooMany):
                await assistant.submit(chat.sender_id)
        else:
            await assistant.submit(chat.sender_id)


def proved(chat: OpenConversation, address: str) -> AddressProof:
    return AddressProof(
        subject=chat.id,
        conversation_id=chat.id,
        email=address,
        person_key=f"key of {address}",
        code_hash="",
        expires_at=NOW,
        wrong_codes=0,
        proved_at=time.time(),
        message_id="m",
        verdict="right",
    )


async def test_requests_before_login_are_limited_by_address(
    database: Database, directory: Directory
) -> None:
    async def send(mailbox: str) -> None:
        visitor = Citizen(f"key-of-{mailbox}", "", "", ADDRESS)
        came_from = {"address": mailbox}
        sent = submission(None, "access", None, visitor, came_from=came_from)
        await submit(database, directory, sent)

    for _ in range(3):
        await send("one")
    with pytest.raises(TooMany):
        await send("one")
    await send("another")


@pytest.mark.both_databases
async def test_old_uses_are_forgotten(proofs: AddressProofs, chat: OpenConversation) -> None:
    await proofs.ask(chat.id, "m0", ADDRESS, HERE, NOW)
    await proofs.ask(chat.id, "m1", ADDRESS, HERE, NOW + 25 * 3600)
    assert await count(proofs.database, Use) == 3


async def test_a_forgotten_chat_takes_its_proof_along(proofs: AddressProofs) -> None:
    session, chat = await new_session(proofs.database)
    await proofs.ask(chat.id, "m0", ADDRESS, HERE, NOW)
    await forget(proofs.database, session)
    assert await count(proofs.database, AddressProof) == 0


async def test_a_proved_address_takes_the_place_of_the_one_from_spid(
    proofs: AddressProofs,
) -> None:
    cookie = await log_in(proofs.database, None, AGATA, NOW)
    found = await find_session(proofs.database, cookie, NOW)
    assert found is not None
    chat = await current_conversation(proofs.database, found, "portal", None, WELCOME)
    here = Visitor(found.id_hash, "192.0.2.1")
    await proofs.ask(chat.id, "m0", "nuova@example.it", here, NOW)
    assert (await find_session(proofs.database, cookie, NOW)).citizen == AGATA  # type: ignore[union-attr]
    await proofs.check(chat.id, "m1", await code_in(proofs.database), here, NOW)
    now_known = await find_session(proofs.database, cookie, NOW)
    assert now_known is not None
    assert now_known.citizen == replace(AGATA, email="nuova@example.it")
