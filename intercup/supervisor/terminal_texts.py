"""The supervisor's Italian sentences, all of them."""

import errno
import signal
import time

from intercup.supervisor.ports import TakenPort
from intercup.supervisor.state import Ended, Row, State

MEGABYTE = 1024 * 1024

FOOTER = "Ctrl-C ferma tutto · registri in {log_dir}"
STOPPING = "Arresto: ogni componente finisce ciò che ha iniziato (ancora Ctrl-C per forzare)."
HURRY = "Arresto immediato."
ALL_STOPPED = "Tutti i componenti sono fermi."
GAVE_UP = "InterCup non può partire: corretto l'errore qui sopra, ripeti il comando."
LAST_LINES = "ultime righe di {log}"
NO_LINES = "nessuna riga in {log}"


def duration(seconds: float) -> str:
    """Write seconds the Italian way: 3,2 s; 45 s; 12 min."""
    if seconds < 9.95:
        return f"{seconds:.1f} s".replace(".", ",")
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def state(row: Row) -> str:
    """Say the row's state."""
    elapsed = time.monotonic() - row.since
    match row.state:
        case State.STARTING:
            return f"avvio… {elapsed:.0f} s"
        case State.READY:
            return f"pronto in {duration(row.seconds)}"
        case State.RESTARTING:
            return f"riavvio tra {max(row.seconds - elapsed, 0):.0f} s"
        case State.STOPPING:
            return f"si ferma… {elapsed:.0f} s"
        case State.STOPPED:
            return "fermo"
        case State.FAILED:
            return "non si avvia"


def beside(row: Row) -> str:
    """Say what helps beside the state: how long it usually takes, or the memory."""
    if row.state is State.STARTING and row.part.usual_seconds:
        return f"di solito {row.part.usual_seconds:.0f} s"
    if row.state is State.READY and row.memory:
        return f"{row.memory / MEGABYTE:.0f} MB"
    return ""


def ended(end: Ended) -> str:
    """Say how a part's life ended."""
    if end.error is not None:
        return f"comando non avviabile: {end.error.strerror} ({end.error.filename})"
    if end.code is None:
        return f"non risponde dopo {duration(end.lived_seconds)}"
    if end.hung:
        return f"bloccato dopo {duration(end.lived_seconds)}: non dava più segni di vita"
    how = f"segnale {signal.Signals(-end.code).name}" if end.code < 0 else f"codice {end.code}"
    return f"terminato dopo {duration(end.lived_seconds)} ({how})"


def restarting(end: Ended, delay_seconds: float) -> str:
    """Say how it ended and when it starts again."""
    return f"{ended(end)}, riavvio tra {delay_seconds:.0f} s"


def gave_up(end: Ended, attempts: int) -> str:
    """Say how it ended and that this was the last time."""
    return ended(end) if end.hopeless else f"{ended(end)}, {attempts} tentativi: rinuncio"


def all_ready(seconds: float, address: str) -> str:
    """Say that everything works, and where."""
    return f"Pronto in {duration(seconds)}: apri {address}"


def port_taken(taken: TakenPort) -> tuple[str, str]:
    """Say which port can't be had, why, and what to do."""
    number, setting = taken.port.number, taken.port.setting
    subject = f"La porta {number} ({taken.part.name})"
    match taken.error.errno:
        case errno.EADDRINUSE:
            problem = f"{subject} è già occupata" + (f" da {taken.holder}" if taken.holder else "")
            remedy = "Fermalo"
        case errno.EACCES:
            problem = f"{subject} non è permessa a questo utente"
            remedy = "Usa una porta dalla 1024 in su"
        case _:
            problem = f"{subject} non è utilizzabile su {taken.port.host}: {taken.error.strerror}"
            remedy = "Controlla l'indirizzo"
    if setting:
        other = str(number + 1000 if number < 60000 else number - 1000)
        value = f"http://{taken.port.host}:{other}" if setting.endswith("_URL") else other
        remedy += f", o scegli un'altra porta: {setting}={value}"
    return f"{problem}.", remedy
