"""Words explicit enough for a consent or for sending."""

import re
import unicodedata

from intercup.domain.dialogue.draft import SURE, Turn
from intercup.domain.dialogue.words import field_named

_YES = frozenset(
    {"si", "ok", "okay", "va", "bene", "d", "accordo", "certo", "certamente", "esatto", "confermo"}
    | {"acconsento", "accetto", "assolutamente", "sicuro", "volentieri", "consento", "approvo"}
    | {"sii", "siii", "sisi", "yes", "bonu", "vabbene"}
)
_AROUND = frozenset(
    {"io", "il", "lo", "la", "l", "mio", "di", "del", "al", "dei", "e", "tutto", "che", "a", "i"}
    | {"ho", "consenso", "regolamento", "trattamento", "dati", "miei", "richiesta", "vi", "ad"}
    | {"autorizzo", "per", "me", "prego", "grazie", "pure", "aver", "averlo", "vostra", "sono"}
    | {"ne", "quanto", "tante", "tanto", "mille", "infinite", "buona", "giornata", "sera"}
    | {"adesso", "ora", "puo", "privacy", "allora", "benissimo"}
)
# The words that are a yes to one question only.
_OWN: dict[str | None, frozenset[str]] = {
    "privacy": frozenset(
        {"autorizzo", "autorizziamo", "do", "rilascio", "concedo", "presto", "prestato", "dato"}
    ),
    "regulation": frozenset(
        {"dichiaro", "letto", "letta", "preso", "visione", "presa", "visto"}
        | {"visionato", "visionata", "accettato", "letti"}
    ),
    "confirmation": frozenset(
        {"invia", "inviate", "invii", "inviare", "inviamo", "inviala", "inviatela", "trasmettere"}
        | {"manda", "mandi", "mandate", "mandare", "mandala", "mandatela", "mannassi", "mannati"}
        | {"spedisci", "spedisca", "spedite", "spedire", "procedi", "proceda", "procediamo"}
        | {"procedere", "procedete", "vai", "trasmetta", "trasmetti", "mandassi", "giusto"}
        | {"giusta", "giustu", "corretto", "corretta", "perfetto", "posto"}
    ),
    "cancel_check": frozenset(
        {"annulla", "annulli", "annullare", "elimina", "elimini", "cancella", "cancelli"}
    ),
}
_ANY_OWN = frozenset[str]().union(*_OWN.values())
# A text with other words too counts if the model is sure of a yes, and none of these stands in it.
_LOOSE_MAX = 80  # characters
_MA_CERTO = re.compile(r"\bma (certo|certamente|si|va bene|prego|l.?ho lett[oa])\b")
_NOT_YET = re.compile(
    r"""
    \b(no|non|nn|mai|niente|nulla|nemmeno|neanche|senza|tranne|eccetto|meno)\b
    | \b(ma|pero|anzi|invece|forse|se|quando|prima|dopo|poi|domani|ancora|appena|quasi)\b
    | \b(aspett|attend|moment|attim|pian|calm|ferm|dubb|cred[oi]\b|pens[oi]\b|speri?)
    | \b(legg[oa]\b|legger|sbagl|errat|err?or|cambi|modific|corregg|aggiung|togli|altr|divers)
    | \b(capisc|capit)
    | \b(perche|cosa|come|chi|dove|quale|quali)\b
    """,
    re.VERBOSE,
)


def is_explicit_yes(turn: Turn, step: str | None) -> bool:
    """Return True if this is an explicit yes to this step.

    A button is one, and a text of words of consent only. Other words may stand around them in a
    short text that the model surely reads as a yes, if none puts it off, denies or corrects: the
    model alone would take "ok aspetta" or "va bene la leggo dopo" for a yes.
    """
    if turn.text is None:
        return turn.intent == "affirm"
    if only_yes_words(turn.text, step):
        return True
    plain, own = _plain(turn.text), _OWN.get(step, frozenset())
    words = _words_in(plain)
    another = _ANY_OWN - own  # "sì, ho letto" is no yes to the use of data
    is_sure = turn.intent == "affirm" and turn.confidence >= SURE and len(plain) <= _LOOSE_MAX
    if not (is_sure and words & (_YES | own)) or words & another or "?" in turn.text:
        return False
    return not (_NOT_YET.search(plain) or turn.mentioned or field_named(turn.text))


def only_yes_words(text: str | None, step: str | None) -> bool:
    """Return True if a text holds only words of a yes to this step, whatever its reading."""
    words, own = _words_in(_plain(text or "?")), _OWN.get(step, frozenset())
    is_said = bool(words & (_YES | own)) and "?" not in (text or "")
    return is_said and words <= _YES | own | _AROUND


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return _MA_CERTO.sub(r"\1", "".join(c for c in decomposed if not unicodedata.combining(c)))


def _words_in(plain: str) -> set[str]:
    return set(re.findall(r"[a-z]+", plain))
