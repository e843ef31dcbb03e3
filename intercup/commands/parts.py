"""The processes of `intercup run`."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

from intercup.commands.bot_folder import BOT
from intercup.settings import Settings
from intercup.supervisor import Part, Port


def parts_of(settings: Settings) -> list[Part]:
    """List what has to run, in the order in which it is shown."""
    rasa, actions = urlsplit(settings.rasa_url), urlsplit(settings.actions_url)
    rasa_port, actions_port = rasa.port or 5005, actions.port or 5055
    parts = [
        Part(
            "web",
            intercup_command("web"),
            ready=("127.0.0.1", settings.http_port),
            purpose="pagine, modulo e chat",
            ports=(Port(settings.http_port, "INTERCUP_HTTP_PORT", settings.http_host),),
            usual_seconds=2,
        ),
        Part("worker", intercup_command("worker"), purpose="invio delle e-mail", usual_seconds=3),
        Part(
            "actions",
            intercup_command("actions"),
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
            intercup_command("demo-idp"),
            ready=f"http://127.0.0.1:{settings.demo_idp_port}/metadata",
            purpose="identità dimostrative",
            ports=(Port(settings.demo_idp_port, "INTERCUP_DEMO_IDP_PORT"),),
            usual_seconds=2,
        ),
        Part(
            "demo-mail",
            intercup_command("demo-mail"),
            ready=("127.0.0.1", settings.demo_smtp_port),
            purpose="casella dimostrativa",
            ports=(Port(settings.demo_smtp_port, "INTERCUP_DEMO_SMTP_PORT"),),
            usual_seconds=1,
        ),
    ]


def intercup_command(command: str) -> tuple[str, ...]:
    """Return the command line of one of our own commands, in a process of its own."""
    return (sys.executable, "-m", "intercup.commands.main", command)
