"""`intercup demo-idp` and `demo-mail`: the demo's identity provider and its mailbox."""

import argparse
import asyncio

from intercup.commands.terminal import Commands, until_stopped
from intercup.errors import ConfigurationError
from intercup.log import set_up_logging
from intercup.settings import Settings, load_settings


def add_parser(commands: Commands) -> None:
    """Add both commands."""
    idp = commands.add_parser("demo-idp", help="avvia il fornitore di identità dimostrativo")
    idp.set_defaults(command=serve_identities)
    mail = commands.add_parser("demo-mail", help="avvia la casella di posta dimostrativa")
    mail.set_defaults(command=catch_mails)


def serve_identities(_arguments: argparse.Namespace) -> int:
    """Serve the demo's citizens until told to stop."""
    from intercup.identity.demo_idp import run_demo_idp

    settings = _demo_settings()
    set_up_logging()
    folder = settings.spid_providers_dir or settings.data_dir
    run_demo_idp(
        base_url=f"http://127.0.0.1:{settings.demo_idp_port}",
        sp_metadata_url=f"{settings.base_url}/spid/metadata",
        metadata_file=folder / "demo.xml",
        profile=settings.profile,
    )
    return 0


def catch_mails(_arguments: argparse.Namespace) -> int:
    """Keep every mail in a folder until told to stop."""
    from intercup.mail.catcher import run_catcher

    settings = _demo_settings()
    set_up_logging()

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
    settings = load_settings()
    if not settings.is_demo:
        raise ConfigurationError(["INTERCUP_PROFILE: questo comando esiste solo nella demo"])
    return settings
