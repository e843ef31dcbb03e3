"""A service provider and a demo identity provider, both really listening on loopback."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from intercup.identity.demo_idp import create_app
from intercup.identity.service_provider import ServiceProvider, SpidSettings
from tests.support.demo_place import Place, listening
from tests.support.ports import free_port


@pytest.fixture
async def place(
    settings: SpidSettings, tmp_path: Path, demo_keys: tuple[str, str]
) -> AsyncIterator[Place]:
    idp_port = free_port()
    idp_url = f"http://127.0.0.1:{idp_port}"
    metadata_file = tmp_path / "providers" / "demo.xml"

    async def show_metadata(request: web.Request) -> web.Response:
        return web.Response(body=ServiceProvider(settings, []).metadata())

    service = web.Application()
    service.add_routes([web.get("/spid/metadata", show_metadata)])
    sp_metadata_url = f"{settings.base_url}/spid/metadata"
    demo = create_app(idp_url, sp_metadata_url, metadata_file, demo_keys)
    async with (
        listening(service, int(settings.base_url.rpartition(":")[2])),
        listening(demo, idp_port),
        aiohttp.ClientSession() as browser,
    ):
        yield Place(settings, idp_url, metadata_file, browser)
