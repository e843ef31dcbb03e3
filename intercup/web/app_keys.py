"""Typed keys of the web application's state."""

from aiohttp import web

from intercup.db.engine import Database
from intercup.services.answers.wordings import Wordings
from intercup.services.attachments.cleaning import Cleaner
from intercup.services.chat.gateway import ChatGateway
from intercup.services.chat.new_messages import NewMessages
from intercup.services.chat.probe import Probe
from intercup.services.chat.rasa_client import RasaClient
from intercup.services.login.address_proof import AddressProofs
from intercup.services.login.login import Login
from intercup.services.notices.notices import Notices
from intercup.services.structures.structures import Structures
from intercup.settings import Settings
from intercup.web.floods import Floods
from intercup.web.streams import Streams

SETTINGS = web.AppKey("settings", Settings)
BASE = web.AppKey("base", str)  # the fingerprint of the program's files, to choose its models
DATABASE = web.AppKey("database", Database)
STRUCTURES = web.AppKey("structures", Structures)
WORDINGS = web.AppKey("wordings", Wordings)
NOTICES = web.AppKey("notices", Notices)
PROBE = web.AppKey("probe", Probe)
RASA = web.AppKey("rasa", RasaClient)
CHAT = web.AppKey("chat", ChatGateway)
PROOFS = web.AppKey("proofs", AddressProofs)
NEW_MESSAGES = web.AppKey("new_messages", NewMessages)
STREAMS = web.AppKey("streams", Streams)
CLEANER = web.AppKey("cleaner", Cleaner)
FLOODS = web.AppKey("floods", Floods)
LOGIN = web.AppKey("login", Login)
