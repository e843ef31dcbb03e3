"""The whole service in one cell on SQLite, or in several on one PostgreSQL."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.postgres_server import postgres_server
from tests.support.running_service import STOP_LIMIT, RunningService, start_service


@contextmanager
def running_cells(count: int, **more: str) -> Iterator[list[RunningService]]:
    """Start the cells on this machine, each with a worker; yield them before they are ready."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        if count > 1:
            address = stack.enter_context(postgres_server())
            (folder / "secret.key").write_text("s" * 64)
            more |= {
                "INTERCUP_DATABASE_URL": f"postgresql+asyncpg://{address}/postgres",
                "INTERCUP_SECRET_KEY_FILE": str(folder / "secret.key"),
            }
        yield [_started(stack, folder / f"cell{number}", more) for number in range(count)]


def _started(stack: ExitStack, folder: Path, more: dict[str, str]) -> RunningService:
    folder.mkdir()
    cell, process = start_service(folder, **more)
    stack.callback(_stop, process)
    return cell


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(STOP_LIMIT)
