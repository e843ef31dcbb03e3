"""Words explicit enough for a consent or for sending."""

import re
import unicodedata

from intercup.domain.dialogue.draft import SURE, Turn
from intercup.domain.dialogue.words import field_named

# Phrases that count as a whole only, although a "no" may stand in them.
_PHRASES = {
    "vabene": re.compile(r"\b(va|vanno|(mi|ci) sta|tutt[ou]) ben(e|i|issimo|one)\b"),
    "daccordo": re.compile(r"\bd.?accord[ou]\b"),
    "certo": re.compile(
        r"\bcom[eu] no\b|\b(nessun|senza|non c.?e) problem[ai]\b|\bn(iente|ulla) in contrario\b"
        r"|\b(no,? )?(no,? )?(ci mancherebbe|figurarsi|figuriamoci)\b"
    ),
}
_YES = frozenset(
    {"si", "sii", "siii", "sisi", "yes", "ok", "okay", "okei", "vabene", "vabbene", "daccordo"}
    | {"certo", "certamente", "esatto", "confermo", "acconsento", "accetto", "assolutamente"}
    | {"sicuro", "volentieri", "consento", "approvo", "bonu", "confermato", "confermiamo"}
    | {"confermu", "acconsentu", "ovviamente", "concesso", "accordato", "cunfermu", "certu"}
    | {"aconsento", "acconcento", "cofermo", "confremo", "comfermo", "esprimo"}
    | {"okk", "ovvio", "affermativo", "benissimo", "procediamo", "vai"}
)
_AROUND = frozenset(
    {"io", "il", "lo", "la", "l", "mio", "di", "del", "al", "dei", "e", "tutto", "che", "a", "i"}
    | {"ho", "consenso", "trattamento", "dati", "miei", "richiesta", "vi", "ad", "puo", "allora"}
    | {"per", "me", "prego", "grazie", "pure", "aver", "averlo", "vostra", "sono", "benissimo"}
    | {"ne", "quanto", "tante", "tanto", "mille", "infinite", "buona", "giornata", "sera"}
    | {"adesso", "ora", "privacy", "autorizzo", "punto", "signora", "signore", "buongiorno"}
    | {
        "buonasera",
        "salve",
        "permesso",
        "avete",
        "figghia",
        "figghiu",
        "figlio",
        "figlia",
        "ca",
        "sugnu",
        "frase",
        "prima",
        "primo",
        "vabbe",
    }
)
# The words that are a yes to one question only, and what may stand around them there.
_OWN: dict[str | None, frozenset[str]] = {
    "privacy": frozenset(
        {"autorizzo", "autorizziamo", "do", "rilascio", "concedo", "presto", "prestato", "dato"}
        | {"fate", "faccia", "proceda", "procedete", "procedi"}
    ),
    "regulation": frozenset(
        {"dichiaro", "regolamento", "letto", "letta", "preso", "visione", "presa", "visto"}
        | {"visionato", "visionata", "accettato", "letti", "lettu", "liggii", "lessi", "leto"}
        | {"fatto", "approvato", "gia"}
    ),
    "confirmation": frozenset(
        {"invia", "inviate", "invii", "inviare", "inviamo", "inviala", "inviatela", "trasmettere"}
        | {"manda", "mandi", "mandate", "mandare", "mandala", "mandatela", "mannassi", "mannati"}
        | {"spedisci", "spedisca", "spedite", "spedire", "procedi", "proceda", "procediamo"}
        | {"procedere", "procedete", "vai", "trasmetta", "trasmetti", "mandassi", "giusto"}
        | {"giusta", "giustu", "corretto", "corretta", "perfetto", "posto", "postu", "invio"}
        | {"inviarla", "partire", "mandarla", "mandiamola"}
    ),
    "cancel_check": frozenset(
        {"annulla", "annulli", "annullare", "elimina", "elimini", "cancella", "cancelli"}
    ),
}
_NAMES = frozenset({"regolamento"})  # of the matter, no yes to it
# A text with other words too counts if the model is sure of a yes, and none of these stands in it.
_LOOSE_MAX = 80  # characters
_MA_CERTO = re.compile(r"\bma (certo|certamente|si|va bene|prego|l.?ho lett[oa])\b")
_NOT_YET = re.compile(
    r"""
    \b(no|non|nn|nun|mai|niente|nulla|nemmeno|neanche|senza|tranne|eccetto|meno)\b
    | \b(ma|pero|anzi|invece|forse|se|quando|prima|dopo|poi|domani|ancora|appena|quasi)\b
    | \b(aspett|attend|moment|attim|pian|calm|ferm|dubb|cred[oi]\b|pens|sper|rifiut|nego|neg[ah])
    | \b(oppon|rinunc|rinunz|lasci|lass|stop|bast)
    | \b(legg[oa]\b|legger|sbagl|errat|err?or|cambi|modific|corregg|aggiung|togli|altr|divers)
    | \b(capisc|capit)
    | \b(perche|cosa|come|chi|dove|quale|quali)\b
    | \b(sol[oa]|soltanto|meta|part[ei]|poc[oh]\w*|inizi\w+|fini(sco|re)|st(o|avo|aiu)|\w+endo)\b
    | \b(vorrei|voglio|vulissi|potrei|posso|devo|\w+[aei]mi|link|copia|nonsi|nono|falso)\b
    | \b(signific|spieg|vuol)
    | \b(acconsente|autorizza|accetta|conferma|approva|dic[ei]|dett[oa]|diciamo)\b
    """,
    re.VERBOSE,
)


def is_explicit_yes(turn: Turn, step: str | None) -> bool:
    """Return True if this is an explicit yes to this step.

    A button is one, and a text of words of consent only. Other words may stand around one of
    them in a short text that the model surely reads as a yes, if none puts it off, limits, denies
    or corrects it: the model alone would take "ok aspetta" or "va bene la leggo dopo" for a yes.
    """
    if turn.text is None:
        return turn.intent == "affirm"
    if is_plain_yes(turn.text, step):
        return True
    if step not in _OWN or turn.intent != "affirm" or turn.confidence < SURE:
        return False
    plain = _plain(turn.text)
    words = _words_in(plain)
    says_yes = words & (_YES | _OWN[step] - _NAMES) and "?" not in turn.text
    says_another = step == "privacy" and words & _OWN["regulation"]
    if not says_yes or says_another or len(plain) > _LOOSE_MAX:
        return False
    return not (_NOT_YET.search(plain) or turn.mentioned or field_named(turn.text))


def is_plain_yes(text: str | None, step: str | None) -> bool:
    """Return True if a text holds only words of a yes to this step, whatever its reading."""
    words, own = _words_in(_plain(text or "?")), _OWN.get(step, frozenset())
    is_said = bool(words & (_YES | own - _NAMES)) and "?" not in (text or "")
    return is_said and words <= _YES | own | _AROUND


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.lower())
    plain = _MA_CERTO.sub(r"\1", "".join(c for c in decomposed if not unicodedata.combining(c)))
    for word, phrase in _PHRASES.items():
        plain = phrase.sub(word, plain)
    return plain


def _words_in(plain: str) -> set[str]:
    return set(re.findall(r"[a-z]+", plain))
