"""How the commands about the data are called: bounces, purge, person, backup, restore."""

import argparse
from pathlib import Path

type Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_data_commands(commands: Commands) -> None:
    """Add the commands."""
    bounces = commands.add_parser("bounces", help="legge i rapporti di mancata consegna")
    bounces.add_argument("folder", nargs="?", type=Path, help="maildir o cartella di file .eml")
    bounces.set_defaults(command=_run, what="bounces")
    purge = commands.add_parser("purge", help="elimina ciò che ha superato il tempo previsto")
    purge.add_argument("--dry-run", action="store_true", help="dice solo che cosa eliminerebbe")
    purge.set_defaults(command=_run, what="purge")
    backup = commands.add_parser("backup", help="copia la base dati, anche a servizio acceso")
    backup.add_argument("file", type=Path, help="file da creare")
    backup.set_defaults(command=_run, what="backup")
    restore = commands.add_parser("restore", help="rimette una copia al posto della base dati")
    restore.add_argument("file", type=Path, help="copia da rimettere")
    restore.add_argument("--yes", action="store_true", help="non chiede conferma")
    restore.set_defaults(command=_run, what="restore")
    person = commands.add_parser("person", help="esporta o elimina i dati di una persona")
    _add_person_commands(person.add_subparsers(required=True, metavar="COSA"))


def _add_person_commands(parts: Commands) -> None:
    export = parts.add_parser("export", help="scrive in JSON tutto ciò che c'è")
    export.add_argument("--out", type=Path, help="cartella; se manca, il terminale")
    erase = parts.add_parser("erase", help="elimina, o rende anonimo, tutto ciò che c'è")
    erase.add_argument("--yes", action="store_true", help="non chiede conferma")
    erase.add_argument(
        "--yes-lose", action="store_true", help="anche se un'e-mail non è ancora partita"
    )
    for parser, what in ((export, "export"), (erase, "erase")):
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("fiscal_code", nargs="?", help="codice fiscale")
        who.add_argument("--email", help="indirizzo e-mail")
        parser.set_defaults(command=_run_person, what=what)


def _run(arguments: argparse.Namespace) -> int:
    from intercup.commands import data_commands

    done: int = getattr(data_commands, arguments.what)(arguments)
    return done


def _run_person(arguments: argparse.Namespace) -> int:
    from intercup.commands import person as person_commands

    done: int = getattr(person_commands, arguments.what)(arguments)
    return done
