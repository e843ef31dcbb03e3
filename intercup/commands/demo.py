"""`intercup demo-idp` and `demo-mail`: the demo's identity provider and its mailbox."""

import argparse
import asyncio

from intercup.commands.terminal import Commands, settings_to_serve, until_stopped
from intercup.errors import ConfigurationError
from intercup.settings import Settings


def add_parser(commands: Commands) -> None:
    """Add both commands."""
    idp = commands.add_parser("demo-idp", help="avvia il fornitore di identità dimostrativo")
    idp.set_defaults(command=serve_identities)
    mail = commands.add_parser("demo-mail", help="avvia la casella di posta dimostrativa")
    mail.set_defaults(command=catch_mails)


def serve_identities(_arguments: argparse.Namespace) -> int:
    """Serve the demo identity provider until stopped."""
    from intercup.identity.demo_idp import run_demo_idp

    settings = _demo_settings()
    folder = settings.spid_providers_dir or settings.data_dir
    run_demo_idp(
        base_url=f"http://127.0.0.1:{settings.demo_idp_port}",
        sp_metadata_url=f"{settings.base_url}/spid/metadata",
        metadata_file=folder / "demo.xml",
        profile=settings.profile,
    )
    return 0


def catch_mails(_arguments: argparse.Namespace) -> int:
    """Save every mail in a folder until stopped."""
    from intercup.mail.catcher import run_catcher

    settings = _demo_settings()

    async def catch(stop: asyncio.Event) -> None:
        catching = run_catcher("127.0.0.1", settings.demo_smtp_port, settings.mailbox_dir)
        serving = asyncio.create_task(catching)
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        serving.cancel()

    return asyncio.run(until_stopped(catch))


def _demo_settings() -> Settings:
    settings = settings_to_serve()
    if not settings.is_demo:
        raise ConfigurationError(["INTERCUP_PROFILE: questo comando esiste solo nella demo"])
    return settings
