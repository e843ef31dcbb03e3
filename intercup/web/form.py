"""The plain form: the same request without chat and without JavaScript."""

import time
from contextlib import nullcontext, suppress
from datetime import UTC, datetime

from aiohttp import hdrs, web
from markupsafe import Markup

from intercup.domain.attachment import FILES_MAX, CleanFile, StoredFile
from intercup.domain.consent import CONSENTS
from intercup.domain.dialogue import EMERGENCY, Draft, Heard, misroutes
from intercup.domain.directory import Directory
from intercup.domain.italian_time import ROME
from intercup.domain.mailbox import is_mailbox
from intercup.domain.normalise import TEXT_MAX, normalise
from intercup.domain.request import (
    DESCRIPTION_MAX,
    DESCRIPTION_MIN,
    OPTIONAL_FIELDS,
    PAGE_FACTS,
    REQUEST_FIELDS,
    TEXT_FIELDS,
    Citizen,
    RegisteredRequest,
    RequestForm,
)
from intercup.domain.structure_names import resolve_structure
from intercup.errors import TooMany, Unavailable
from intercup.languages.catalogues import ITALIAN, fact_words, languages
from intercup.languages.visitor import LANGUAGE, italian, size_words
from intercup.services.attachments.store import (
    FileDraft,
    drop_file,
    file_seal,
    ids_of,
    keep_file,
    waiting_files,
)
from intercup.services.chat.rasa_client import as_plain_text
from intercup.services.chat.words import label_of
from intercup.services.ids import hash_of, new_id
from intercup.services.limits import request_limits
from intercup.services.login.sessions import keep_form
from intercup.services.notices.notices import Kind
from intercup.services.requests.doubts import facts_of
from intercup.services.requests.submit import (
    IncompleteRequest,
    Submission,
    submit_request,
)
from intercup.services.structures.stored import category_of, structure_name_of
from intercup.texts import TEXTS, spoken, spoken_section
from intercup.web.app_keys import (
    DATABASE,
    FLOODS,
    NOTICES,
    RASA,
    SETTINGS,
    STRUCTURES,
)
from intercup.web.render import render_page, see_other, visitor_of
from intercup.web.session_cookie import (
    came_from,
    current_citizen,
    current_session,
    session_cookie_hash,
)
from intercup.web.upload import SentFile, keep_files, place_for_files, read_form

# Marks of the doubted values that the citizen has confirmed.
CHECKED = ("checked_category", "checked_structure", "checked_description")
WRITTEN = ("category", "structure", *REQUEST_FIELDS, *(consent.id for consent in CONSENTS))
FIELDS = (
    *WRITTEN,
    *("submission_key", "person", "next", "drop_file"),
    "language",  # of this page: another tab may have changed the browser's meanwhile
    "files_kept",  # how many the form has, as the citizen saw it
    "page_offered",  # what the page knows was shown, so that leaving it out isn't undone
    *CHECKED,
)
# Optional fields with a list of answers, by key, as the office reads them.
CHOICES = {
    "best_time": TEXTS.section("best_time"),
    "relation": TEXTS.section("relation"),
}
# Destinations of the form's other buttons; the typed values are kept meanwhile.
NEXT_PAGES = {
    "address": "/recapito?ritorno=/assistenza",
    "login": "/accedi?ritorno=/assistenza",
} | {f"language-{code}": f"/assistenza?lingua={code}" for code in languages()}


async def get_form(request: web.Request) -> web.Response:
    """Show the form, with the structure of the previous page."""
    directory = request.app[STRUCTURES].directory
    structure = request.query.get("structure", "")
    if structure not in directory.structure_by_id:
        structure = ""
    session = await current_session(request)
    citizen = session.citizen if session else None
    kept = (session.kept_form if session and citizen else None) or {}
    values = kept | {"structure": kept.get("structure") or structure}
    if kept and citizen and await _files_gone(request, values, citizen):
        values["files_lost"] = "1"
    offered = "" if kept.get("structure") else structure_name_of(directory, structure) or ""
    return await _form_page(request, values, {}, restored=_is_written(kept), offered=offered)


async def post_form(request: web.Request) -> web.Response:
    """Register the request, or show the form again with its problems and all typed values."""
    citizen, _ = await visitor_of(request)
    place = place_for_files(request, session_cookie_hash(request) or "")
    async with place if citizen else nullcontext():
        return await _answer_form(request, keeps_files=citizen is not None)


async def _answer_form(request: web.Request, *, keeps_files: bool) -> web.Response:
    values, files = await read_form(request, FIELDS, keeps_files=keeps_files)
    if files:
        values["files_lost"] = "1"  # until they are kept
    too_long: dict[str, str] = {
        name: spoken(f"problem.{name}_long") for name in TEXT_FIELDS if len(values[name]) > TEXT_MAX
    }
    if too_long:
        return await _form_page(request, values, too_long, 422)
    try:
        citizen = await current_citizen(request)
        if citizen is None or values["next"] in NEXT_PAGES:
            return await _put_aside(request, values, files, citizen)
        if not is_mailbox(citizen.email):
            return await _form_page(request, values, {"email": spoken("address.missing")}, 422)
        if values["person"] not in ("", _mark_of(citizen.person_key)):
            # Another person has logged in in another tab: no request in their name.
            return await _form_page(request, values, {"form": spoken("error.other_person")}, 409)
        request.app[FLOODS].messages.take(session_cookie_hash(request) or "")
        gone = await _files_gone(request, values, citizen)
        refused = await _keep_files(request, values, files, citizen)
        if gone:  # The files chosen now are kept.
            return await _form_page(request, values, gone | refused, 422)
        if values["drop_file"]:
            draft = _draft_of(request, values, citizen)
            await drop_file(request.app[DATABASE], draft, values["drop_file"])
        if values["drop_file"] or refused:
            return await _form_page(request, values, refused, 422 if refused else 200)
        if doubts := await _doubts(request, values):
            for name in doubts:
                values[f"checked_{name}"] = _mark_of(values[name])
            return await _form_page(request, values, doubts, 422)
        registered = await _submit(request, values, citizen)
    except IncompleteRequest as error:
        if "files" in error.problems:  # The files of this key went with an earlier request.
            values["submission_key"] = new_id()
        problems = {name: spoken(f"problem.{key}") for name, key in error.problems.items()}
        return await _form_page(request, values, problems, status=422)
    except (TooMany, Unavailable) as error:
        response = await _form_page(
            request, values, {"form": spoken(f"error.{error.key}")}, status=error.status
        )
        response.headers[hdrs.RETRY_AFTER] = str(error.retry_after)
        return response
    return see_other(f"/richieste/{registered.number}")


async def _put_aside(
    request: web.Request, values: dict[str, str], files: list[SentFile], citizen: Citizen | None
) -> web.Response:
    """Keep the typed values for after the login or the change of address, and tell lost files."""
    if citizen and (refused := await _keep_files(request, values, files, citizen)):
        return await _form_page(request, values, refused, 422)
    # The page's facts go along with "Invia" only; their refusal is all that is kept.
    passing = {"next", "person", "language", PAGE_FACTS}
    if values[PAGE_FACTS]:
        passing.add("page_offered")
    typed = {name: value for name, value in values.items() if name not in passing}
    kept = await keep_form(request.app[DATABASE], session_cookie_hash(request), typed)
    if citizen and values["next"] == "login":  # Already logged in, in another tab.
        return see_other("/assistenza")
    if kept and values["next"] in NEXT_PAGES:
        return see_other(NEXT_PAGES[values["next"]])
    if _count(values) and not kept:
        values["files_lost"] = "1"
    return await _form_page(request, values, {}, 401 if citizen is None else 200, kept=kept)


def _draft_of(request: web.Request, values: dict[str, str], citizen: Citizen) -> FileDraft:
    session_hash = session_cookie_hash(request) or ""
    return FileDraft(session_hash, citizen.person_key, values["submission_key"])


async def _keep_files(
    request: web.Request, values: dict[str, str], files: list[SentFile], citizen: Citizen
) -> dict[str, str]:
    """Clean the files and keep them with the form; return the problems of those refused.

    Raises:
        TooMany: the session has sent too many.
        Unavailable: database or antivirus don't answer.
    """
    if files:  # A form without a key gets one, so that it finds its files again.
        values["submission_key"] = values["submission_key"] or new_id()
    app, draft = request.app, _draft_of(request, values, citizen)

    async def keep(file: CleanFile) -> None:
        seal = file_seal(app[SETTINGS].secret_key)
        await keep_file(app[DATABASE], seal, draft, file, time.time())

    problems = await keep_files(request, files, keep, spoken)
    values.pop("files_lost", None)
    return {"files": Markup(" ").join(problems)} if problems else {}


async def _files_gone(
    request: web.Request, values: dict[str, str], citizen: Citizen
) -> dict[str, str]:
    """Return a problem if files that the form has aren't there: their session ended meanwhile.

    Files sent with the same form count: it is being sent again.

    Raises:
        Unavailable: the database doesn't answer.
    """
    if not (count := _count(values)):
        return {}
    async with request.app[DATABASE].read() as reading:
        there = await ids_of(reading, _draft_of(request, values, citizen))
    return {"files": spoken("file_problem.gone")} if len(there) < count else {}


def _is_written(kept: dict[str, str]) -> bool:
    """Return True if the kept form has something of the citizen's."""
    return any(kept.get(name) for name in WRITTEN) or _count(kept) > 0


def _count(values: dict[str, str]) -> int:
    """Return how many files the form has; a number that no form of ours has counts as none."""
    count = values.get("files_kept", "")
    return int(count) if count in map(str, range(FILES_MAX + 1)) else 0


async def _files_of_form(
    request: web.Request, values: dict[str, str], citizen: Citizen | None
) -> list[StoredFile]:
    """List the files kept with the form; none without its person, or while the database is down."""
    if not values.get("submission_key") or citizen is None:
        return []
    with suppress(Unavailable):
        async with request.app[DATABASE].read() as reading:
            return await waiting_files(reading, _draft_of(request, values, citizen))
    return []


async def _submit(
    request: web.Request, values: dict[str, str], citizen: Citizen
) -> RegisteredRequest:
    for name, offers in CHOICES.items():
        if values[name] not in offers.values():
            values[name] = ""
    offered = {category.id for category in request.app[STRUCTURES].directory.categories}
    form = RequestForm(
        category=values["category"] if values["category"] in offered else None,
        structure=values["structure"] or None,
        consents={c.id: values[c.id] for c in CONSENTS if values[c.id]},
        **{name: values[name] for name in REQUEST_FIELDS},
    )
    app = request.app
    key = values["submission_key"] or new_id()
    registered = await submit_request(
        app[DATABASE],
        app[STRUCTURES].directory,
        Submission(
            key,
            form,
            citizen,
            "form",
            came_from=came_from(request),
            draft=_draft_of(request, values, citizen),
            language=values["language"] if values["language"] in languages() else ITALIAN,
        ),
        app[SETTINGS].mails,
        datetime.now(UTC),
        request_limits(app[SETTINGS]),
    )
    with suppress(Unavailable):  # The request is registered, and the citizen must see that.
        await keep_form(app[DATABASE], session_cookie_hash(request), None)
    return registered


async def _doubts(request: web.Request, values: dict[str, str]) -> dict[str, str]:
    """Ask for confirmation if the text speaks of another office or of an emergency (brief §2.3).

    The same choice sent again is accepted. Without Rasa only structures are compared.
    """
    directory = request.app[STRUCTURES].directory
    text = normalise(values["description"])[:DESCRIPTION_MAX]
    ranking = await request.app[RASA].ranking_of(as_plain_text(text))
    mentioned = resolve_structure(text, directory).mentioned
    heard = Heard("text", mentioned, directory.subject_of(ranking))
    draft = Draft(
        category=values["category"] or None,
        structure=values["structure"] or None,
        description="text",
        heard=(heard,),
    )
    doubts: dict[str, str] = {}
    for doubt in misroutes(draft, directory):
        facts = facts_of(doubt, draft.structure, directory, spoken)
        if doubt.kind == "category":
            facts["label"] = label_of(directory.category_by_id[doubt.changes[0]])
        doubts[doubt.kind] = spoken(f"problem.{doubt.kind}_doubt", **facts)
    is_read = bool(ranking) and ranking[0][0] == EMERGENCY
    if is_read or directory.emergency.tier_of(text) == "sure":
        doubts["description"] = spoken("problem.description_doubt")
    return {name: doubt for name, doubt in doubts.items() if not _is_checked(name, values)}


def _is_checked(name: str, values: dict[str, str]) -> bool:
    return values[f"checked_{name}"] == _mark_of(values[name])


async def _form_page(
    request: web.Request,
    values: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
    **more: object,
) -> web.Response:
    directory = request.app[STRUCTURES].directory
    citizen, known = await visitor_of(request)
    files = await _files_of_form(request, values, citizen)
    context = {
        "form": {"values": values, "errors": errors},
        "offered": "",  # the name of the structure of the page before
        "has_email": not known or (citizen is not None and is_mailbox(citizen.email)),
        "kept": False,
        "restored": False,
        "file_texts": spoken_section("file"),
        "files_lost": spoken("file_problem.lost"),
        "checked": CHECKED,
        "choices": choices(),
        "asks_nre": True,  # the category may still change
        "has_optional": any(values.get(name) or name in errors for name in OPTIONAL_FIELDS),
        "about_choices": _about_choices(request, directory),
        "categories": directory.categories,
        "label_of": label_of,
        "optional_labels": [
            label_of(category)
            for category in directory.categories
            if not category.structure_required
        ],
        "structures": directory.structures_by_province,
        "description_min": DESCRIPTION_MIN,
        "description_max": DESCRIPTION_MAX,
        "opened": f"{datetime.now(ROME):%d/%m/%Y, %H:%M}",  # as the chat's files.js writes it
        "fact_words": fact_words(LANGUAGE.get()),
        "consents": CONSENTS,
        "submission_key": values.get("submission_key") or new_id(),
        "files": [(file, size_words(file.size)) for file in files],
        "person": _mark_of(citizen.person_key) if citizen else values.get("person", ""),
        "keeps_form": citizen is not None,  # the menu of languages sends it along
    }
    return await render_page(
        request, "assistance.html", "assistance", context | more, status=status
    )


def _about_choices(request: web.Request, directory: Directory) -> list[tuple[str, str]]:
    """Return the notices about categories and structures, each with its name."""
    notices = request.app[NOTICES]
    of_categories = [
        (label_of(category_of(directory, notice.target)), italian(notice.text))
        for notice in notices.in_force(Kind.CATEGORY)
    ]
    return of_categories + [
        (italian(structure_name_of(directory, notice.target) or ""), italian(notice.text))
        for notice in notices.in_force(Kind.STRUCTURE)
    ]


def choices() -> dict[str, list[tuple[str, str]]]:
    """Return the answers of the optional fields: as the office and as the visitor reads them."""
    return {
        name: [(label, spoken(f"{name}.{key}")) for key, label in offers.items()]
        for name, offers in CHOICES.items()
    }


def _mark_of(value: str) -> str:
    """Return a mark that distinguishes two values in a page and reveals nothing else."""
    return hash_of(value)[:16]
