"""A real nginx with the configuration in deploy/, on free ports."""

import asyncio
import re
import shutil
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aiohttp

from tests.support.paths import ROOT
from tests.support.ports import free_port

FOLDER = ROOT / "deploy/nginx"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/opt/homebrew/bin") or "nginx"
HOST = "intercup.example.it"
CERTIFICATE = (
    *("req", "-x509", "-nodes", "-subj", f"/CN={HOST}"),
    *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
)
TRUSTING = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TRUSTING.check_hostname, TRUSTING.verify_mode = False, ssl.CERT_NONE


@dataclass
class Proxy:
    """A running nginx and its folder."""

    folder: Path
    port: int
    plain_port: int

    def log(self) -> str:
        logs = [*self.folder.glob("*.log")]
        return "\n".join(path.read_text("utf-8") for path in logs)

    @asynccontextmanager
    async def get(self, path: str, **more: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        headers = {"Host": HOST} | more.pop("headers", {})
        url = f"https://127.0.0.1:{self.port}{path}"
        async with (
            aiohttp.ClientSession() as http,
            http.get(url, headers=headers, ssl=TRUSTING, **more) as response,
        ):
            yield response


def configured(folder: Path, port: int, plain_port: int, cells: Sequence[str]) -> str:
    """Return our configuration with the test's ports and paths."""
    text = (FOLDER / "intercup.conf").read_text("utf-8")
    text = re.sub(r"\n    listen \[::\].*", "", text)
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{plain_port};")
    options = " max_fails=2 fail_timeout=5s;"
    servers = "\n".join(f"    server {cell}{options}" for cell in cells)
    text = text.replace(f"    server 127.0.0.1:8080{options}", servers)
    for there, here in (
        ("/etc/ssl/intercup", folder),
        ("/etc/nginx/intercup-errors", FOLDER / "errors"),
        ("/var/log/nginx", folder),
    ):
        text = text.replace(str(there), str(here))
    places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{place}_temp_path {folder}/{place};\n" for place in places)
    return (
        f"daemon off;\nuser root;\npid {folder}/pid;\nerror_log {folder}/start.log crit;\n"
        f"events {{ worker_connections 4096; }}\nhttp {{\n{temporary}{text}\n}}\n"
    )


@asynccontextmanager
async def running_nginx(
    folder: Path,
    cells: Sequence[str],
    changes: Mapping[str, str] = MappingProxyType({}),
    port: int | None = None,
) -> AsyncIterator[Proxy]:
    """Run nginx before these cells, with some words of its configuration changed."""
    proxy = Proxy(folder, port or free_port(), free_port())
    keys = ("-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem")
    await run("openssl", *CERTIFICATE, *keys)
    text = configured(folder, proxy.port, proxy.plain_port, cells)
    for words, others in changes.items():
        assert words in text, words
        text = text.replace(words, others)
    (folder / "nginx.conf").write_text(text, "utf-8")
    command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with (folder / "output").open("wb") as output:
        process = await asyncio.create_subprocess_exec(*command, stdout=output, stderr=output)
    try:
        await until_it_listens(proxy.port, folder / "output")
        yield proxy
    finally:
        process.terminate()
        await process.wait()


async def run(*command: str | Path) -> None:
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0


async def until_it_listens(port: int, output: Path) -> None:
    for _ in range(100):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise AssertionError(output.read_text("utf-8"))  # noqa: ASYNC240
