"""Send a SAML message through the browser: a redirect, or a page with a self-posting form."""

from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from intercup.administration import administration
from intercup.identity import service_provider
from intercup.identity.service_provider import Outgoing
from intercup.web.middleware import CONTENT_SECURITY_POLICY
from intercup.web.render import render_template

_SCRIPT = Path(service_provider.__file__).parent / "static" / "sso.js"


def send_on(request: web.Request, message: Outgoing) -> web.Response:
    """Pass the message to its receiver, without re-encoding the signed address."""
    if message.fields is None:
        # SAML allows 302 and 303; the conformance tool knows 302 only.
        return web.Response(status=302, headers={hdrs.LOCATION: message.url})
    response = render_template(
        request,
        "saml_post.html",
        {"url": message.url, "fields": message.fields, "names": administration().names},
    )
    receiver = urlsplit(message.url)
    # The receiver may redirect to another of its hosts, to which `form-action` also applies.
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "form-action 'self'", f"form-action {receiver.scheme}://{receiver.netloc} https:"
    )
    return response


async def script(request: web.Request) -> web.StreamResponse:
    """Return the two-line script that submits the form."""
    return web.FileResponse(_SCRIPT)
