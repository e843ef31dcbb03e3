"""The only reader of posted forms."""

from urllib.parse import parse_qsl

from aiohttp import web

from intercup.domain.normalise import TEXT_MAX
from intercup.domain.request import PAGE_FACTS, TEXT_FIELDS
from intercup.errors import InvalidInput, TooLarge
from intercup.web.body import read_body

FORM_MAX = 64 * 1024  # bytes
SAML_MAX = 256 * 1024  # bytes; a signed response is the largest input
FIELDS_MAX = 50
# Fields that may contain line ends: free text, and base64 wrapped by identity providers.
WITH_LINES = frozenset(
    {*TEXT_FIELDS, PAGE_FACTS, "note", "details", "addition", "wording", "values"}
    | {"SAMLResponse", "SAMLRequest"}
)
# Fields that may have more than TEXT_MAX characters. A description that is too long comes back
# with its page, so that nothing typed is lost.
LONGER = dict.fromkeys((*TEXT_FIELDS, "values", "shown"), FORM_MAX) | {
    "SAMLResponse": SAML_MAX,
    "SAMLRequest": SAML_MAX,
}


async def read_fields(
    request: web.Request, names: tuple[str, ...], most: int = FORM_MAX
) -> dict[str, str]:
    """Read the text fields of a form of limited size; a missing field is empty.

    Raises:
        InvalidInput: the body isn't a form, arrives too slowly, or has control characters
            in fields that nobody types.
        TooLarge: the body or a field is too long.
    """
    if (
        request.content_type != "application/x-www-form-urlencoded"
        or (request.charset or "utf-8").lower() != "utf-8"
    ):
        raise InvalidInput("bad_request")
    raw = await read_body(request, most)
    try:
        pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError as error:
        raise InvalidInput("bad_request") from error
    return checked(pairs, names)


def checked(pairs: list[tuple[str, str]], names: tuple[str, ...]) -> dict[str, str]:
    """Return the named fields; a missing one is empty.

    Raises:
        InvalidInput: a field that nobody types has control characters.
        TooLarge: a field is too long.
    """
    posted = dict(reversed(pairs))  # The first of two fields with the same name counts.
    values = {name: posted.get(name, "") for name in names}
    if any(len(value) > LONGER.get(name, TEXT_MAX) for name, value in values.items()):
        raise TooLarge("too_large")
    if not all(values[name].isprintable() for name in values.keys() - WITH_LINES):
        raise InvalidInput("bad_request")
    return values
