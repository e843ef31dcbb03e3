"""Send the browser on with a SAML message: a redirect, or a page whose form posts itself."""

from pathlib import Path
from urllib.parse import urlsplit

import aiohttp_jinja2
from aiohttp import hdrs, web

from intercup.identity import service_provider
from intercup.identity.service_provider import Outgoing
from intercup.web.middleware import CONTENT_SECURITY_POLICY

_SCRIPT = Path(service_provider.__file__).parent / "static" / "sso.js"


def send_on(request: web.Request, message: Outgoing) -> web.Response:
    """Pass the message to its receiver; the address goes out to the letter, as it was signed."""
    if message.fields is None:
        # SAML allows 302 and 303; the conformance tool knows 302 only.
        return web.Response(status=302, headers={hdrs.LOCATION: message.url})
    response = aiohttp_jinja2.render_template(
        "saml_post.html", request, {"url": message.url, "fields": message.fields}
    )
    receiver = urlsplit(message.url)
    # The receiver may lead on to another host of its own, which browsers count as the form's.
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "form-action 'self'", f"form-action {receiver.scheme}://{receiver.netloc} https:"
    )
    return response


async def script(request: web.Request) -> web.StreamResponse:
    """Give the two lines that press the form's button."""
    return web.FileResponse(_SCRIPT)
