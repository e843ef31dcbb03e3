"""Put the web application together."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from intercup.db.engine import Database
from intercup.services.answers.wordings import Wordings
from intercup.services.attachments.cleaning import Cleaner
from intercup.services.chat.gateway import ChatGateway
from intercup.services.chat.new_messages import NewMessages
from intercup.services.chat.probe import Probe
from intercup.services.chat.rasa_client import RasaClient
from intercup.services.delivery.alarm import Watch
from intercup.services.figures.counting import TurnCounts
from intercup.services.login.address_proof import AddressProofs
from intercup.services.login.login import Login
from intercup.services.models.cells import keep_telling
from intercup.services.notices.notices import Notices
from intercup.services.structures.structures import Structures
from intercup.services.tuning.collection import Collector
from intercup.services.tuning.sentence_seal import SentenceSeal
from intercup.settings import Settings
from intercup.web import (
    address_change,
    answer,
    appearance,
    chat,
    chat_files,
    chat_texts,
    demo,
    form,
    forward,
    health,
    login,
    optional,
    pages,
    rating,
    requests,
    session_expiry,
    static,
)
from intercup.web.app_keys import (
    BASE,
    CHAT,
    CLEANER,
    DATABASE,
    FLOODS,
    LOGIN,
    NEW_MESSAGES,
    NOTICES,
    PROBE,
    PROOFS,
    RASA,
    SETTINGS,
    STREAMS,
    STRUCTURES,
    WORDINGS,
)
from intercup.web.desk import routes as desk
from intercup.web.floods import Floods
from intercup.web.middleware import MIDDLEWARES, last_headers
from intercup.web.render import set_up_templates
from intercup.web.streams import Streams

logger = logging.getLogger(__name__)


def create_app(
    settings: Settings, database: Database, structures: Structures, base: str = ""
) -> web.Application:
    """Build the application; it opens its connections at startup."""
    app = web.Application(middlewares=MIDDLEWARES)
    app[BASE] = base
    app[SETTINGS], app[DATABASE], app[STRUCTURES] = settings, database, structures
    app[health.CHECK] = health.DatabaseCheck(database)
    app[CLEANER] = Cleaner(Path(settings.clamd_socket) if settings.clamd_socket else None)
    app[FLOODS] = Floods(settings)
    app[STREAMS] = Streams(settings.events_per_ip)
    app[NOTICES], app[WORDINGS] = Notices(database), Wordings(database)
    app[NEW_MESSAGES] = NewMessages(database)
    app[LOGIN] = Login(settings, database)
    set_up_templates(app)
    app.on_response_prepare.append(last_headers)
    app.on_shutdown.append(_end_streams)
    app.cleanup_ctx.append(_connections)
    pages.add_routes(app)
    appearance.add_routes(app)
    requests.add_routes(app)
    chat.add_routes(app)
    chat_files.add_routes(app)
    chat_texts.add_routes(app)
    login.add_routes(app)
    session_expiry.add_routes(app)
    address_change.add_routes(app)
    app.router.add_get("/assistenza", form.get_form)
    app.router.add_post("/assistenza", form.post_form)
    optional.add_routes(app)
    forward.add_routes(app)
    answer.add_routes(app)
    rating.add_routes(app)
    desk.add_routes(app)
    health.add_routes(app)
    if settings.is_demo:
        demo.add_routes(app)
    static.add_routes(app)
    return app


async def _end_streams(app: web.Application) -> None:
    app[STREAMS].end()


async def _connections(app: web.Application) -> AsyncIterator[None]:
    settings, database = app[SETTINGS], app[DATABASE]
    await database.verify()
    rasa = RasaClient(settings.rasa_urls, settings.rasa_timeout, settings.rasa_secret)
    app[RASA], app[PROBE] = rasa, Probe(rasa)
    app[PROOFS] = AddressProofs(database, settings.secret_key, settings.mails)
    collector = None
    if settings.keeps_sentences:
        collector = Collector(SentenceSeal(settings.secret_key), settings.sentence_days)
    notices, wordings = app[NOTICES], app[WORDINGS]
    counts = TurnCounts(database)
    app[CHAT] = ChatGateway(
        database, app[STRUCTURES], rasa, app[PROOFS], notices, wordings, counts, collector
    )
    await app[STRUCTURES].take_changes(database)
    await notices.look()
    await wordings.look()
    cell = f"{socket.gethostname()} {settings.rasa_url}"
    alarms = Watch(settings.alarm_to, settings.mail_from)
    watches = (
        app[STRUCTURES].watch(database),
        app[NEW_MESSAGES].watch(),
        app[PROBE].watch(),
        notices.watch(),
        wordings.watch(),
        counts.watch(),
        keep_telling(database, cell, app[BASE], lambda: app[PROBE].models),
        app[health.CHECK].watch(app[PROBE], app[STRUCTURES], alarms),
    )
    watching = [asyncio.create_task(watch) for watch in watches]
    for task in watching:
        task.add_done_callback(_tell_of_the_end)
    yield
    for task in watching:
        task.cancel()
    await asyncio.wait(watching)  # An ending watch still uses its connection.
    await app[health.CHECK].close()
    await counts.store()
    await rasa.close()
    await database.close()


def _tell_of_the_end(task: asyncio.Task[None]) -> None:
    """Log the end of a watch, which should have none."""
    if not task.cancelled():
        logger.error("ALARM a watch has ended: %s", type(task.exception()).__name__)
