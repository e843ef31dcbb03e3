"""The processes of `intercup run`."""

import os
import secrets
import sys
from dataclasses import replace
from urllib.parse import urlsplit

from intercup.commands.bot_folder import BOT, BOT_PYTHON, machine_environment
from intercup.settings import RASA_PORT, SECRETS, Settings
from intercup.supervisor import Part, Port

SECRET_BYTES = 32
WATCHDOG, WATCHDOG_OF_RASA = 15.0, 30.0  # seconds without a sign of life, as in deploy/systemd
# Of the secrets, a part gets only those it needs, and all other settings.
SECRETS_OF: dict[str, tuple[str, ...]] = {
    "web": ("database_url", "rasa_secret"),
    "worker": ("database_url", "smtp_url"),
    "actions": ("database_url", "rasa_secret"),
    "demo": (),
}
_NOT_SECRET = (
    "config_file",
    *(name for name in Settings.model_fields if name.removesuffix("_file") not in SECRETS),
)
# glibc would keep the room of a freed model or file in its heap; so the system gets it back.
_ALLOCATION = {"MALLOC_MMAP_THRESHOLD_": "1000000"}  # bytes
# Rasa reads no settings.
_FOR_RASA = ("actions_webhook", "rasa_secret", "log_format")


def parts_of(settings: Settings) -> list[Part]:
    """List the parts to run, in display order, each with its environment."""
    given = {
        # A new secret at every start, unless one is configured.
        "rasa_secret": settings.rasa_secret or secrets.token_hex(SECRET_BYTES),
        "actions_webhook": f"{settings.actions_url}/webhook",
        "log_format": settings.log_format,
    }
    return [replace(part, env=_environment_of(part.name, given)) for part in _parts(settings)]


def _environment_of(part: str, given: dict[str, str]) -> dict[str, str]:
    held = SECRETS_OF.get(part, ())
    # `given` has the one secret that the parts share, whatever file it came from.
    files = (f"{name}_file" for name in held if name not in given)
    names = (*_NOT_SECRET, *held, *files) if part in SECRETS_OF else _FOR_RASA
    found = machine_environment() | (_ALLOCATION if part in SECRETS_OF else {})
    for name in names:
        variable = f"INTERCUP_{name.upper()}"
        value = given.get(name, os.environ.get(variable))
        if value is not None:
            found[variable] = value
    return found


def _parts(settings: Settings) -> list[Part]:
    actions_port = urlsplit(settings.actions_url).port or 5055
    parts = [
        Part(
            "web",
            intercup_command("web"),
            ready=("127.0.0.1", settings.http_port),
            purpose="pagine, modulo e chat",
            ports=(
                Port(settings.http_port, "INTERCUP_HTTP_PORT", settings.http_host),
                *_metrics_port(settings, "web"),
            ),
            usual_seconds=2,
            watchdog_seconds=WATCHDOG,
        ),
        Part(
            "worker",
            intercup_command("worker"),
            purpose="invio delle e-mail",
            ports=_metrics_port(settings, "worker"),
            usual_seconds=3,
            watchdog_seconds=WATCHDOG,
        ),
        Part(
            "actions",
            intercup_command("actions"),
            ready=f"{settings.actions_url}/health",
            purpose="azioni dell'assistente",
            ports=(
                Port(actions_port, "INTERCUP_ACTIONS_URL"),
                *_metrics_port(settings, "actions"),
            ),
            usual_seconds=3,
            watchdog_seconds=WATCHDOG,
        ),
        *(_rasa(number, url) for number, url in enumerate(settings.rasa_urls, 1)),
    ]
    return [*parts, _demo(settings)] if settings.is_demo else parts


def _metrics_port(settings: Settings, part: str) -> tuple[Port, ...]:
    port = settings.metrics_port_of(part)
    return (Port(port, "INTERCUP_METRICS_PORT", settings.metrics_host),) if port else ()


def _rasa(number: int, url: str) -> Part:
    port = urlsplit(url).port or RASA_PORT
    return Part(
        "rasa" if number == 1 else f"rasa-{number}",
        (
            str(BOT_PYTHON.absolute()),
            *("-m", "engine.launcher", "follow", "--port", str(port)),
        ),
        ready=f"{url}/",
        purpose="comprensione e dialogo",
        cwd=BOT,
        ports=(Port(port, "INTERCUP_RASA_URL"),),
        usual_seconds=12,
        watchdog_seconds=WATCHDOG_OF_RASA,
    )


def _demo(settings: Settings) -> Part:
    return Part(
        "demo",
        intercup_command("demo"),
        ready=f"http://127.0.0.1:{settings.demo_idp_port}/metadata",
        purpose="identità e casella dimostrative",
        ports=(
            Port(settings.demo_idp_port, "INTERCUP_DEMO_IDP_PORT"),
            Port(settings.demo_smtp_port, "INTERCUP_DEMO_SMTP_PORT"),
        ),
        usual_seconds=2,
    )


def intercup_command(command: str) -> tuple[str, ...]:
    """Return the command line of one of our own commands, in a process of its own."""
    return (sys.executable, "-m", "intercup.commands.main", command)
