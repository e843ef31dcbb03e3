"""Italian words that decide what an answer is about, whatever intent the model finds."""

import re

from intercup.domain.dialogue.draft import Field

_FIELD_WORDS: dict[str, Field] = {
    "struttura": "structure",
    "ospedale": "structure",
    "asp": "structure",
    "azienda": "structure",
    "descrizione": "description",
    "testo": "description",
    "messaggio": "description",
    "categoria": "category",
    "tipologia": "category",
    "tipo": "category",
    "voce": "category",
    "indirizzo": "address",
    "mail": "address",
    "email": "address",
    "copia": "address",
}
_CANCEL = re.compile(
    r"""
    \b(annull|cancell|elimin|rinun[cz]|ferma|basta|butt|scart|smett|esc[io]\b|esco|ritir|abbandon)
    | \b(cestin|ripens|stop\b|interromp|chiud|dimentic|niente\ più)
    | \b(lasc|lass)\w*\ (stare|perd|stari)
    | \bnon\ (la\ |lo\ |le\ )?(mand|invi|sped|voglio\ più|serve\ più|interessa\ più|se\ ne\ fa)
    """,
    re.VERBOSE,
)
_CORRECTION = re.compile(
    r"""
    \b(sbagli|errat|errore\ in|cambi|modific|corregg|correzion|divers|altr[oaie]\b|un\ altr)
    | \binvece\b
    | \b(torn|indietro|rifa|riscriv|riprov|aggiung|togli|ripens|intend|volev[oa]\ dire)
    | \bnon\ (è|e'|era)\ (quell|giust|corrett|esatt|mi[oa]\b|il\ mio|la\ mia)
    | \b(va|vanno|da|essere)\ corrett[aoei]\b | \bnon\ va\ bene\b | \b(tranne|eccetto|a\ parte)\b
    """,
    re.VERBOSE,
)
_PRAISE = re.compile(
    r"""
    \b(è|e'|sono|pare|sembra|va|vanno)\ (tutt[oaie]\ |proprio\ |molto\ )?
    (giust|corrett|esatt|precis|perfett|bell|buon|bene\b|a\ posto\b)
    """,
    re.VERBOSE,
)
_NO_PRAISE = re.compile(r"\?|\b(non|nn|nun|no|ma|però|invece|tranne|sbagli\w*|errat\w*)\b")
_SENDING = re.compile(r"\b(invi|mand|mann|sped|inoltr|trasmett|proced)")
_OFFICE = re.compile(
    r"""
    \b(ufficio|destinatari\w|destinazione)\b
    | \bnon\ (deve|dovrebbe|devono|può|va|vada)\ (andare\ |arrivare\ )?a
    | \b(pass|mand|gir|invi|inoltr)\w+\ (la\ richiesta\ |questa\ richiesta\ |tutto\ )?a(l|ll)?\b
    | \b(assistenza|presidio|tecnici|gente)\ (tecnico\ )?(di\ |dell')?intercup\b
    | \ba\ chi\ (va|arriva)\b
    """,
    re.VERBOSE,
)
_PUTTING_OFF = re.compile(
    r"""
    (?<!')(?<!mi\ )(?<!che\ )(?<!che\ io\ )\basp[ei]tt(a|i|o|ate|assi|assiru)\b
    | (?<!')(?<!mi\ )\battend(a|e|i|o|ete)\b
    | \bun\ (attim|second|moment|minut|mument)
    | \b(cinque|due|dieci|pochi)\ minut | \b(tra|fra)\ (un\ )?poco?\b | \bpiù\ tardi\b
    | \b(l[ao]\ (mand|invi|legg|guard|control)\w+|prima)\ (dopo|stasera|domani)\b
    | ^\W*(dopo|stasera|domani)\W*$ | \bper\ ora\ no\b | \b(ri)?legg(o|iu|endo)\b | \bliggennu\b
    """,
    re.VERBOSE,
)
_REFUSING = re.compile(r"^\W*+(no|nono)\b|\bn(on|un|n) (l[oau'] ?)?l[ie]gg")
_ELSEWHERE = re.compile(
    r"""
    (?<!non\ )\b(mand|gir|invi|pass|inoltr)(a|i|ii|ate|iate)l[ao]
      \ a(i|gli|lla|l|ll'|d|d\ un\ altr[oa]|\ un\ altr[oa])?\ ?
      (ufficio|tecnici|amministr\w+|ospedal\w+|asp|struttur\w+|intercup|presidio|quelli)\b
    | \bperch[eé]\ (mai\ )?(va|la\ mand\w+|la\ invi\w+|arriva)
      \ a(i|gli|lla|l|ll'|d)?\ ?(ufficio|tecnici|amministr\w+|intercup|presidio)\b
    | \b(che|cosa)\ c'entra\w*\ (i\ tecnici|gli\ amministr\w+|la\ struttura)\b
    | \b(che|cosa)\ c'entra\w*\ l'(ospedale|asp|ufficio)\b
    """,
    re.VERBOSE,
)
_ADDITION = re.compile(
    r"""
    \b(?:aggiung\w+|dimentica[tv]\w+|scorda[tvi]\w*|precisare|specificare|manca\ una\ cosa
       |(?:mett|dic|scriv)[ai]\ (?:pure|anche)\ (?:che|ca)|anche\ (?:che|ca))
    (?:\W+(?:di|dire|a|diri|ca|alla|al|nella|nel|descrizione|testo|messaggio|richiesta|una|cosa|qualcosa|un
       |dettaglio|altro|anche|che|queste?|prima|ancora)\b)*+
    (.*)
    """,
    re.VERBOSE | re.DOTALL,
)
ADDED_MIN = 15  # characters after "vorrei aggiungere che"; fewer are no addition yet
_QUESTION = re.compile(
    r"""
    \?
    | ^\W*(ma\ |e\ |scus\w+,?\ )?
      ( se\ | perch[eé]\b | come\ (mai|faccio|si)\b | (cosa|che)\ (succede|vuol|signific|devo)
      | chi\ \w | quando\b | quanto\b | dove\b | posso\b | si\ può\b | è\ obblig | devo\ per\ )
    """,
    re.VERBOSE,
)
_CHANGE_OF_MIND = re.compile(
    r"""
    ^\W*(ah\ |no,?\ |scus\w+,?\ |aspett\w+,?\ )*
    ( anzi | ho\ cambiato\ idea | ci\ ho\ ripensato | mi\ sono\ sbagliat[oa] | ho\ sbagliato
    | in\ realtà | veramente | volevo\ (solo|soltanto|dire|sapere) )\b
    """,
    re.VERBOSE,
)


def listed(text: str) -> frozenset[str]:
    """Return the words of a list that is written as a text."""
    return frozenset(text.split())


def field_named(text: str | None) -> Field | None:
    """Return the field that a text speaks of, if it is one."""
    words = re.findall(r"\w+", (text or "").lower())
    found = {_FIELD_WORDS[word] for word in words if word in _FIELD_WORDS}
    return found.pop() if len(found) == 1 else None


def field_corrected(text: str | None) -> Field | None:
    """Return the field that a text wants to correct, if it is one."""
    return field_named(text) if speaks_of_correcting(text) else None


def speaks_of_correcting(text: str | None) -> bool:
    """Return True for a button, or a text with a word of correcting."""
    return text is None or _CORRECTION.search(text.lower()) is not None


def praises(text: str | None) -> bool:
    """Return True if a text says that something is right, and of nothing that it isn't."""
    plain = (text or "").lower()
    return _PRAISE.search(plain) is not None and _NO_PRAISE.search(plain) is None


def speaks_of_cancelling(text: str | None) -> bool:
    """Return True for a button, or a text with a word of cancelling."""
    return text is None or _CANCEL.search(text.lower()) is not None


def speaks_of_sending(text: str | None) -> bool:
    """Return True for a button, or a text with a word of sending."""
    return text is None or _SENDING.search(text.lower()) is not None


def adds_something(text: str | None) -> bool:
    """Return True if a text says that it adds something, and what."""
    found = _ADDITION.search((text or "").lower())
    return found is not None and len(found[1].strip()) >= ADDED_MIN


def puts_off(text: str | None) -> bool:
    """Return True if a text asks to wait, and neither refuses nor asks something."""
    plain = (text or "?").lower()
    waits = _PUTTING_OFF.search(plain) is not None
    return waits and "?" not in plain and not _REFUSING.search(plain)


def doubts_the_office(text: str | None) -> bool:
    """Return True if a text speaks of who should get the request."""
    return _OFFICE.search((text or "").lower()) is not None


def sends_elsewhere(text: str | None) -> bool:
    """Return True if a text says that another office should get the request."""
    return _ELSEWHERE.search((text or "").lower()) is not None


def is_question(text: str | None) -> bool:
    """Return True if a text asks something instead of answering."""
    return _QUESTION.search((text or "").lower()) is not None


def is_change_of_mind(text: str | None) -> bool:
    """Return True if a text begins by taking something back."""
    return _CHANGE_OF_MIND.search((text or "").lower()) is not None
