"""/recapito: change the e-mail address, proved by a code, on plain pages."""

import time
from urllib.parse import quote

from aiohttp import web

from intercup.domain.mailbox import is_mailbox
from intercup.domain.request import Citizen
from intercup.errors import NotAuthenticated, TooMany
from intercup.languages.visitor import LANGUAGE
from intercup.services.ids import new_id
from intercup.services.limits import HOUR
from intercup.services.login.address_proof import AddressProofs, Visitor, open_proof
from intercup.services.login.login import safe_return
from intercup.services.login.sessions import Session
from intercup.texts import spoken
from intercup.web.app_keys import DATABASE, PROOFS
from intercup.web.client_ip import address_of
from intercup.web.form_fields import read_fields
from intercup.web.render import render_page, see_other
from intercup.web.session_cookie import current_session, login_first

AFTERWARDS = "/assistenza"
HERE = "/recapito"


async def address_page(request: web.Request) -> web.Response:
    """Show the address with the form for a new one, or for the code already sent."""
    session = await current_session(request)
    if session is None or session.citizen is None:
        return see_other(login_first(request))
    return_to = safe_return(request.query.get("ritorno", ""), AFTERWARDS)
    return await _page(request, session, return_to, other="altro" in request.query)


async def post_address(request: web.Request) -> web.Response:
    """Send a code to the new address."""
    fields = await read_fields(request, ("email", "ritorno", "key"))
    session, citizen = await _citizen_session(request)
    return_to = safe_return(fields["ritorno"], AFTERWARDS)
    if fields["email"].strip() == citizen.email:
        return see_other(return_to)
    result = await _proofs(request).ask(
        session.id_hash,
        fields["key"] or new_id(),
        fields["email"],
        Visitor(session.id_hash, address_of(request), LANGUAGE.get()),
        time.time(),
    )
    if result == "sent":
        return _again(return_to)
    if result == "limited":
        raise _limited()
    error = spoken("address.invalid")
    typed = fields["email"]
    return await _page(request, session, return_to, other=True, error=error, typed=typed)


async def post_code(request: web.Request) -> web.Response:
    """Check the code, or send another one."""
    fields = await read_fields(request, ("code", "again", "ritorno", "key"))
    session, _ = await _citizen_session(request)
    return_to = safe_return(fields["ritorno"], AFTERWARDS)
    subject, key = session.id_hash, fields["key"] or new_id()
    visitor, now = Visitor(subject, address_of(request), LANGUAGE.get()), time.time()
    if fields["again"]:
        if await _proofs(request).ask_again(subject, key, visitor, now) == "limited":
            raise _limited()
        return _again(return_to)
    result = await _proofs(request).check(subject, key, fields["code"], visitor, now)
    if result == "right":
        return see_other(return_to)
    error = spoken(f"address.{result or 'malformed'}")
    ended = result in ("expired", "used_up")
    return await _page(request, session, return_to, other=ended, error=error)


async def _citizen_session(request: web.Request) -> tuple[Session, Citizen]:
    session = await current_session(request)
    if session is None or session.citizen is None:
        raise NotAuthenticated("not_authenticated")
    return session, session.citizen


def _proofs(request: web.Request) -> AddressProofs:
    return request.app[PROOFS]


def _limited() -> TooMany:
    return TooMany("too_many_codes", retry_after=int(HOUR))


def _again(return_to: str) -> web.Response:
    return see_other(f"{HERE}?ritorno={quote(return_to)}")


async def _page(
    request: web.Request,
    session: Session,
    return_to: str,
    *,
    other: bool,
    error: str = "",
    typed: str = "",
) -> web.Response:
    async with request.app[DATABASE].read() as reading:
        proof = await open_proof(reading, session.id_hash, time.time())
    current = session.citizen.email if session.citizen else ""
    context = {
        "current": current if is_mailbox(current) else "",
        "waiting": proof.email if proof else "",
        "asks_code": proof is not None and not other,
        "return_to": return_to,
        "key": new_id(),
        "error": error,
        "typed": typed,
    }
    status = 422 if error else 200
    return await render_page(request, "address.html", "address", context, status=status)


def add_routes(app: web.Application) -> None:
    """Add the routes of the address."""
    app.router.add_get(HERE, address_page)
    app.router.add_post(HERE, post_address)
    app.router.add_post(f"{HERE}/codice", post_code)
