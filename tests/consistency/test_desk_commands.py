"""Each action of the desk's pages is a command too, and a document for its people names it."""

import re
import shlex

from intercup.commands.main import _parser
from intercup.web.desk.routes import ROUTES
from tests.support.paths import ROOT

NUMBER = "IC-ABCD-EFGH-JKMN"
COMMANDS = {
    "consegne/{id}/riprova": "outbox retry 12",
    "consegne/{id}/casella": "outbox readdress 12",
    "richieste/{number}/inoltra": f"requests forward {NUMBER} asp_trapani/technical",
    "richieste/{number}/revoca": f"requests revoke {NUMBER}",
    "richieste/{number}/testo": f"requests text {NUMBER}",
    "avvisi": "notices add chat 'Torniamo presto.'",
    "avvisi/{id}/fine": "notices end 3",
    "risposte/{answer}": "answers set utter_faq/spid",
    "strutture/fuori": "structures add-outside castrofilippo --near asp_agrigento",
    "strutture/{entry}/{name}": "structures set asp_trapani/places marsala",
    "strutture/cambi/{change}/codice": "structures code asp_trapani/technical cup@example.it",
    "strutture/cambi/{change}/nuovo-codice": "structures send-code asp_trapani/technical",
    "strutture/cambi/{change}/ritira": "structures withdraw asp_trapani/technical",
    "strutture/cambi/{change}/conferma": "structures confirm asp_trapani/technical",
    "frasi/nuova": "tuning add medical_emergency",
    "frasi/esempi": "tuning move ask_human --to faq/contacts",
    "frasi/esempi/rimetti": "tuning undo ID",
    "frasi/annulla": "tuning undo ID",
    "frasi/{key}": "tuning decide 0123456789ab accept --text 'non entro'",
    "prova": "tuning try",
    "modelli/addestra": "models train",
    "modelli/ferma": "models train --cancel",
    "modelli/{sha256}/pubblica": "models publish 3ffc91b7",
}
OF_THE_BROWSER = {"esci"}


def test_each_action_of_a_page_has_its_command() -> None:
    paths = {
        re.sub(r":[^}]*\}+", "}", route.path).removeprefix("/presidio/")
        for route in ROUTES
        if route.method == "POST"
    }
    assert paths == {*COMMANDS, *OF_THE_BROWSER}


def test_the_commands_exist_and_are_documented() -> None:
    documents = "".join(
        (ROOT / f"docs/{name}.md").read_text("utf-8") for name in ("desk", "tuning")
    )
    for command in COMMANDS.values():
        assert _parser().parse_args(shlex.split(command)).command
        name = " ".join(command.split()[:2])
        assert f"intercup {name}" in documents, name
