"""E-mail and street addresses, telephones, codes, long numbers and dates."""

import re
from collections.abc import Iterator

from intercup.domain.personal_data.marks import (
    ADDRESS,
    CODE,
    DATE,
    EMAIL,
    FISCAL,
    LINK,
    NUMBER,
    PHONE,
)

LONG_DIGITS = 5  # digits from which a number may lead to a person
PHONE_DIGITS = range(8, 15)
CODE_LENGTH, CODE_DIGITS = 7, 3  # characters and digits of a short code
SPELLED_DIGITS = 3  # digits of a fiscal number written with gaps

_EMAIL = re.compile(
    r"(?<![\w.+'-])[\w.+'-]*+ ?@ ?[\w-]*+(?: ?\.[\w-]++| \. [\w-]++)*+", re.IGNORECASE
)
_SPOKEN_EMAIL = re.compile(
    r"(?<!punto )(?<!trattino )(?<!underscore )(?<![\w.-])[\w.-]++"
    r"(?: (?:punto|trattino|underscore) \w++)*+ (?:chiocciola|at) \w++(?: punto \w++)*+",
    re.IGNORECASE,
)
_LINK = re.compile(r"\b(?:https?://|www\.)\S++", re.IGNORECASE)
# Twins have letters in the place of digits. Source: decreto MEF 23/12/1976, omocodia.
_FISCAL = re.compile(
    r"\b[a-z](?:[ .-]?[a-z]){5}(?:[ .-]?[\dlmnp-v]){2}[ .-]?[a-ehlmprst](?:[ .-]?[\dlmnp-v]){2}"
    r"[ .-]?[a-z](?:[ .-]?[\dlmnp-v]){3}[ .-]?[a-z]\b",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"\b(?:via|viale|v\.le|piazza|p\.zza|piazzale|corso|c\.so|largo|vicolo|contrada|traversa)"
    r"(?: [^\W\d_][\w.'’]*+){1,5},? ?(?:n\.? ?)?\d{1,4}(?: ?/ ?[a-z]\b|[a-z]\b)?",
    re.IGNORECASE,
)
_SAID = (
    r"(?:zero|uno|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici|tredici|quindici"
    r"|quattordici|sedici|diciassette|diciotto|diciannove|cento|doppio|triplo"
    r"|(?:vent|trent|quarant|cinquant|sessant|settant|ottant|novant)[a-z]{1,8})"
)
_SAID_NUMBER = re.compile(rf"\b{_SAID}(?:[ ,.-]{{1,2}}{_SAID}\b){{4,}}", re.IGNORECASE)
_MONTH = (
    r"(?:gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre"
    r"|dicembre|gen|feb|mar|apr|mag|giu|lug|ago|set|ott|nov|dic)"
)
_DAY = rf"(?:\d{{1,2}}[°^]?|primo|{_SAID})"
_WRITTEN_YEAR = r"(?:mille(?:otto|nove)cento[a-z]*+|duemila[a-z]*+)"
_DATE = re.compile(
    rf"\b{_DAY}(?: di)?[ -]?{_MONTH}\b(?:[ -](?:del )?(?:\d{{2,4}}\b|{_WRITTEN_YEAR}))?"
    rf"|\b{_WRITTEN_YEAR}",
    re.IGNORECASE,
)
_NUMERIC_DATE = re.compile(
    r"\d{1,2}(?: ?([/.-]) ?\d{1,2} ?\1 ?\d{2,4}| \d{1,2} \d{4}| ?/ ?\d{1,2})"
    r"|\d{4}-\d{2}-\d{2}|(?:18|19|20)\d\d"
)
_ALNUM = re.compile(r"[^\W_]++")
_GAP = re.compile(r"[ ./,*_()+–-]{0,3}")


def without_codes(text: str) -> str:
    """Put marks in the place of addresses, codes, numbers and dates."""
    text = _LINK.sub(LINK, _SPOKEN_EMAIL.sub(EMAIL, _EMAIL.sub(EMAIL, text)))
    text = _STREET.sub(ADDRESS, _FISCAL.sub(_fiscal, text))
    return _DATE.sub(DATE, _SAID_NUMBER.sub(NUMBER, _without_runs(text)))


def _fiscal(match: re.Match[str]) -> str:
    found = match.group()
    is_spelled = not found.isalnum()
    return found if is_spelled and _digits(found) < SPELLED_DIGITS else FISCAL


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _without_runs(text: str) -> str:
    """Put marks in the place of runs of words with digits, however they are spaced."""
    parts, end = [], 0
    for start, stop in _runs(text):
        parts += [text[end:start], _mark_of(text[start:stop])]
        end = stop
    return "".join([*parts, text[end:]])


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Yield where words with digits stand, only signs and single letters between them."""
    start = stop = reach = -1
    for word in _ALNUM.finditer(text):
        has_digit = any(character.isdigit() for character in word.group())
        joins = start >= 0 and _GAP.fullmatch(text, reach, word.start()) is not None
        if not joins:
            if start >= 0:
                yield start, stop
            start = word.start() if has_digit else -1
        elif not has_digit and len(word.group()) > 1:
            yield start, stop
            start = -1
        if start >= 0:
            reach = word.end()
            stop = reach if has_digit else stop
    if start >= 0:
        yield start, stop


def _mark_of(run: str) -> str:
    digits, letters = _digits(run), any(map(str.isalpha, run))
    if _NUMERIC_DATE.fullmatch(run):
        return DATE
    if letters:
        is_code = digits >= LONG_DIGITS or (
            digits >= CODE_DIGITS and len(run) >= CODE_LENGTH and " " not in run
        )
        return CODE if is_code else run
    if digits < LONG_DIGITS:
        return run
    return PHONE if digits in PHONE_DIGITS and run[0] in "03+" else NUMBER
