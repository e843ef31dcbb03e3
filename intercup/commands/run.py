"""The processes of `intercup run`."""

import asyncio
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from intercup.errors import ConfigurationError
from intercup.services.structures.structures_file import load_directory
from intercup.settings import Settings
from intercup.supervisor import Part, Port, supervise

BOT = Path("bot")
MODEL = BOT / "models" / "intercup.tar.gz"


def run_service(settings: Settings) -> int:
    """Check, bring the database up to date, then run every part until told to stop.

    Raises:
        ConfigurationError: something has to be put right first.
    """
    load_directory(settings.structures_file)
    if not MODEL.exists():
        raise ConfigurationError([f"{MODEL} manca: eseguire `make train`"])
    # In a process of its own: what only this needs would stay in memory with the supervisor.
    migrated = subprocess.run(_intercup("migrate"), check=False)  # noqa: S603 (our own program)
    if migrated.returncode:
        return migrated.returncode
    return asyncio.run(_run(settings))


async def _run(settings: Settings) -> int:
    hints = []
    if settings.is_demo:
        hints = [
            ("Accesso", "«Accedi», poi un cittadino di prova, per esempio Agata Lo Presti"),
            ("Posta", f"{settings.base_url}/demo/mailbox"),
        ]
    return await supervise(
        parts_of(settings),
        log_dir=settings.data_dir / "log",
        address=settings.base_url,
        hints=hints,
    )


def parts_of(settings: Settings) -> list[Part]:
    """List what has to run, in the order in which it is shown."""
    rasa, actions = urlsplit(settings.rasa_url), urlsplit(settings.actions_url)
    rasa_port, actions_port = rasa.port or 5005, actions.port or 5055
    parts = [
        Part(
            "web",
            _intercup("web"),
            ready=("127.0.0.1", settings.http_port),
            purpose="pagine, modulo e chat",
            ports=(Port(settings.http_port, "INTERCUP_HTTP_PORT", settings.http_host),),
            usual_seconds=2,
        ),
        Part("worker", _intercup("worker"), purpose="invio delle e-mail", usual_seconds=3),
        Part(
            "actions",
            _intercup("actions"),
            ready=f"{settings.actions_url}/health",
            purpose="azioni dell'assistente",
            ports=(Port(actions_port, "INTERCUP_ACTIONS_URL"),),
            usual_seconds=3,
        ),
        Part(
            "rasa",
            (
                str(Path(".venv-bot/bin/python").absolute()),
                *("-m", "engine.launcher", "run", "--port", str(rasa_port)),
            ),
            ready=f"{settings.rasa_url}/",
            purpose="comprensione e dialogo",
            cwd=BOT,
            env={
                "RASA_TELEMETRY_ENABLED": "false",
                "INTERCUP_ACTIONS_WEBHOOK": f"{settings.actions_url}/webhook",
            },
            ports=(Port(rasa_port, "INTERCUP_RASA_URL"),),
            usual_seconds=12,
        ),
    ]
    return parts + (_demo_parts(settings) if settings.is_demo else [])


def _demo_parts(settings: Settings) -> list[Part]:
    return [
        Part(
            "demo-idp",
            _intercup("demo-idp"),
            ready=f"http://127.0.0.1:{settings.demo_idp_port}/metadata",
            purpose="identità dimostrative",
            ports=(Port(settings.demo_idp_port, "INTERCUP_DEMO_IDP_PORT"),),
            usual_seconds=2,
        ),
        Part(
            "demo-mail",
            _intercup("demo-mail"),
            ready=("127.0.0.1", settings.demo_smtp_port),
            purpose="casella dimostrativa",
            ports=(Port(settings.demo_smtp_port, "INTERCUP_DEMO_SMTP_PORT"),),
            usual_seconds=1,
        ),
    ]


def _intercup(command: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "intercup.commands.main", command)
