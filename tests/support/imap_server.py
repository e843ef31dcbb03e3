"""A real IMAP server of our own: Dovecot from Debian's packages, over TLS on a free port."""

import grp
import imaplib
import os
import pwd
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.ports import free_port

PATIENCE = 20.0  # seconds
USER, PASSWORD = "assistenza@intercup.example.it", "segreta-e-lunga"
CONFIG = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = required
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login_user}
first_valid_uid = 1
mail_location = maildir:{folder}/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""


@dataclass(frozen=True)
class ImapServer:
    """A running server: its address, its certificate and the maildir behind it."""

    url: str
    certificate: Path
    maildir: Path


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    """Run a server in a folder accessible to its own user."""
    folder = Path(tempfile.mkdtemp(prefix="intercup-imap-"))
    try:
        yield from _serving(folder)
    finally:
        shutil.rmtree(folder)


def _serving(folder: Path) -> Iterator[ImapServer]:
    program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        raise AssertionError("Dovecot manca: apt-get install dovecot-imapd")
    name = pwd.getpwuid(os.geteuid()).pw_name
    user, login_user = (name, name) if os.geteuid() else ("dovecot", "dovenull")
    port = free_port()
    for part in ("run", "state", "home", "mail/new", "mail/cur", "mail/tmp"):
        (folder / part).mkdir(parents=True)
    _make_certificate(folder)
    entry = pwd.getpwnam(user)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, entry.pw_uid, entry.pw_gid)
    folder.chmod(0o755)
    values = {"user": user, "login_user": login_user, "group": _group(entry.pw_gid)}
    config = folder / "dovecot.conf"
    config.write_text(CONFIG.format(folder=folder, port=port, password=PASSWORD, **values))
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen([program, "-F", "-c", config], stdout=output, stderr=output)
    try:
        _wait_until_ready(process, folder, port)
        url = f"imaps://{USER.replace('@', '%40')}@localhost:{port}/INBOX"
        yield ImapServer(url, folder / "certificate.pem", folder / "mail")
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _group(number: int) -> str:
    return grp.getgrgid(number).gr_name


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path, port: int) -> None:
    """Wait for a greeting: a starting server drops its first connections."""
    end = time.monotonic() + PATIENCE
    trusting = ssl.create_default_context(cafile=str(folder / "certificate.pem"))
    while True:
        try:
            imaplib.IMAP4_SSL("localhost", port, ssl_context=trusting, timeout=5).shutdown()
            return
        except (OSError, imaplib.IMAP4.error):
            if process.poll() is not None or time.monotonic() > end:
                output = (folder / "output").read_text()
                raise AssertionError(f"Dovecot non parte: {output}") from None
            time.sleep(0.05)


def _make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
