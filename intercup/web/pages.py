"""The pages that show something."""

from datetime import UTC, datetime

from aiohttp import web

from intercup.services.notices.notices import Kind
from intercup.services.privacy.retention import kept
from intercup.web.app_keys import NOTICES, SETTINGS, STRUCTURES
from intercup.web.public_pages import PUBLIC_PAGES
from intercup.web.render import render_page, see_other, visitor_of
from intercup.web.session_cookie import current_citizen, login_first

SECURITY_TXT_DAYS = 180


async def home(request: web.Request) -> web.Response:
    """Show the public home; lead a logged-in citizen to the portal."""
    citizen, _ = await visitor_of(request)
    if citizen:
        return see_other("/portale")
    return await render_page(request, "home.html", "home")


async def portal(request: web.Request) -> web.Response:
    """Show the two functions after login."""
    if await current_citizen(request) is None:
        return see_other(login_first(request))
    return await render_page(request, "portal.html", "portal")


async def booking(request: web.Request) -> web.Response:
    """Show the booking page, from which the assistant takes the structure."""
    if await current_citizen(request) is None:
        return see_other(login_first(request))
    directory = request.app[STRUCTURES].directory
    structure = directory.structure_by_id.get(request.query.get("structure", ""))
    context = {
        "structures": directory.structures_by_province,
        "structure": structure,
        "about_structure": request.app[NOTICES].texts(Kind.STRUCTURE, structure.id)
        if structure
        else [],
    }
    return await render_page(request, "booking.html", "booking", context)


async def regulation(request: web.Request) -> web.Response:
    """Show section 3.4 of the Regolamento."""
    return await render_page(request, "regulation.html", "regulation")


async def privacy(request: web.Request) -> web.Response:
    """Show the privacy notice."""
    settings = request.app[SETTINGS]
    context = {
        "kept": kept(),
        "sentences": settings if settings.keeps_sentences else None,
        "is_counted": bool(settings.web_analytics_site),
    }
    return await render_page(request, "privacy.html", "privacy", context)


async def legal(request: web.Request) -> web.Response:
    """Show the legal notes."""
    return await render_page(request, "legal.html", "legal")


async def accessibility(request: web.Request) -> web.Response:
    """Show the accessibility statement."""
    return await render_page(request, "accessibility.html", "accessibility")


async def security_txt(request: web.Request) -> web.Response:
    """Publish the contact for security reports. Source: RFC 9116."""
    mailbox = request.app[STRUCTURES].directory.platform_mailbox
    end = datetime.now(UTC).date().toordinal() + SECURITY_TXT_DAYS
    expires = datetime.fromordinal(end).replace(tzinfo=UTC).isoformat()
    base_url = request.app[SETTINGS].base_url
    return web.Response(
        text=f"Contact: mailto:{mailbox}\nExpires: {expires}\nPreferred-Languages: it, en\n"
        f"Canonical: {base_url}/.well-known/security.txt\n"
        f"Policy: {base_url}/note-legali#sicurezza\n"
    )


async def robots(request: web.Request) -> web.Response:
    """Keep search engines on the pages that are open to everybody. Source: RFC 9309."""
    base_url = request.app[SETTINGS].base_url
    allowed = "".join(f"Allow: {path}$\n" for path in PUBLIC_PAGES)
    return web.Response(
        text=f"User-agent: *\n{allowed}Allow: /static/\nDisallow: /\n"
        f"\nSitemap: {base_url}/sitemap.xml\n"
    )


async def sitemap(request: web.Request) -> web.Response:
    """List the pages that are open to everybody. Source: sitemaps.org, 0.9."""
    base_url = request.app[SETTINGS].base_url
    pages = "".join(f"<url><loc>{base_url}{path}</loc></url>" for path in PUBLIC_PAGES)
    return web.Response(
        text='<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{pages}</urlset>\n',
        content_type="application/xml",
    )


def add_routes(app: web.Application) -> None:
    """Add the pages' routes."""
    app.router.add_get("/", home)
    app.router.add_get("/portale", portal)
    app.router.add_get("/prenota", booking)
    app.router.add_get("/regolamento", regulation)
    app.router.add_get("/privacy", privacy)
    app.router.add_get("/note-legali", legal)
    app.router.add_get("/accessibilita", accessibility)
    app.router.add_get("/.well-known/security.txt", security_txt)
    app.router.add_get("/robots.txt", robots)
    app.router.add_get("/sitemap.xml", sitemap)
