"""Every typo of one letter, made by rule: nobody chose the ones that are easy."""

import pytest

from intercup.domain.directory import Directory
from intercup.domain.structure_names import resolve_structure, words_of

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NAMES = {
    "papardo": "ao_papardo",
    "ospedale papardo": "ao_papardo",
    "cannizzaro": "ao_cannizzaro",
    "ospedale cannizzaro": "ao_cannizzaro",
    "policlinico messina": "aou_policlinico_messina",
    "policlinico martino": "aou_policlinico_messina",
    "policlinico catania": "aou_policlinico_catania",
    "san marco": "aou_policlinico_catania",
    "rodolico": "aou_policlinico_catania",
    "bonino pulejo": "irccs_bonino_pulejo",
    "neurolesi": "irccs_bonino_pulejo",
    "villa sofia": "ao_villa_sofia_cervello",
    "ospedale cervello": "ao_villa_sofia_cervello",
}


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


def neighbours(letter: str) -> str:
    """The keys beside this one."""
    for above, row, below in zip(("", *KEYS), KEYS, (*KEYS[1:], ""), strict=False):
        if letter in row:
            at = row.index(letter)
            return (
                row[max(0, at - 1) : at]
                + row[at + 1 : at + 2]
                + above[at : at + 1]
                + below[at : at + 1]
            )
    return ""


def wrong_letters(name: str) -> list[str]:
    """A name with one letter missing, double, swapped with the next or hit on the next key."""
    made: list[str] = []
    for at, letter in enumerate(name):
        before, after = name[:at], name[at + 1 :]
        made += [before + after, before + letter + letter + after]
        made += [before + key + after for key in neighbours(letter)]
        if after and after[0] != letter:
            made.append(before + after[0] + letter + after[1:])
    return made


def test_a_wrong_letter_is_forgiven_and_never_taken_for_another(directory: Directory) -> None:
    places = {s.province.lower(): s.id for s in directory.structures if s.id.startswith("asp_")}
    names = NAMES | places | {f"asp {place}": id_ for place, id_ in places.items()}
    tried = found = 0
    for name, id_ in names.items():
        for typed in wrong_letters(name):
            resolved = resolve_structure(typed, directory)
            assert resolved.kind != "one" or resolved.ids == (id_,), typed
            tried += 1
            found += id_ in resolved.ids and resolved.kind != "outside"
    assert tried > 1500
    assert found / tried >= 0.95, (found, tried)


@pytest.mark.parametrize(
    ("typed", "id_"),
    [
        ("Bronti", "asp_catania"),
        ("Caltagiruni", "asp_catania"),
        ("Milazzu", "asp_messina"),
        ("u Papardu", "ao_papardo"),
    ],
)
def test_a_name_with_the_vowels_of_sicilian_is_proposed(
    directory: Directory, typed: str, id_: str
) -> None:
    found = resolve_structure(typed, directory)
    assert (found.kind, found.ids) == ("guess", (id_,))
