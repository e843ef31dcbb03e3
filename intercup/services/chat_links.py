"""The links under a reply."""

from urllib.parse import quote

from intercup.services.scene import Scene
from intercup.texts import TEXTS

MAILTO_BODY_MAX = 1_500  # characters; some mail programs cut longer links
HREFS = {
    "login": "/accedi",
    "form": "/assistenza",
    "requests": "/richieste",
    "privacy": "/privacy",
    "regulation": "/regolamento",
    "emergency": "tel:112",
}


def link(name: str, scene: Scene) -> dict[str, str]:
    """Return the link with this name."""
    if name in HREFS:
        return {"title": TEXTS(f"link.{name}"), "href": HREFS[name]}
    directory = scene.directory
    address = {"mail_home": directory.home_mailbox, "mail_platform": directory.platform_mailbox}[
        name
    ]
    return {"title": TEXTS(f"link.{name}", mailbox=address), "href": mailto(address, scene.written)}


def mailto(address: str, body: str) -> str:
    """Return a link that opens a mail program with a message begun. Source: RFC 6068."""
    href = f"mailto:{address}?subject={quote(TEXTS('link.mail_subject'))}"
    lines = body[:MAILTO_BODY_MAX].replace("\n", "\r\n")
    return href + (f"&body={quote(lines)}" if lines else "")


def mail_body(scene: Scene) -> str:
    """Return the text of a mail to send alone: what was written, or what to write."""
    return TEXTS("mail.body", text=scene.written or TEXTS("mail.nothing_written"))
