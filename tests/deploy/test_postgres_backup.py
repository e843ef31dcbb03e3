"""PostgreSQL's backup by pgBackRest, with our configuration: what was acknowledged comes back."""

import shutil
import subprocess
from pathlib import Path

import pytest

from intercup.db.engine import Database
from intercup.db.tables import Request
from intercup.domain.directory import Directory
from tests.support.databases import migrate
from tests.support.made_requests import count, submission, submit
from tests.support.paths import ROOT
from tests.support.postgres_server import PostgresServer, postgres_that_restarts

pytestmark = [
    pytest.mark.skipif(not shutil.which("pgbackrest"), reason="no pgbackrest"),
    pytest.mark.timeout(400),  # each checkpoint of a busy machine takes long
]


def configured(server: PostgresServer) -> Path:
    """Write our configuration with the test's folders."""
    folder, port = server.folder, server.address.rpartition(":")[2]
    text = (ROOT / "deploy/pgbackrest.conf").read_text("utf-8")
    text = text.replace("/var/lib/postgresql/15/main", f"{folder}/data\npg1-port={port}")
    text = text.replace("[intercup]", "[intercup]\npg1-user=postgres")
    text = text.replace("/var/", f"{folder}/var/")
    text = text.replace("[intercup]\n", f"[intercup]\npg1-socket-path={folder}\n")
    text += "\n[global]\nrepo1-cipher-pass=una chiave di prova\n"
    file = folder / "pgbackrest.conf"
    file.write_text(text, "utf-8")
    return file


async def test_what_was_registered_after_the_backup_comes_back_too(directory: Directory) -> None:
    with postgres_that_restarts() as server:
        config = configured(server)

        def pgbackrest(*words: str) -> None:
            command = ["pgbackrest", f"--config={config}", "--stanza=intercup", *words]
            done = subprocess.run(command, user=server.user, capture_output=True, check=False)
            assert done.returncode == 0, done.stdout.decode()

        options = {
            "unix_socket_directories": str(server.folder),
            "archive_mode": "on",
            "archive_command": f"pgbackrest --config={config} --stanza=intercup archive-push %p",
        }
        server.stop()
        server.start(**options)
        url = f"postgresql+asyncpg://{server.address}/postgres"
        await migrate(url)
        database = Database(url)
        await submit(database, directory)
        pgbackrest("stanza-create")
        pgbackrest("backup")
        kept = [path for path in (server.folder / "var/lib").rglob("*") if path.is_file()]
        assert kept
        assert [path for path in kept if not path.read_bytes().startswith(b"Salted__")] == []
        await submit(database, directory, submission(key="after the backup"))
        pgbackrest("check")  # waits until the journal so far is archived
        await database.close()
        server.stop()
        shutil.rmtree(server.folder / "data/base")
        pgbackrest("--delta", "restore")
        server.start(**options)
        restored = Database(url)
        await restored.verify()
        assert await count(restored, Request) == 2
        await restored.close()
