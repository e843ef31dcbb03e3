"""The command `intercup` in a process of its own, forked from one that has imported its modules."""

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

LIMIT = 60.0  # seconds
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(
    [
        "intercup.commands.main",
        "intercup.db.migrate",
        "intercup.web.app",
        "sqlalchemy.dialects.sqlite.aiosqlite",
        "sqlalchemy.dialects.postgresql.asyncpg",
    ]
)


def run_command(
    *arguments: str, typed: str = "", **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run `intercup` with these arguments, input and environment variables."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "0").write_text(typed, "utf-8")
        process = _forks.Process(target=_main, args=(arguments, os.environ | settings, folder))
        process.start()
        process.join(LIMIT)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(arguments, LIMIT)
        out, err = ((folder / number).read_text("utf-8") for number in "12")
        return subprocess.CompletedProcess(arguments, process.exitcode, out, err)


def _main(arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    for number, flags in enumerate((os.O_RDONLY, *(os.O_WRONLY | os.O_CREAT,) * 2)):
        os.dup2(os.open(folder / str(number), flags, 0o600), number)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
    sys.argv = ["intercup", *arguments]
    from intercup.commands.main import main

    main()
