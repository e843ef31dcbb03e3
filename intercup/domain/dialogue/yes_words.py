"""Words explicit enough for a consent or for sending."""

import re
import unicodedata

from intercup.domain.dialogue.draft import SURE, Turn
from intercup.domain.dialogue.foreign_yes import has_foreign_words, is_foreign_yes
from intercup.domain.dialogue.words import field_named, listed, puts_off, speaks_of_cancelling

_LENGTHENED = re.compile(r"(\w)\1{2,}")  # "siiii"
# Phrases and the word that they count as; a "no" may stand in them. Plain letters, see `_plain`.
_PHRASES = (
    (re.compile(r"\bma (certo|certamente|si|va bene|prego|l.?ho lett[oa])\b"), r"\1"),
    (_LENGTHENED, r"\1"),
    (re.compile(r"\b(cert[ou]|cettu) (che|ca)\b|\bcom[eu] no\b"), "certo"),
    (re.compile(r"\b(ho detto|dico) (di )?si\b"), "si"),
    (
        re.compile(
            r"^\W*(si|sissi|ok)\W+(dottoressa|dottore|signorina|gioia|tesoro|bedda|car[oa]|amore)\b"
            r"(?=(\W+(certo|grazie|si))?\W*$)"
        ),
        r"\1",
    ),
    (
        re.compile(
            r"\b(non (ho|c.?e|c.?essere) )?"
            r"(n(iente|ulla|enti)|nessun[ao]?|(?<=non ho )altro)( altro)?"
            r" (da |di |a )?(cambiare|canciari|modificare|correzione|correggere|aggiungere|ridire"
            r"|eccepire|obiezione)\b|\b(nessun|senza|non (ci sono|trovo|vedo)) error[ei]\b"
            r"|\bnon fa una piega\b|\bmeglio di cosi non si po(teva|trebbe)\b"
        ),
        "giusto",
    ),
    (re.compile(r"\bmi piace\b|\b(tutt[oau] ?)?a ?pp?ost[ou]\b|\bci siamo\b"), "giusto"),
    (re.compile(r"^\W*(nulla osta( da parte mia)?|(si|ok)\W{1,3}autorizza)\W*$"), "permetto"),
    (re.compile(r"^\W*si\W{1,3}conferma( l.invio)?\W*$"), "confermo"),
    (
        re.compile(
            r"\b(nient.altro|punto esclamativo|per questa richiesta|da parte mia"
            r"|(non ho )?n(iente|ulla) da nascondere)\b"
        ),
        "",
    ),
    # A purpose is no condition.
    (
        re.compile(
            r"\b(per la |al )sol[ao] (fine|finalita)\b"
            r"( indicat\w| d\w+ (presente|questa|richiesta))*"
        ),
        "",
    ),
    (re.compile(r"\bai soli fini( d\w+ (presente|questa|richiesta))*"), ""),
    (re.compile(r"\bconfermo (la|l.avvenuta) lettura\b"), "confermo"),
    (re.compile(r"\bbuona la prima\b|\b(essere|tutto) in ordine\b"), "giusto"),
    (re.compile(r"(^|[,.]\W{0,3})puo partire\b|\b(falla|la faccia) partire\b"), "invia"),
    (re.compile(r"\bli ho letti\b"), "letto"),
    (
        re.compile(
            r"\b(let|vis)t[oaei]( tutto)?"
            r" (attentamente|con (calma|attenzione|la lente|gli occhiali))\b"
        ),
        "letto",
    ),
    (re.compile(r"\b(ho |lo )?(appena )?finit[oa] di legger(e|lo)\b"), "letto"),
    (
        re.compile(
            r"\b(aver|averlo|averne|ho|abbiamo) pres[oa] (atto|nota|visione|conoscenza)"
            r"( insieme)?\b"
        ),
        "letto",
    ),
    (
        re.compile(r"\b(l.|li |le )?abbiamo (let|vis|guarda)t[oaei]( tutt[oaei])?( insieme)?\b"),
        "letto",
    ),
    (re.compile(r"\b(gli|glie)?l.ho lett[oa]( io)?( ad alta voce)?\b"), "letto"),
    (re.compile(r"\b(let|vis)t[oaei] (l.informativa|insieme|e accettat[oaei])\b"), "letto"),
    (re.compile(r"\b(nessun|senza|non c.?e) problem[ai]\b"), "certo"),
    (re.compile(r"\b(non ho )?n(iente|ulla) in contrario\b"), "certo"),
    (re.compile(r"\b(no,? )?(no,? )?(ci mancherebbe|figurarsi|figuriamoci)\b"), ""),
    (re.compile(r"\b(va|vanno|(mi|ci) sta|tutt[ou]) ben(e|i|issimo|one)\b"), "vabene"),
    (re.compile(r"\bd.?accord[ou]\b"), "daccordo"),
    (
        re.compile(
            r"\b(do|diamo|ho dato|rilascio|concedo|presto|si presta|ho prestato|esprimo|accordo"
            r"|avete|dugnu)( volentieri| il| l| u| tutto| un| mio)*"
            r"[ '’](consen[sz]o|assenso|cunsensu|permess?[ou]|autorizzazione)\b"
            r"|\b(consen[sz]o|cunsensu|permesso|autorizzazione)( si)?,?"
            r" (((ve |ce )?l[ou]|glielo) (do|dugnu)|(e )?(dat|concess|accordat)[oa])\b"
            r"|\b(glielo|(ce|ve|ci) l[ou]) (do|dugnu),?( il| u)? (consen[sz]o|cunsensu|permesso)\b"
            r"|\b(fate|faccia|proceda|procedete|(us|tratt)(i|ate)(li)?) pure\b"
            r"|\bpotete (usar|trattar)(e|li)\b|\bli potete (usare|trattare)\b|\bdo il mio ok\b"
            r"|\b(usi|tratti|usate|trattate)(li)? pure\b"
        ),
        "permetto",
    ),
    (re.compile(r"\b(dichiaro|confermo|scriva|metta) che\b"), "confermo"),
    (re.compile(r"\b(figli|figghi|signor)\w mi[oa]\b"), ""),
    (re.compile(r"\bsono (io|qui|qua)\b"), "presente"),
)
_YES = listed(
    """
    si sii sisi sissi sissignore sissignora yes ok okay okei okkei okk vabene vabbene
    daccordo certo certamente esatto confermo acconsento accetto assolutamente sicuro volentieri
    consento approvo bonu confermato confermiamo confermu cunfermu acconsentu certu ovvio
    ovviamente affermativo benissimo aconsento acconcento acconzento accunsentu confermp cofermo
    confremo comfermo
    """
)
_AROUND = listed(
    """
    io il lo la l mio di del al dei e tutto a i ho consenso trattamento dati miei richiesta vi
    ad allora per me prego grazie pure aver averlo vostra sono ne tante tanto mille infinite
    buona giornata sera adesso ora privacy autorizzo punto signora signore buongiorno buonasera
    salve permesso ca sugnu frase vabbe accussi cosi dai perfetto posto chiaro chiara avanti
    andiamo procediamo proceda vai premo premuto cliccato su metta scriva segni scelgo prima
    primo risposta sicuramente personali tuttu puru facissi questo virgola ribadisco controllato
    capito o tratamento scusi mi naturalmente pienamente integralmente ai sensi legge gdpr
    figghia bravo brava ah grz
    """
)
# The words that are a yes to one question only, and what may stand around them there.
_OWN: dict[str | None, frozenset[str]] = {
    "privacy": listed(
        """
        autorizzo autorizziamo autorizo autorizzu autoriso permetto concesso accordato
        """
    ),
    "regulation": listed(
        """
        dichiaro regolamento letto letta preso visione presa visto visionato visionata
        accettato letti lettu liggii lessi leto leta lette vista viste visti fatto approvato gia
        u haiu atto
        aperto insieme documento pdf cima fondo parola lettura reglamento appena regole servizio
        le tutte da fino in
        """
    ),
    "confirmation": listed(
        """
        invia inviate invii inviare inviamo inviala inviatela trasmettere manda mandi
        mandate mandare mandala mandatela mannassi mannati spedisci spedisca spedite spedire
        procedi proceda procediamo procedere procedete vai trasmetta trasmetti mandassi
        giusto giusta giustu corretto corretta perfetto invio inviarla mandarla
        mandiamola mandalo mandarlo manna mannala mannatila mannamula spediscila
        inviamola inoltra inoltri inoltrate inoltratela inoltrarla parta vada lancia spara
        send giustissima giustissimo pirfettu invja imvia spedirla
        """
    ),
    "cancel_check": listed("annulla annulli annullare elimina elimini cancella cancelli"),
}
# Of the matter, no yes to it.
_NAMES = listed(
    """
    regolamento reglamento fatto gia u haiu essere aperto insieme documento pdf cima fondo
    parola lettura appena regole servizio le tutte da fino in atto
    """
)
_OTHER_LETTERS = re.compile(r"(?![a-z])[^\W\d_]")  # of which nothing is left in plain words
# Signs that ask or deny; those of other widths come as these, see `_asks_or_denies`.
_ASKS_OR_DENIES = re.compile("[?؟¿՞‽⸮¬~❓❔❌❎✖✗✘🚫⛔👎🙅]")
# Words of a yes that in this order, or beside these, give none.
_GIVES_NONE = re.compile(
    r"""
    ^(ok|va\ bene)\W+(cordiali|distinti|saluti)\b | # a farewell
    \bné\b | \bne\b.*\bne\b | figur | ci\ mancherebbe\W*$ | (grazie\ )?tante$  # refusals, sarcasm
    | ^(s[iì]\W+)+(certo\ )?come\ no\b | vabb[eè]\W+come\ no\b | ^((s[iì]|ok|certo)\W+)+vabb[eè]\W*$
    | \b(è|e'|e)\ (tutto\ )?(sicuro|certo)\b(?!\ che) | \bal\ sicuro\b  # questions
    | ^(ok|si|sì|yes|va\ bene)\W+(è|e)\ (il|la|i|le|ora|adesso|questo|tutto)\b
      (?!(?<=tutto)\ (giust|corrett|esatt|in\ ordine|ver[oa]\b|ok\b|a\ posto|perfett))
    | (?<!di\ )\blegge\b | \b(mi|me\ l[oa])\ (in[vo]|imvi|mand|mann|sped|legg|lanc|spar|trasm|send)
    | ^i\ miei\ dati\b
    | (?<!buona\ la\ )\bprima\b | (?<!ho\ )\bappena\b  # not yet
    | \b(per|x|pp?i)\ (ora|adesso)\b
    | (?<!lett[aoi]\ )(?<!vist[aoi]\ )(?<!guardat[aoi]\ )(?<!visione\ )\binsieme\b
    | \b(aperto|in\ pdf)\b | (?<!confermo\ la\ )(?<!avvenuta\ )\blettura\b
    | \bdi\ (inviar|mandar|proced|annull|cancell|elimin|spedi)
    | \d | \b(il|al|questo|primo)\ (primo|punto)\b | \b(il\ primo|fino\ a)\b  # a part
    | ^(ok|s[iì]|va\ bene)\W+(allora\ )?(buona|capito|ho\ capito|scusi|mi\ scusi|allora)\b
    | ^(salve|buongiorno|buonasera)\W+tutto\ (bene|a\ posto) | \bposto\ così\b
    | \b(mand|mann|invi|inoltr|sped|vad)\w*\ ((prima|anche|pure)\ )*+a\ (m(e|ia|io)|suo|sua)\b
    | \bsend\ me\b
    | \b(scriva|metta)\ che\ (è|la|i)\b
    | ^ho\ corretto\b
    | \b(a|in|da)\ letto\b | \b(cliccato|premuto)\b
    """,
    re.VERBOSE,
)
# Besides these, a sign is no yes: it may laugh, doubt, stop or call for help.
_KIND_SIGNS = frozenset("👍✅👌🙏😊🙂☺😘❤✔🏻🏼🏽🏾🏿")
_SIGNS = ("So", "Sm", "Sk")  # of Unicode's categories
_STRUCK = re.compile("[\u0335-\u0338]")
_GOES_ON = listed(
    """
    avanti andiamo procediamo proceda prima cosi confermo invia inviala manda mandala continua
    """
)
_IS = re.compile(r"\bè(?!\w)|\be'(?!\w)")
# Words that put off what the model takes for a yes.
_NOT_YET = listed(
    """
    piu dottore dottoressa intercup well off
    no non nn nun mai niente nulla nemmeno neanche senza tranne eccetto meno ma pero anzi invece
    forse se quando prima dopo poi domani ancora appena quasi credo credi nego leggo legga
    perche cosa come chi dove quale quali solo sola soltanto meta parte parti finisco finire
    stavo staiu vorrei voglio vulissi potrei posso devo link copia nonsi nono falso acconsente
    autorizza accetta conferma approva dice dici detto detta diciamo mezzo mezza lunedi martedi
    mercoledi giovedi venerdi sabato domenica ambulanza bozza affirm
    """
)
_NOT_YET_BEGINNINGS = tuple(
    listed(
        """
    aspett attend moment attim pian calm ferm dubb dubit pens sper rifiut nega negh oppon rinunc
    rinunz lasci lass stop legger sbagl errat error cambi modific corregg aggiung
    togl tolg aggi levat altr divers capisc capit poch poco figli signific vuol manco
    mica ness dissen disacc disappr obie rigett resping contest parzial partit riserv mett scriv
    neppur revoc ritir blocc rimand evit viet apro apri cazz corn contrar rub fint riflett
    chied valut inform condizion purche limitat unicament esclusiv forza salv tien
        """
    )
)
_NOT_YET_ENDINGS = ("endo", "ami", "emi", "imi")  # "leggendo", "mandatemi"
_ASKING = re.compile(r"\W*+((a|di|per) )?+che\b")


def is_explicit_yes(turn: Turn, step: str | None) -> bool:
    """Return True if this is an explicit yes to this step.

    A button is one, and a text of words of consent only. Other texts are one if the model surely
    reads it in them (`yes_to`) and no word puts it off, denies or corrects: the model alone would
    take some refusals for a yes, and the words alone half of the yeses for none.
    """
    if turn.text is None:
        return turn.intent == "affirm"
    if is_plain_yes(turn.text, step):
        return True
    is_read = turn.intent == "affirm" and turn.confidence >= SURE and step in turn.yes_to
    return is_read and not _is_put_off(turn, step)


def _is_put_off(turn: Turn, step: str | None) -> bool:
    text = turn.text or ""
    plain = _plain(text)
    return bool(
        _OTHER_LETTERS.search(plain)
        or has_foreign_words(text)
        or _asks_or_denies(text)
        or _ASKING.match(plain)
        or puts_off(text)
        or _gives_none(text, step)
        or any(map(_is_not_yet, _words_in(plain)))
        or (step == "confirmation" and speaks_of_cancelling(text))
        or turn.mentioned
        or field_named(text)
    )


def _is_not_yet(word: str) -> bool:
    return (
        word in _NOT_YET or word.startswith(_NOT_YET_BEGINNINGS) or word.endswith(_NOT_YET_ENDINGS)
    )


def is_plain_yes(text: str | None, step: str | None) -> bool:
    """Return True if a text holds only words of a yes to this step, whatever its reading."""
    if not text or _asks_or_denies(text):
        return False
    plain, own = _plain(text), _OWN.get(step, frozenset())
    words = _words_in(plain)
    is_said = bool(words & (_YES | own - _NAMES)) and not _OTHER_LETTERS.search(plain)
    is_italian = is_said and words <= _YES | own | _AROUND and not _gives_none(text, step)
    return is_italian or is_foreign_yes(text, step)


def _gives_none(text: str, step: str | None) -> bool:
    """Return True if Italian words of a yes give none, or go on where the question is to stop."""
    if step == "cancel_check" and _words_in(_plain(text)) & _GOES_ON:
        return True
    return _GIVES_NONE.search(_LENGTHENED.sub(r"\1", text.lower().strip())) is not None


def _asks_or_denies(text: str) -> bool:
    shown = unicodedata.normalize("NFKC", text)
    signs = {c for c in shown if unicodedata.category(c) in _SIGNS} - _KIND_SIGNS
    return bool(signs or _STRUCK.search(text) or _ASKS_OR_DENIES.search(shown))


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", _IS.sub("essere", text.lower()))
    plain = "".join(c for c in decomposed if not unicodedata.combining(c))
    for phrase, word in _PHRASES:
        plain = phrase.sub(word, plain)
    return plain


def _words_in(plain: str) -> set[str]:
    return set(re.findall(r"[a-z]+", plain))
