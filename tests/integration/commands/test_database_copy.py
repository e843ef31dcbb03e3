"""`intercup database copy`: a SQLite installation moves to PostgreSQL, row by row."""

import asyncio
import sys
from pathlib import Path

import pytest
from sqlalchemy import select, text

from intercup.db.copy import copy_database
from intercup.db.engine import Database
from intercup.db.tables import Base, BrowserSession, ChatMessage, Delivery
from intercup.domain.directory import Directory
from intercup.errors import ConfigurationError
from intercup.services.chat.conversations import Message, append
from tests.support.databases import execute
from tests.support.hostile_files import picture
from tests.support.kept_files import draft_with
from tests.support.made_requests import make_conversation, submit

MESSAGES = 1_200  # more than two batches


@pytest.fixture
async def source(database: Database, directory: Directory) -> Database:
    """An installation with requests, their mails, and a long conversation."""
    for _ in range(3):
        await submit(database, directory)
    files = [(f"{size}.png", picture(size=(size, 9))) for size in (1, 2, 3)]
    for _ in range(3):  # more than two batches
        await draft_with(database, *files)
    chat = await make_conversation(database, draft={"key": "k", "texts": ["è così"]})
    async with database.write() as writing:
        said = [Message(f"«{number}»", input={"type": "x"}) for number in range(MESSAGES)]
        await append(writing, chat, said)
        writing.add(
            BrowserSession(id_hash="h", created_at=1 / 3, seen_at=0.1, conversation_id=chat)
        )
    return database


@pytest.fixture
async def target(postgres_url: str) -> Database:
    database = Database(postgres_url)
    yield database
    await database.close()


async def rows_of(database: Database) -> dict[str, list[str]]:
    """Return each table's rows, sorted; JSON as it is stored, so that NULL isn't null."""
    found = {}
    async with database.read() as reading:
        for table in Base.metadata.sorted_tables:
            rows = await reading.execute(select(table))
            found[table.name] = sorted(map(repr, rows))
        raw = text("SELECT count(*) FROM chat_messages WHERE input IS NULL")
        found["null"] = [str(await reading.scalar(raw))]
    return found


async def test_every_row_arrives_and_new_ones_follow(
    source: Database, target: Database, tmp_path: Path, postgres_url: str, directory: Directory
) -> None:
    command = (sys.executable, "-m", "intercup.commands.main", "database", "copy")
    urls = (f"sqlite:///{tmp_path}/intercup.db", postgres_url.replace("+asyncpg", ""))
    copying = await asyncio.create_subprocess_exec(*command, *urls, stdout=asyncio.subprocess.PIPE)
    told, _ = await copying.communicate()
    assert copying.returncode == 0
    assert f"chat_messages: {MESSAGES}" in told.decode()
    assert await rows_of(target) == await rows_of(source)
    await submit(target, directory)
    async with target.read() as reading:
        assert len(set(await reading.scalars(select(Delivery.id)))) == 8
    with pytest.raises(ConfigurationError, match=r"non è vuota: .*chat_messages"):
        await copy_database(source, target, lambda *_: None)


async def test_a_copy_that_differs_is_undone(
    source: Database, target: Database, postgres: str, postgres_url: str
) -> None:
    await target.migrate()
    await execute(
        postgres,
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.seq = 700 THEN NEW.text = 'altro'; END IF; RETURN NEW; END $$;"
        " CREATE TRIGGER spoil BEFORE INSERT ON chat_messages"
        " FOR EACH ROW EXECUTE FUNCTION spoil()",
        postgres_url.rpartition("/")[2],
    )
    with pytest.raises(ConfigurationError, match="chat_messages: una riga"):
        await copy_database(source, target, lambda *_: None)
    async with target.read() as reading:
        assert (await reading.scalars(select(ChatMessage.id))).all() == []
