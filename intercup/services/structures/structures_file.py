"""Load and check config/structures.yaml: all problems at once, each with its path."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from intercup.domain.dialogue import ACCESS, OTHER_INTENTS
from intercup.domain.directory import Category, Directory, OutsidePlace, Reading, Structure
from intercup.domain.emergency_words import LETTERS_MIN, EmergencyWords, plain
from intercup.domain.mailbox import is_mailbox
from intercup.domain.structure_names import words_of
from intercup.errors import ConfigurationError
from intercup.services.structures.fields import outside_entry

NAMES_MAX = 100  # of a structure, of an outside place

# A certified mailbox answers ordinary mail with a refusal, or with receipts that nobody reads.
_PEC_NAMES = frozenset({"pec", "cert", "legalmail", "postacert", "arubapec"})


def _mailbox(value: str) -> str:
    if not is_mailbox(value):
        raise ValueError("non è un indirizzo di posta")
    return value


type Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("deve stare su una riga, senza caratteri di controllo")
    return value


def _no_repeats(values: list[str]) -> list[str]:
    if len({value.lower() for value in values}) < len(values):
        raise ValueError("contiene due volte lo stesso indirizzo")
    return values


type Name = Annotated[str, Field(min_length=2, max_length=120), AfterValidator(_one_line)]
type Names = Annotated[list[Name], Field(max_length=NAMES_MAX)]
type Readings = Annotated[dict[Identifier, Name], Field(min_length=1)]
type Mailbox = Annotated[str, AfterValidator(_mailbox)]
type Mailboxes = Annotated[list[Mailbox], Field(min_length=1), AfterValidator(_no_repeats)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Category(_Strict):
    id: Identifier
    label: Name
    subject: Name
    structure: Literal["required", "optional"]
    route: Literal["technical", "administrative", "platform"]
    intents: Readings
    words: list[Name] = []
    short: Name | None = None
    line: Name | None = None


class _Structure(_Strict):
    id: Identifier
    name: Name
    province: Name
    technical: Mailboxes
    administrative: Mailboxes
    aliases: Names = []
    places: Names = []
    to_confirm: bool = False


class _Outside(_Strict):
    names: Annotated[Names, Field(min_length=1)]
    near: Annotated[list[Identifier], Field(min_length=1)]


class _Access(_Strict):
    label: Name
    subject: Name
    intents: Readings
    after_login: Identifier


class _CentralMailboxes(_Strict):
    home: Mailbox
    platform: Mailbox


class _Emergency(_Strict):
    sure: Names = []
    possible: Names = []


class _File(_Strict):
    categories: Annotated[list[_Category], Field(min_length=1)]
    access: _Access
    mailboxes: _CentralMailboxes
    structures: Annotated[list[_Structure], Field(min_length=1)]
    outside: list[_Outside] = []
    emergency: _Emergency = _Emergency()


def load_directory(path: Path) -> Directory:
    """Read the file.

    Raises:
        ConfigurationError: with every problem as `path.in.the[0].file: what is wrong`.
    """
    return directory_of(document_of(path))


def document_of(path: Path) -> Any:
    """Read the file's YAML, unchecked.

    Raises:
        ConfigurationError: it can't be read, or isn't YAML.
    """
    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError([f"{path}: {error.strerror}"]) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigurationError([f"{path}: YAML non valido: {error}"]) from error


def directory_of(document: Any) -> Directory:
    """Check the content of the file.

    Raises:
        ConfigurationError: with every problem as `path.in.the[0].file: what is wrong`.
    """
    try:
        parsed = _File.model_validate(document)
    except ValidationError as error:
        raise ConfigurationError(
            [f"{_yaml_path(e['loc'])}: {_in_italian(e['type'], e['msg'])}" for e in error.errors()]
        ) from error
    problems = list(_contradictions(parsed))
    if problems:
        raise ConfigurationError(problems)
    return _directory(parsed)


def to_confirm(directory: Directory) -> list[str]:
    """List the open points for a person to check, one line each."""
    notes = [
        f"structures[{index}] {structure.name}: caselle da confermare con il cliente"
        for index, structure in enumerate(directory.structures)
        if structure.to_confirm
    ]
    for index, structure in enumerate(directory.structures):
        for kind in ("technical", "administrative"):
            notes += [
                f"structures[{index}].{kind}: {address} sembra una PEC, non adatta a questo uso"
                for address in getattr(structure, kind)
                if _is_certified(address)
            ]
    return notes


def _is_certified(mailbox: str) -> bool:
    """Return True if a domain label other than the last is a certified service's name."""
    domain = mailbox.lower().rpartition("@")[2].replace("-", ".")
    return not _PEC_NAMES.isdisjoint(domain.split(".")[:-1])


def _contradictions(file: _File) -> Iterator[str]:
    for section in ("categories", "structures"):
        counts = Counter(entry.id for entry in getattr(file, section))
        for index, entry in enumerate(getattr(file, section)):
            if counts[entry.id] > 1:
                yield f"{section}[{index}].id: {entry.id} è ripetuto"
    for index, category in enumerate(file.categories):
        if category.id == ACCESS:
            yield f"categories[{index}].id: {ACCESS} è riservato ai messaggi prima dell'accesso"
        if category.route != "platform" and category.structure != "required":
            yield f"categories[{index}].structure: deve essere required con route {category.route}"
    yield from _disputed_intents(file)
    yield from _disputed_words(file)
    yield from _names_that_say_nothing(file)
    yield from _words_that_say_too_little(file.emergency)
    known = {structure.id for structure in file.structures}
    entries = Counter(outside_entry(place.names) for place in file.outside)
    for index, place in enumerate(file.outside):
        if entries[outside_entry(place.names)] > 1:
            yield f"outside[{index}].names[0]: è già il primo nome di un'altra voce"
    for index, place in enumerate(file.outside):
        for position, id_ in enumerate(place.near):
            if id_ not in known:
                yield f"outside[{index}].near[{position}]: la struttura {id_} non esiste"


def _disputed_intents(file: _File) -> Iterator[str]:
    """Yield the problems of intents: two categories, or another meaning in the dialogue."""
    places = [(f"categories[{i}].intents", c.id, c.intents) for i, c in enumerate(file.categories)]
    owners: dict[str, str] = {}
    for path, owner, intents in [*places, ("access.intents", ACCESS, file.access.intents)]:
        for intent in intents:
            if intent in owners:
                yield f"{path}: {intent} è già un intento di {owners[intent]}"
            if intent in OTHER_INTENTS:
                yield f"{path}: {intent} ha già un altro significato nel dialogo"
            owners.setdefault(intent, owner)
    after_login = {c.id: c.route for c in file.categories}.get(file.access.after_login)
    if after_login != "platform":
        yield "access.after_login: deve essere una tipologia con route platform"


def _disputed_words(file: _File) -> Iterator[str]:
    owners: dict[str, str] = {}
    for index, category in enumerate(file.categories):
        for word in (category.label, *category.words):
            if owners.setdefault(word.lower(), category.id) != category.id:
                yield f"categories[{index}]: «{word}» è già di {owners[word.lower()]}"


def _names_that_say_nothing(file: _File) -> Iterator[str]:
    named = [(f"outside[{i}].names", place.names) for i, place in enumerate(file.outside)]
    for index, structure in enumerate(file.structures):
        named += [
            (f"structures[{index}].{k}", getattr(structure, k)) for k in ("aliases", "places")
        ]
        if not words_of(structure.name):
            yield f"structures[{index}].name: è fatto solo di parole comuni"
    for path, names in named:
        for position, name in enumerate(names):
            if not words_of(name):
                yield f"{path}[{position}]: è fatto solo di parole comuni"


def _words_that_say_too_little(words: _Emergency) -> Iterator[str]:
    """Yield the problems of emergency words: an alarm must not come from a syllable."""
    for name, phrases in (("sure", words.sure), ("possible", words.possible)):
        for position, phrase in enumerate(phrases):
            path = f"emergency.{name}[{position}]"
            if len(plain(phrase).replace(" ", "")) < LETTERS_MIN:
                yield f"{path}: ha meno di {LETTERS_MIN} lettere"
            elif name == "possible" and plain(phrase) in map(plain, words.sure):
                yield f"{path}: è già fra le parole di un'emergenza sicura"


def _yaml_path(location: tuple[int | str, ...]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return path.lstrip(".") or "file"


def _in_italian(kind: str, message: str) -> str:
    known = {
        "missing": "manca",
        "extra_forbidden": "voce sconosciuta",
        "string_type": "deve essere un testo",
        "list_type": "deve essere un elenco",
        "bool_type": "deve essere true o false",
        "too_short": "non può essere vuoto",
        "too_long": f"ha più di {NAMES_MAX} voci",
        "string_too_short": "è troppo corto",
        "string_too_long": "è troppo lungo",
        "string_pattern_mismatch": "ammette solo lettere minuscole, cifre e _",
        "literal_error": message.replace("Input should be", "deve essere").replace(" or ", " o "),
        "value_error": message.removeprefix("Value error, "),
    }
    return known.get(kind, message)


def _category(category: _Category) -> Category:
    return Category(
        category.id,
        category.label,
        category.subject,
        category.structure == "required",
        category.route,
        _readings(category.intents),
        tuple(category.words),
        category.short or "",
        category.line or "",
    )


def _readings(intents: dict[str, str]) -> tuple[Reading, ...]:
    return tuple(Reading(intent, title) for intent, title in intents.items())


def _directory(file: _File) -> Directory:
    return Directory(
        categories=tuple(map(_category, file.categories)),
        access=Category(
            ACCESS,
            file.access.label,
            file.access.subject,
            structure_required=False,
            route="home",
            readings=_readings(file.access.intents),
        ),
        access_after_login=file.access.after_login,
        structures=tuple(
            Structure(
                s.id,
                s.name,
                s.province,
                tuple(s.technical),
                tuple(s.administrative),
                tuple(s.aliases),
                s.to_confirm,
                tuple(s.places),
            )
            for s in file.structures
        ),
        outside=tuple(OutsidePlace(tuple(o.names), tuple(o.near)) for o in file.outside),
        home_mailbox=file.mailboxes.home,
        platform_mailbox=file.mailboxes.platform,
        emergency=EmergencyWords(tuple(file.emergency.sure), tuple(file.emergency.possible)),
    )
