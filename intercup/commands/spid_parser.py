"""How the commands `intercup spid …` are called; spid_commands.py does them."""

import argparse
from datetime import date
from pathlib import Path

from intercup.identity.scheme import SCHEMES

DEFAULT_DAYS = 730

type Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def add_spid_commands(commands: Commands) -> None:
    """Add `spid` with what it can do."""
    spid = commands.add_parser("spid", help="certificato, metadata e registro di SPID e CIE")
    parts = spid.add_subparsers(required=True, metavar="COSA")
    certificate = parts.add_parser("certificate", help="crea chiave e certificato, o li controlla")
    certificate.add_argument("--days", type=int, default=DEFAULT_DAYS, help="durata in giorni")
    certificate.set_defaults(command=_run, what="certificate")
    metadata = parts.add_parser("metadata", help="scrive il metadata firmato e lo controlla")
    names = [scheme.name for scheme in SCHEMES]
    metadata.add_argument("scheme", nargs="?", choices=names, default=names[0])
    metadata.add_argument("--output", type=Path, help="file da scrivere; se manca, il terminale")
    metadata.set_defaults(command=_run, what="metadata")
    register = parts.add_parser("register", help="registro degli accessi, 24 mesi")
    _add_register_commands(register.add_subparsers(required=True, metavar="COSA"))


def _add_register_commands(parts: Commands) -> None:
    find = parts.add_parser("find", help="mostra una richiesta con la sua risposta")
    wanted = find.add_mutually_exclusive_group(required=True)
    wanted.add_argument("id", nargs="?", help="ID di AuthnRequest, Response o Assertion")
    wanted.add_argument("--day", type=date.fromisoformat, help="elenca un giorno: AAAA-MM-GG")
    find.set_defaults(command=_run, what="find")
    purge = parts.add_parser("purge", help="elimina ciò che ha più di 24 mesi")
    purge.set_defaults(command=_run, what="purge")
    key = parts.add_parser("key", help="crea la chiave del registro, o ne aggiunge una nuova")
    key.set_defaults(command=_run, what="key")


def _run(arguments: argparse.Namespace) -> int:
    # 30 MB that the other commands don't need.
    from intercup.commands import spid_commands

    done: int = getattr(spid_commands, arguments.what)(arguments)
    return done
