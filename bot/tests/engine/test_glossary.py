import re
from pathlib import Path

import pytest
from engine import glossary
from engine.glossary import WORD, Glossary, plain, told_in_italian

ITALIAN = Path(__file__).parents[2] / "data/nlu.yml"
# Words of the sentences that are foreign, and those that Italian takes from English: these may be
# told in other words. Whatever else is written there, Italian, Sicilian or misspelled, may not.
FOREIGN = """
    acasa accept acte acum aduc affiche ajutati always ambulance analize anulez apas appointment
    apporter arata asigurare aujourd autentificare available azi baby back baiatul batrina
    batrinul bebe begin blank bleeding blood bonjour book booking box brat breakfast breathing
    bring buna bus button calendar calendrier can can't cancel canizzaro cant capul card cardio
    cardiologie cat catane cererea chatbot choking choose chosen click clique collapsed comment
    confirm confirma consultation copilul correct crash cum cœur dau dimineata dit doamna doare
    doctor don't dos echo echographie edit enceinte enfant enfants epilepsie eroare erreur every
    examen expired eye fast father faut fille floor found freeza freezes gone grey head hello
    hey hi hier hour husband infarct inima insarcinata invalid italian ja jeun job jours kalb
    kill like live log maine mama mamei matin medecin merci mereu merge messine mois months
    morning mother mourir move much mum mut need news next niciun not now number numro ochi
    ochio old open operat ordonnance otp ou page palerme papers parler pas pastile pere peut
    peux phone pick place please pls plus poate policlinica pregnancy pregnant prescription
    primit prise programarea qu quand quelqu raguse raspuns read red refuse refused rendez
    request reserve reservee response right rog rosie salam sang sange saptamana say says scan
    see sees semaines send session shows sign site slowed spins staff status structure supprimer
    surgery syracuse tablets take tap tape tel tests tete thank thanks time today tot trebuie
    trimis ultrasound unavailable unde urgence urgences urgenta user visit visits vizita vois
    voudrais vreau wait want web week what wheelchair when where work wrong yesterday zi zice
    zile ziua
"""


@pytest.mark.parametrize(
    ("text", "italian"),
    [
        ("The calendar doesn't work", "The calendario non funziona"),
        ("l'HÔPITAL de Messine", "l'ospedale de Messina"),
        ("unde scriu reteta", "dove scrivo ricetta"),
        ("في كاتانيا", "في Catania"),
        ("بتراباني", "Trapani"),
        ("fi Katania, nekteb el wasfa", "fi Catania, scrivo el ricetta"),
        ("Il sito non mi fa scegliere la data", "Il sito non mi fa scegliere la data"),
    ],
)
def test_foreign_words_are_told_in_italian(text: str, italian: str) -> None:
    assert told_in_italian(text) == italian


def test_the_longest_beginning_counts_and_a_whole_word_goes_before_it(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text("uno: [ab*]\ndue: [abc*]\ntre: [abcd]\n")
    read = Glossary.read(path)
    assert [read.italian(word) for word in ("abx", "ABCX", "àbcd", "a")] == [
        "uno",
        "due",
        "tre",
        "a",
    ]


def test_no_word_of_the_italian_sentences_is_taken_for_a_foreign_one() -> None:
    text = ITALIAN.read_text("utf-8")
    words = {plain(word) for word in WORD.findall(re.sub(r"(?m)^\S.*$", "", text))}
    read = Glossary.read(glossary.FILE)
    italian = (word for word in words - set(FOREIGN.split()) if not glossary.ARABIC.match(word))
    changed = {word: read.italian(word) for word in italian}
    assert {word: told for word, told in changed.items() if plain(told) != word} == {}


@pytest.mark.parametrize(
    "text",
    [
        "mi esce pus dal dente",
        "care colleghe, siamo ferme a Mara con la tata",
        "sacciu ca i figghi vannu a mari",
        "la farmacia ambulante, una disparità davanti alla platea",
        "ho pregato e continui a vomitare",
        "sto sulle spine, mi sento venir meno",
        "l'operatrice e il mobile all'alba",
    ],
)
def test_italian_and_sicilian_words_stay(text: str) -> None:
    assert told_in_italian(text) == text


def test_a_word_that_denies_is_told_with_its_not() -> None:
    assert told_in_italian("NRE invalid") == "NRE non valido"


def test_an_arabic_article_is_not_the_beginning_of_another_word() -> None:
    assert told_in_italian("الموقع") == "sito"
