"""A real clamd, with one signature: EICAR's. Debian's package is `clamav-daemon`."""

import hashlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from intercup.domain.attachment import FileRefused
from intercup.services.attachments.antivirus import scan
from tests.support.hostile_files import EICAR, PNG

CLAMD = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin:/opt/homebrew/sbin")
PATIENCE = 30.0  # seconds

pytestmark = pytest.mark.skipif(CLAMD is None, reason="clamd isn't installed")


@pytest.fixture
def clamd(tmp_path: Path) -> Iterator[Path]:
    """The socket of a running clamd."""
    signature = hashlib.md5(EICAR, usedforsecurity=False).hexdigest()
    (tmp_path / "test.hdb").write_text(f"{signature}:{len(EICAR)}:Eicar\n")
    socket, settings = tmp_path / "clamd.sock", tmp_path / "clamd.conf"
    settings.write_text(f"Foreground yes\nDatabaseDirectory {tmp_path}\nLocalSocket {socket}\n")
    process = subprocess.Popen(
        [str(CLAMD), "--config-file", str(settings)], stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + PATIENCE
    while not socket.exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield socket
    process.terminate()
    process.wait(PATIENCE)


async def test_a_real_antivirus_refuses_what_it_knows(clamd: Path) -> None:
    await scan(clamd, PNG)
    with pytest.raises(FileRefused, match="virus"):
        await scan(clamd, EICAR)
