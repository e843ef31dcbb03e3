"""The only reader of forms with files: limited number, size and time, and no copy on disk."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from intercup.domain.attachment import FILE_MAX, FILES_MAX, NAME_MAX, CleanFile, FileRefused
from intercup.domain.normalise import normalise
from intercup.errors import InvalidInput, TooLarge
from intercup.web.app_keys import CLEANER, FLOODS
from intercup.web.body import BODY_TIMEOUT
from intercup.web.form_fields import FIELDS_MAX, FORM_MAX, checked, read_fields
from intercup.web.session_cookie import session_cookie_hash

MULTIPART = "multipart/form-data"
# Bytes that are read, so that a form whose files are too large comes back with all that was typed.
UPLOAD_MAX = 32 * 1024 * 1024
UPLOAD_TIMEOUT = 180.0  # seconds; 15 MB at 0.7 Mbit/s
FILES_READ = FILES_MAX + 1  # one more than allowed, so that it is told
CHUNK = 64 * 1024  # bytes
# aiohttp's errors for a body that is malformed or ends too early.
_BROKEN = (ConnectionError, ValueError, AssertionError, RuntimeError, HttpProcessingError)


@dataclass
class SentFile:
    """A file as a browser sent it; of one that is too large only the beginning is there."""

    name: str
    content: bytes


@dataclass
class _Upload:
    """The fields and files read so far, and the room for more, in bytes."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    files: list[SentFile] = field(default_factory=list)
    room: int = UPLOAD_MAX
    text_room: int = FORM_MAX


@asynccontextmanager
async def place_for_files(request: web.Request, session: str) -> AsyncIterator[None]:
    """Hold a place while the files are in memory; a session has one at a time, others wait.

    A form without files waits only for its session's.

    Raises:
        InvalidInput: none was free in time.
    """
    floods = request.app[FLOODS]
    own = floods.uploads_of.setdefault(session, asyncio.Lock())
    async with AsyncExitStack() as places:
        try:
            async with asyncio.timeout(UPLOAD_TIMEOUT):
                await places.enter_async_context(own)
                if request.content_type == MULTIPART:
                    await places.enter_async_context(floods.uploads)
        except TimeoutError as error:
            raise InvalidInput("bad_request") from error
        yield


async def read_form(
    request: web.Request, names: tuple[str, ...], *, keeps_files: bool
) -> tuple[dict[str, str], list[SentFile]]:
    """Read a form's text fields and its files, which need a form of type multipart.

    Without `keeps_files`, as before login, only the files' names are there, and only what arrives
    within BODY_TIMEOUT; the text comes first.

    Raises:
        InvalidInput, TooLarge: as `read_fields`.
    """
    if request.content_type != MULTIPART:
        return await read_fields(request, names), []
    if (request.content_length or 0) > UPLOAD_MAX:
        raise TooLarge("files_too_large")
    upload = _Upload()
    try:
        async with asyncio.timeout(UPLOAD_TIMEOUT if keeps_files else BODY_TIMEOUT):
            await _read(request, upload, keeps_files)
    except TimeoutError as error:
        if keeps_files:
            raise InvalidInput("bad_request") from error
    except (
        ConnectionError,
        ValueError,
        AssertionError,
        RuntimeError,
        HttpProcessingError,
    ) as error:
        raise InvalidInput("bad_request") from error
    return checked(upload.pairs, names), upload.files


async def keep_files(
    request: web.Request,
    files: Sequence[SentFile],
    keep: Callable[[CleanFile], Awaitable[None]],
    say: Callable[..., str],
) -> list[str]:
    """Clean the files and keep each; return the sentences about those refused, from `say`.

    Raises:
        TooMany: the session has sent too many.
        Unavailable: database or antivirus don't answer.
    """
    app, problems = request.app, []
    for file in files:
        app[FLOODS].files.take(session_cookie_hash(request) or "")
        try:
            await keep(await app[CLEANER].clean(file.name, file.content))
        except FileRefused as error:
            problem = say(f"file_problem.{error.reason}")
            name = normalise(file.name[-NAME_MAX:])
            problems.append(say("file_problem.named", name=name, problem=problem))
    return problems


async def _read(request: web.Request, upload: _Upload, keeps_files: bool) -> None:
    count = 0
    async for part in await request.multipart():
        count += 1
        if not isinstance(part, BodyPartReader) or count > FIELDS_MAX:
            raise InvalidInput("bad_request")
        if part.filename is None:
            text = await _content(part, upload, upload.text_room)
            upload.text_room -= len(text)
            if upload.text_room < 0:
                raise TooLarge("too_large")
            upload.pairs.append((part.name or "", text.decode("utf-8")))
            continue
        wanted = keeps_files and len(upload.files) < FILES_READ
        content = await _content(part, upload, FILE_MAX if wanted else 0)
        if part.filename or content:  # An empty field of files has neither.
            upload.files.append(SentFile(part.filename, content))


async def _content(part: BodyPartReader, upload: _Upload, most: int) -> bytes:
    """Return at most a byte more than `most`; the rest is read and dropped."""
    kept = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        upload.room -= len(chunk)
        if upload.room < 0:
            raise TooLarge("files_too_large")
        if len(kept) <= most:
            kept += chunk
    return bytes(kept[: most + 1])
