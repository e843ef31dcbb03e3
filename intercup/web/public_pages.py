"""The pages that are open to everybody, and their count by Web Analytics Italia, off by default.

A picture counts a visit: no script of others, no cookie. Pages after login, requests and links are
never counted.
"""

from urllib.parse import urlencode

from aiohttp import web

from intercup.web.app_keys import SETTINGS

PUBLIC_PAGES = ("/", "/assistenza", "/regolamento", "/privacy", "/note-legali", "/accessibilita")
COUNTER = "https://ingestion.webanalytics.italia.it"  # Source: the picture in WAI's own code
_PICTURES = "img-src 'self' data:"


def counter_of(request: web.Request, *, is_logged_in: bool) -> str | None:
    """Return the address of the picture that counts this visit, by the page's path alone."""
    if is_logged_in or not _is_counted(request):
        return None
    settings = request.app[SETTINGS]
    page = {"idsite": settings.web_analytics_site, "rec": 1}
    return f"{COUNTER}/matomo.php?{urlencode(page | {'url': settings.base_url + request.path})}"


def policy_with_counter(request: web.Request, policy: str) -> str:
    """Return a content policy that lets a counted page load the picture."""
    if not _is_counted(request):
        return policy
    return policy.replace(_PICTURES, f"{_PICTURES} {COUNTER}")


def _is_counted(request: web.Request) -> bool:
    is_visit = request.method == "GET" and request.path in PUBLIC_PAGES  # no form shown again
    return is_visit and bool(request.app[SETTINGS].web_analytics_site)
