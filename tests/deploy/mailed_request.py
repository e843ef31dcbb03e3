"""A whole request in a clean root, before login: a relay with TLS here gets the code and the mails.

Part of clean_root.sh, as root where the units run: `python -m tests.deploy.mailed_request SITE`.
"""

import asyncio
import re
import ssl
import subprocess
import sys
from pathlib import Path

from tests.support.chatting_citizen import ChattingCitizen, number_in
from tests.support.mails import body_in
from tests.support.smtp_servers import Caught, MailCatcher, running_catcher

CERTIFICATE = Path("/etc/ssl/intercup/fullchain.pem")
SMTP_URL = Path("/etc/intercup/credentials/smtp_url")
ADDRESS = "salvo.russo@example.it"
MAILED_WITHIN = 60.0  # seconds


async def main(site: str) -> None:
    """Let the worker use a relay here, then chat until the request is mailed."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE, CERTIFICATE.with_name("privkey.pem"))
    async with running_catcher(tls_context=context, require_starttls=True) as relay:
        await asyncio.to_thread(use, f"smtp+starttls://{site}:{relay.port}")
        async with ChattingCitizen(f"https://{site}") as citizen:
            number = await request_of(citizen, relay)
        office, copy = await arrived(relay, number, 2)
    print(f"{number}: mailed to {office.rcpt} and {copy.rcpt}")  # noqa: T201
    assert [ADDRESS] in (office.rcpt, copy.rcpt)


async def request_of(citizen: ChattingCitizen, relay: MailCatcher) -> str:
    """Chat until the request has its number."""
    await citizen.open("home")
    await citizen.say("quando faccio lo spid mi riporta sempre alla pagina iniziale")
    await citizen.press("Invia il messaggio da qui")
    await citizen.say(ADDRESS)
    (mail,) = await arrived(relay, "", 1)
    code = re.search(r"\b\d{6}\b", body_in(mail.raw))
    assert code
    await citizen.say(code[0])
    for title in ("Sì, confermo", "Sì, confermo", "Invia"):
        await citizen.press(title)
    return number_in(citizen.text)


async def arrived(relay: MailCatcher, words: str, count: int) -> list[Caught]:
    """Wait for this many mails with some words in their subjects."""
    async with asyncio.timeout(MAILED_WITHIN):
        while True:
            found = [mail for mail in relay.mails if words in mail.message["Subject"]]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.2)


def use(relay: str) -> None:
    """Start the worker again with this relay."""
    SMTP_URL.write_text(relay)
    subprocess.run(["systemctl", "restart", "intercup-worker"], check=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
