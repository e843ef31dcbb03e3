"""Names as people type them, and the structures that they mean."""

import pytest

from intercup.domain.directory import Directory
from intercup.domain.structure_names import resolve_structure, words_of

ASP = {
    place: f"asp_{place}"
    for place in ("agrigento", "caltanissetta", "ragusa", "siracusa", "trapani")
}
CATANIA = {"asp_catania", "ao_cannizzaro", "aou_policlinico_catania"}
CATANIA_HOSPITALS = {"ao_cannizzaro", "aou_policlinico_catania"}
MESSINA = {"asp_messina", "irccs_bonino_pulejo", "aou_policlinico_messina", "ao_papardo"}
MESSINA_HOSPITALS = MESSINA - {"asp_messina"}
POLICLINICI = {"aou_policlinico_catania", "aou_policlinico_messina"}

ONE = [
    ("ASP Trapani", "asp_trapani"),
    ("asp di trapani", "asp_trapani"),
    ("A.S.P. di Trapani", "asp_trapani"),
    ("l'Asp di Agrigento", "asp_agrigento"),
    ("asp tp", "asp_trapani"),
    ("asp me", "asp_messina"),
    ("ASP RG", "asp_ragusa"),
    ("asl siracusa", "asp_siracusa"),
    ("azienda sanitaria provinciale di Ragusa", "asp_ragusa"),
    ("Azienda Sanitaria Provinciale Caltanissetta", "asp_caltanissetta"),
    ("RAGUSA", "asp_ragusa"),
    ("a siracusa", "asp_siracusa"),
    ("caltanissetta.", "asp_caltanissetta"),
    ("trapani asp", "asp_trapani"),
    ("Papardo", "ao_papardo"),
    ("al papardo di messina", "ao_papardo"),
    ("ospedale Papardo", "ao_papardo"),
    ("non riesco a prenotare al Papardo, esce errore 500", "ao_papardo"),
    ("cannizzaro", "ao_cannizzaro"),
    ("Ospedale Cannizzaro di Catania", "ao_cannizzaro"),
    ("policlinico di messina", "aou_policlinico_messina"),
    ("policlinico Gaetano Martino", "aou_policlinico_messina"),
    ("policlinico di Catania", "aou_policlinico_catania"),
    ("San Marco", "aou_policlinico_catania"),
    ("il rodolico", "aou_policlinico_catania"),
    ("Bonino Pulejo", "irccs_bonino_pulejo"),
    ("centro neurolesi di messina", "irccs_bonino_pulejo"),
    ("irccs", "irccs_bonino_pulejo"),
    ("Villa Sofia", "ao_villa_sofia_cervello"),
    ("ospedale Cervello di Palermo", "ao_villa_sofia_cervello"),
    ("Villa Sofia - Cervello", "ao_villa_sofia_cervello"),
    ("ho la visita al cervello di villa sofia", "ao_villa_sofia_cervello"),
    ("asp catania", "asp_catania"),
    ("no, ragusa", "asp_ragusa"),
]
GUESS = [
    ("asp trapni", "asp_trapani"),
    ("sirracusa", "asp_siracusa"),
    ("Agriggento", "asp_agrigento"),
    ("caltanisetta", "asp_caltanissetta"),
    ("papado", "ao_papardo"),
    ("ospedale canizzaro", "ao_cannizzaro"),
    ("cannizaro catania", "ao_cannizzaro"),
    ("neurolessi", "irccs_bonino_pulejo"),
    ("villa soffia", "ao_villa_sofia_cervello"),
    ("rodolicco", "aou_policlinico_catania"),
    ("ragussa", "asp_ragusa"),
    ("policlinico messna", "aou_policlinico_messina"),
]
SEVERAL = [
    ("Catania", CATANIA),
    ("a catania", CATANIA),
    ("Messina", MESSINA),
    ("MESSINA!!", MESSINA),
    ("policlinico", POLICLINICI),
    ("al Policlinico", POLICLINICI),
    ("ospedale di catania", CATANIA_HOSPITALS),
    ("ospedale di messina", MESSINA_HOSPITALS),
    ("papardo o cannizzaro", {"ao_papardo", "ao_cannizzaro"}),
]
OUTSIDE = [
    ("Enna", {"asp_caltanissetta", "asp_catania"}),
    ("ospedale di Enna", {"asp_caltanissetta", "asp_catania"}),
    ("Civico di Palermo", {"ao_villa_sofia_cervello"}),
    ("palermo", {"ao_villa_sofia_cervello"}),
    ("policlinico di palermo", {"ao_villa_sofia_cervello"}),
    ("Garibaldi", {"asp_catania", "ao_cannizzaro", "aou_policlinico_catania"}),
    ("ismett", {"ao_villa_sofia_cervello"}),
]
NONE = [
    "",
    "   ",
    "?!",
    "nessuna in particolare",
    "non lo so",
    "vorrei prenotare una visita",
    "ospedale",
    "asp",
    "la struttura",
    "sì",
    "l'NRE risulta non valido",
    "Milano",
    "ho un problema alla schiena",
]


@pytest.mark.parametrize(("text", "id_"), ONE)
def test_a_clean_name_gives_one_structure(directory: Directory, text: str, id_: str) -> None:
    found = resolve_structure(text, directory)
    assert (found.kind, found.ids) == ("one", (id_,))


@pytest.mark.parametrize(("text", "id_"), GUESS)
def test_a_name_with_a_typo_is_only_a_guess(directory: Directory, text: str, id_: str) -> None:
    found = resolve_structure(text, directory)
    assert (found.kind, found.ids) == ("guess", (id_,))


@pytest.mark.parametrize(("text", "ids"), SEVERAL)
def test_a_name_of_several_structures_gives_all_of_them(
    directory: Directory, text: str, ids: set[str]
) -> None:
    found = resolve_structure(text, directory)
    assert (found.kind, set(found.ids)) == ("several", ids)


@pytest.mark.parametrize(("text", "near"), OUTSIDE)
def test_a_place_not_in_intercup_gives_what_is_near(
    directory: Directory, text: str, near: set[str]
) -> None:
    found = resolve_structure(text, directory)
    assert (found.kind, set(found.ids)) == ("outside", near)


@pytest.mark.parametrize("text", NONE)
def test_a_text_without_a_name_gives_nothing(directory: Directory, text: str) -> None:
    assert resolve_structure(text, directory).kind == "none"


def test_every_name_and_alias_finds_its_structure(directory: Directory) -> None:
    for structure in directory.structures:
        for name in (structure.name, *structure.aliases):
            assert structure.id in resolve_structure(name, directory).ids, name


def test_every_full_name_finds_only_its_structure(directory: Directory) -> None:
    for structure in directory.structures:
        for name in (structure.name, structure.name.upper(), structure.name.replace('"', "")):
            found = resolve_structure(name, directory)
            assert (found.kind, found.ids) == ("one", (structure.id,)), name


def test_every_outside_name_is_known_to_be_outside(directory: Directory) -> None:
    for place in directory.outside:
        for name in place.names:
            assert resolve_structure(name, directory).kind == "outside", name


def typos_of(word: str) -> set[str]:
    """Every way to forget a letter, double one, or swap two."""
    cuts = [(word[:index], word[index:]) for index in range(1, len(word))]
    forgotten = {left + right[1:] for left, right in cuts}
    doubled = {left + right[0] + right for left, right in cuts}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    return (forgotten | doubled | swapped) - {word}


def test_a_typo_never_gives_another_structure_for_certain(directory: Directory) -> None:
    for structure in directory.structures:
        for name in (structure.name, *structure.aliases):
            words = words_of(name)
            for index, word in enumerate(words):
                for typed in typos_of(word):
                    text = " ".join([*words[:index], typed, *words[index + 1 :]])
                    found = resolve_structure(text, directory)
                    assert found.kind != "one" or found.ids == (structure.id,), text


def test_a_name_of_one_word_with_a_typo_is_found(directory: Directory) -> None:
    words = {structure.province.lower() for structure in directory.structures} - {"palermo"}
    tried = [(word, typed) for word in words for typed in typos_of(word)]
    kinds = [resolve_structure(typed, directory).kind for _, typed in tried]
    assert kinds.count("none") <= len(tried) * 0.05


def test_accents_capitals_and_dots_do_not_matter() -> None:
    assert words_of("L'A.S.P. di Città, è À") == words_of("l'asp citta e a")


def test_a_very_long_text_is_resolved_quickly(directory: Directory) -> None:
    text = "parola qualunque che non dice niente " * 300 + "papardo"
    assert resolve_structure(text, directory).ids == ("ao_papardo",)


@pytest.mark.parametrize(
    "text",
    [
        "fate la risonanza al cervello?",
        "mi chiamo Martino Rossi",
        "abito al numero civico 7",
        "ho provato di mattino",
        "la visita viene messa in lista",
        "a che ora fissa il sito",
    ],
)
def test_ordinary_words_name_no_structure(directory: Directory, text: str) -> None:
    assert resolve_structure(text, directory).kind == "none"


def test_two_structures_in_one_sentence_are_asked_about(directory: Directory) -> None:
    text = "l'asp di Catania mi ha detto di scrivere al Papardo"
    found = resolve_structure(text, directory)
    assert (found.kind, set(found.ids)) == ("several", {"asp_catania", "ao_papardo"})
