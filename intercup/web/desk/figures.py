"""/presidio/numeri: a month's figures beside another's, as tables with bars, as CSV, printed."""

import time

from aiohttp import hdrs, web

from intercup.errors import NotFound
from intercup.services.figures.reading import (
    compared_months,
    figures_of,
    last_finished,
    totals,
)
from intercup.services.figures.tables import as_csv, as_text, in_words, months_of, tables_of
from intercup.web.app_keys import DATABASE, STRUCTURES
from intercup.web.desk.page import desk_page
from intercup.web.desk.place import ROOT

PATH = f"{ROOT}/numeri"


async def show(request: web.Request) -> web.Response:
    """Show the figures of a month; `month` and `before` are YYYY-MM."""
    now = time.time()
    month, before = (request.query.get(name, "") for name in ("month", "before"))
    try:
        month, before = compared_months(month, before, now)
    except (ValueError, OverflowError) as error:
        raise NotFound("not_found") from error
    last = last_finished(now)
    async with request.app[DATABASE].read() as reading:
        found = await figures_of(reading, month)
        compared = await figures_of(reading, before)
        months = await totals(reading, last)
    tables = tables_of(found, compared, request.app[STRUCTURES].directory)
    if "csv" in request.query:
        name = f'attachment; filename="numeri-{month}.csv"'
        text = "\ufeff" + as_csv(tables, month, before)  # else spreadsheets misread letters
        response = web.Response(text=text, content_type="text/csv", charset="utf-8")
        response.headers[hdrs.CONTENT_DISPOSITION] = name
        return response
    context = {
        "month": month,
        "before": before,
        "tables": tables,
        "months": months_of(months),
        "choices": sorted({*months, last, month, before}, reverse=True),
        "as_text": as_text,
        "in_words": in_words,
    }
    return await desk_page(request, "desk_figures.html", "figures", context)
