"""/chat/files: files that wait with the request whose summary the chat shows."""

import time
from functools import partial

from aiohttp import web

from intercup.domain.attachment import CleanFile, size_text
from intercup.errors import NotAuthenticated
from intercup.services.attachments.store import drop_file, file_seal, keep_file, waiting_files
from intercup.services.chat.conversations import Message, file_draft, find_conversation
from intercup.services.login.sessions import Session
from intercup.texts import told
from intercup.web.app_keys import CHAT, DATABASE, FLOODS, SETTINGS
from intercup.web.session_cookie import current_session
from intercup.web.upload import keep_files, place_for_files, read_form

PATH = "/chat/files"
FIELDS = ("draft", "drop_file")


async def get_files(request: web.Request) -> web.Response:
    """List the files that wait."""
    return await _listed(request, await _session_of(request))


async def post_files(request: web.Request) -> web.Response:
    """Keep files, or delete one; list those that wait."""
    session = await _session_of(request)
    database, seal = request.app[DATABASE], file_seal(request.app[SETTINGS].secret_key)
    async with place_for_files(request, session.id_hash):
        values, files = await read_form(request, FIELDS, keeps_files=True)
        change = partial(request.app[CHAT].change_files, session, values["draft"])

        async def keep(file: CleanFile) -> None:
            late = Message(told("file_problem.late", name=file.name))
            await change(lambda draft: keep_file(database, seal, draft, file, time.time()), late)

        problems = await keep_files(request, files, keep, told)
    if id_ := values["drop_file"]:
        request.app[FLOODS].messages.take(session.id_hash)
        await change(lambda draft: drop_file(database, draft, id_))
    if problems:
        return web.json_response(
            {"error": "file_refused", "message": " ".join(problems)}, status=422
        )
    return await _listed(request, session)


async def _session_of(request: web.Request) -> Session:
    session = await current_session(request)
    if session is None or session.citizen is None:
        raise NotAuthenticated("not_authenticated")
    return session


async def _listed(request: web.Request, session: Session) -> web.Response:
    async with request.app[DATABASE].read() as reading:
        conversation = await find_conversation(reading, session)
        if conversation is None:
            raise NotAuthenticated("not_authenticated")
        files = await waiting_files(reading, file_draft(session, conversation))
    shown = [{"id": file.id, "name": file.name, "size": size_text(file.size)} for file in files]
    return web.json_response({"files": shown})


def add_routes(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_get(PATH, get_files)
    app.router.add_post(PATH, post_files)
