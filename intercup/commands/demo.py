"""`intercup demo`: the demo's identity provider and its mailbox."""

import argparse
import asyncio
from contextlib import suppress

from intercup.commands.terminal import Commands, settings_to_serve, until_stopped
from intercup.errors import ConfigurationError


def add_parser(commands: Commands) -> None:
    """Add the command."""
    demo = commands.add_parser("demo", help="avvia identità e casella di posta dimostrative")
    demo.set_defaults(command=serve)


def serve(_arguments: argparse.Namespace) -> int:
    """Answer logins and save every mail in a folder until stopped.

    Raises:
        ConfigurationError: this isn't a demo.
    """
    from intercup.identity.demo_idp import run_demo_idp
    from intercup.mail.catcher import start_catcher

    settings = settings_to_serve()
    if not settings.is_demo:
        raise ConfigurationError(["INTERCUP_PROFILE: questo comando esiste solo nella demo"])
    folder = settings.spid_providers_dir or settings.data_dir

    async def serve_both(stop: asyncio.Event) -> None:
        # The supervisor asks only the identity provider, so it comes last.
        catcher = await start_catcher("127.0.0.1", settings.demo_smtp_port, settings.mailbox_dir)
        serving = asyncio.gather(
            catcher.serve_forever(),
            run_demo_idp(
                base_url=f"http://127.0.0.1:{settings.demo_idp_port}",
                sp_metadata_url=f"{settings.base_url}/spid/metadata",
                metadata_file=folder / "demo.xml",
                profile=settings.profile,
            ),
        )
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: serving.cancel())
        with suppress(asyncio.CancelledError):
            await serving

    return asyncio.run(until_stopped(serve_both))
