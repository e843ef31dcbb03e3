"""The web application and the demo identity provider on loopback, for the tests of the pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from intercup.db.engine import Database
from intercup.domain.directory import Directory
from intercup.identity import demo_idp
from intercup.services.structures.structures import Structures
from intercup.settings import Settings
from intercup.web.app import create_app
from tests.support.demo_place import listening
from tests.support.ports import free_port
from tests.support.web_service import document_in_tests

BROKEN = "/guasto"  # a route that isn't the service's: its handler fails


@dataclass
class Place:
    """Servers, database and settings, without a worker: deliveries keep their states."""

    url: str
    idp_url: str
    database: Database
    directory: Directory
    settings: Settings

    @asynccontextmanager
    async def without_database(self) -> AsyncIterator[None]:
        """Take the database away for a while."""
        file, away = self.settings.data_dir / "intercup.db", self.settings.data_dir / "away"
        await self.database.close()  # open files would still work
        file.rename(away)
        file.mkdir()
        try:
            yield
        finally:
            await self.database.close()
            file.rmdir()
            away.rename(file)


@asynccontextmanager
async def running_place(directory: Directory, data_dir: Path) -> AsyncIterator[Place]:
    """Serve until the end of the block."""
    database = Database(f"sqlite+aiosqlite:///{data_dir / 'intercup.db'}")
    await database.migrate()
    port, idp_port = free_port(), free_port()
    url, idp_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{idp_port}"
    settings = Settings(base_url=url, data_dir=data_dir, rasa_url=f"http://127.0.0.1:{free_port()}")
    app = create_app(settings, database, Structures(directory, document=document_in_tests()))
    app.router.add_get(BROKEN, _fail)
    folder = settings.spid_providers_dir
    assert folder
    keys = demo_idp.new_keys(idp_url)
    idp = demo_idp.create_app(idp_url, f"{url}/spid/metadata", folder / "demo.xml", keys)
    async with listening(app, port), listening(idp, idp_port):
        yield Place(url, idp_url, database, directory, settings)


async def _fail(request: web.Request) -> web.Response:
    raise RuntimeError("broken on purpose")
