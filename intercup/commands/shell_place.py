"""A place for `rasa shell` as a test citizen: secret, endpoints and model in the demo's folder."""

import hashlib
import secrets
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intercup.commands.bot_folder import BOT, MODEL
from intercup.commands.terminal import say, with_database
from intercup.errors import ConfigurationError
from intercup.settings import Settings

if TYPE_CHECKING:
    from actions.shell_citizen import ShellCitizen

    from intercup.db.engine import Database
    from intercup.domain.request import Citizen

FOLDER = "shell"  # in the data folder
SHOWN = 12  # characters of a fingerprint
SECRET_BYTES = 32


def citizen_named(name: str, settings: Settings) -> "Citizen":
    """Return the demo's citizen whose name or surname contains the word.

    Raises:
        ConfigurationError: this isn't the demo, or the word fits none of them, or several.
    """
    from intercup.domain.request import Citizen
    from intercup.identity.demo_citizens import CITIZENS
    from intercup.services.ids import person_key

    if not settings.is_demo:
        raise ConfigurationError(["--test-citizen: esiste solo nella demo"])
    found = [
        each for each in CITIZENS if name.casefold() in f"{each.name} {each.surname}".casefold()
    ]
    if len(found) != 1:
        known = ", ".join(f"{each.name} {each.surname}" for each in CITIZENS)
        raise ConfigurationError(
            [f"--test-citizen: serve uno di questi nomi, o una parte: {known}"]
        )
    key = person_key(settings.secret_key, found[0].fiscal_number)
    return Citizen(key, found[0].name, found[0].surname, found[0].email or "")


def with_place(settings: Settings) -> Settings:
    """Return the settings with a secret and an address of their own, beside `make run`."""
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        port = attempt.getsockname()[1]
    given = {
        "actions_url": f"http://127.0.0.1:{port}",
        "rasa_secret": settings.rasa_secret or secrets.token_hex(SECRET_BYTES),
    }
    return settings.model_copy(update=given)


def begin(settings: Settings, who: "Citizen") -> "ShellCitizen":
    """Open a conversation of the test citizen, and print what to type in bot/.

    Raises:
        ConfigurationError: no model is published.
    """
    from actions.shell_citizen import begin_talk

    from intercup.services.models.store import Shipped, content_of, published

    async def work(database: "Database") -> "ShellCitizen":
        async with database.read() as reading:
            model = await published(reading, Shipped(MODEL).base)
            content = await content_of(reading, model.sha256) if model else b""
        if model is None:
            raise ConfigurationError([f"{MODEL}: `make train`, poi `intercup migrate`"])
        citizen = await begin_talk(database, who)
        folder = _write(settings, content)
        say(f"Modello pubblicato: {model.name}, impronta {model.sha256[:SHOWN]}")
        if (newest := _fingerprint(Shipped(MODEL).newest)) != model.sha256:
            say(f"`rasa shell` senza --model ne prende un altro, impronta {newest[:SHOWN]}")
        say(f"Conversazione di {who.name} {who.surname}: {citizen.sender_id}")
        say(f"Segreto: {folder / 'secret'}")
        say(shell_command(folder, citizen.sender_id))
        return citizen

    return with_database(settings.database_url, work)


def _write(settings: Settings, model: bytes) -> Path:
    """Write what the shell needs; return the folder."""
    import yaml

    folder = (settings.data_dir / FOLDER).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "secret").write_text(settings.rasa_secret)
    endpoints: dict[str, Any] = yaml.safe_load((BOT / "endpoints.yml").read_text("utf-8"))
    endpoints["action_endpoint"]["url"] = f"{settings.actions_url}/webhook"
    (folder / "endpoints.yml").write_text(yaml.safe_dump(endpoints), "utf-8")
    (folder / "model.tar.gz").write_bytes(model)
    return folder


def _fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def shell_command(folder: Path, sender_id: str) -> str:
    """Return what to type in bot/; an id may begin with "-", so it is joined to its option."""
    words = (
        f"INTERCUP_RASA_SECRET_FILE={folder / 'secret'}",
        f"rasa shell --conversation-id={sender_id}",
        f"--endpoints {folder / 'endpoints.yml'}",
        f"--model {folder / 'model.tar.gz'}",
    )
    joined = " \\\n    ".join(words)
    return f"In un altro terminale, in bot/, con l'ambiente .venv-bot attivo:\n  {joined}"
