"""The public list of Italian names, and the words around names."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

LIST = Path(__file__).with_name("italian_names.txt")


@dataclass(frozen=True)
class NameLists:
    """First names and surnames; the ambiguous ones are other words or places as well."""

    first: frozenset[str]
    last: frozenset[str]
    ambiguous: frozenset[str]

    @cached_property
    def all(self) -> frozenset[str]:
        """The names of either kind."""
        return self.first | self.last


@lru_cache(maxsize=1)
def name_lists() -> NameLists:
    """Read the list once."""
    _, *sections = LIST.read_text("utf-8").split("[")
    read = dict(section.split("]") for section in sections)
    return NameLists(**{kind: frozenset(names.split()) for kind, names in read.items()})


# A name follows these for certain: "mi chiamo", "si chiama", "intestata a".
NAMING = frozenset(
    {"chiamo", "chiamu", "kiamo", "chiama", "chiamatemi", "nome", "cognome", "intestata"}
    | {"intestato", "sottoscritto", "sottoscritta", "firmato", "presento", "nominativo"}
)
TITLES = frozenset(
    {"signor", "signora", "signore", "signori", "signorina", "sig", "sigra", "dott", "dottor"}
    | {"dottore", "dottoressa", "dottssa", "dr", "prof", "professor", "professore", "professoressa"}
    | {"avv", "avvocato", "avvocata", "ing", "ingegner", "ingegnere", "geom", "suor", "famiglia"}
    | {"eredi", "ra", "ssa"}
)
# A name may follow these: "mio padre Salvatore", "la badante Svetlana".
PEOPLE = frozenset(
    {"padre", "madre", "marito", "moglie", "figlio", "figlia", "figli", "fratello", "sorella"}
    | {"nonno", "nonna", "suocero", "suocera", "zio", "zia", "nipote", "cugino", "cugina", "papà"}
    | {"cognato", "cognata", "compagno", "compagna", "amico", "amica", "papa", "mamma", "bambino"}
    | {"bambina", "vicino", "vicina", "genero", "nuora", "badante", "patri", "matri", "figghiu"}
    | {"figghia", "frati", "soru", "pediatra", "infermiere", "infermiera", "operatore", "tutore"}
    | {"operatrice", "primario", "ostetrica", "tecnico", "sportellista", "paziente", "assistito"}
    | {"assistita", "utente", "collega", "gemelle", "gemelli", "certo", "certa", "medico"}
    | {"sono", "am", "qui", "saluti", "saluto", "ciao", "salve", "grazie", "buongiorno", "io"}
)
# A name follows "di" and one of these: "il referto di Zuccarello".
DOCUMENTS = frozenset(
    {"ricetta", "referto", "impegnativa", "prenotazione", "appuntamento", "tessera", "fascicolo"}
    | {"visita"}
)
# A place or a structure follows these.
PLACES = frozenset(
    {"ospedale", "ospedali", "policlinico", "presidio", "clinica", "istituto", "villa", "san"}
    | {"fondazione", "arnas", "via", "piazza", "viale", "corso", "poliambulatorio", "asp", "cup"}
    | {"comune", "citta", "provincia", "stazione", "padiglione", "reparto", "casa"}
)
SAINTS = frozenset({"san", "santa", "sant", "santo"})
BEFORE_PEOPLE = frozenset({"per", "con", "di", "da", "a", "ad", "e", "ed", "mandare", "aiutate"})
PARTICLES = frozenset(
    {"di", "de", "lo", "la", "li", "le", "d", "del", "dell", "della", "dal", "dalla", "el", "ben"}
    | {"van", "degli", "dello"}
)
SURNAME_PARTICLES = frozenset({"di", "de", "lo", "la", "li"})
# Words that end a name; a name of the list that is one of them is never taken without a cue.
STOP = frozenset(
    {"a", "ad", "al", "alla", "allo", "ai", "e", "ed", "o", "ma", "che", "chi", "non", "nn", "nun"}
    | {"in", "con", "per", "da", "su", "se", "si", "mi", "ti", "ci", "vi", "ne", "il", "i", "gli"}
    | {"un", "una", "uno", "nel", "nella", "sul", "sulla", "dai", "dalle", "come", "dove", "quando"}
    | {"perche", "ha", "ho", "hai", "abbiamo", "hanno", "avi", "era", "sta", "sto", "deve", "devo"}
    | {"vuole", "vole", "voli", "vorrei", "vorrebbe", "vorremmo", "puo", "posso", "po", "dice"}
    | {"chiede", "chiedo", "abita", "abito", "vive", "vivo", "nato", "nata", "nati", "serve"}
    | {"servono", "telefono", "tel", "cell", "cellulare", "mail", "email", "codice", "cf", "nre"}
    | {"ricetta", "visita", "prenotazione", "prenotare", "problema", "residente", "mio", "mia"}
    | {"miei", "suo", "sua", "tuo", "tua", "nostro", "nostra", "questo", "questa", "quello"}
    | {"grazie", "salve", "ciao", "buongiorno", "buonasera", "saluti", "prego", "aiuto", "aiuta"}
    | {"sono", "fa", "fare", "fatto", "va", "vado", "compie", "compare", "risponde", "riesce"}
    | {"riesco", "lavora", "spid", "sito", "numero", "documento", "ed", "io", "lei", "lui", "noi"}
    | {"loro", "qui", "qua", "ora", "oggi", "domani", "ieri", "ancora", "anche", "solo", "poi"}
    | {"prima", "dopo", "senza", "tutto", "tutti", "urgente", "anni", "anno", "mese", "ore", "ora"}
    | {"scrivo", "prenoto", "invalido", "invalida", "ricoverata", "ricoverato", "allo", "allora"}
    | {
        "mail",
        "nome",
        "cognome",
        "and",
        "this",
        "need",
        "uguale",
        "basta",
        "bene",
        "male",
        "c",
        "è",
    }
    | {"no", "sì", "ok", "certo", "scusi", "scusate", "salute", "cosa", "quale", "quanto", "sa"}
)
