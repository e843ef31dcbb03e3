"""The servers of a demo login."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from aiohttp import web

from intercup.identity.service_provider import (
    LoginStart,
    PendingLogin,
    ServiceProvider,
    SpidSettings,
    load_identity_providers,
)
from intercup.identity.verified_identity import VerifiedIdentity


@dataclass(frozen=True)
class Place:
    """Listening addresses, and a browser."""

    settings: SpidSettings
    idp_url: str
    metadata_file: Path
    browser: aiohttp.ClientSession

    @property
    def service(self) -> ServiceProvider:
        return ServiceProvider(self.settings, load_identity_providers(self.metadata_file.parent))

    def begin(self) -> LoginStart:
        return self.service.begin(self.idp_url, datetime.now(UTC))

    def complete(self, start: LoginStart, saml_response: str, relay_state: str) -> VerifiedIdentity:
        pending = PendingLogin(
            start.request_id, start.issue_instant, self.idp_url, start.relay_state
        )
        return self.service.complete(saml_response, relay_state, pending, datetime.now(UTC))


@asynccontextmanager
async def listening(app: web.Application, port: int) -> AsyncIterator[None]:
    """Serve an application on loopback until the end of the block."""
    runner = web.AppRunner(app, shutdown_timeout=1.0)  # seconds for a chat's open events
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()
