"""`intercup demo`: identities and mailbox."""

import socket
from pathlib import Path

from tests.support.commands import run_command
from tests.support.ports import free_port


def test_without_its_mailbox_the_demo_offers_no_identities(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        ports = {"SMTP": taken.getsockname()[1], "IDP": free_port()}
        settings = {f"INTERCUP_DEMO_{name}_PORT": str(port) for name, port in ports.items()}
        done = run_command("demo", INTERCUP_DATA_DIR=str(tmp_path), **settings)

    assert done.returncode != 0
    assert not (tmp_path / "spid" / "providers" / "demo.xml").exists()
