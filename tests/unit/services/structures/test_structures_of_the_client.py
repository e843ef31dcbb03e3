"""config/structures.yaml equals the client's table (MISSION.md, seed) to the letter."""

from intercup.domain.directory import Directory
from tests.support.paths import ROOT

TABLE = """
asp_agrigento | ASP Agrigento | servizi.informatici@aspag.it | salvatore.montante@aspag.it
asp_caltanissetta | ASP Caltanissetta | cup.servizio.tecnico@asp.cl.it | cup.gestionale@asp.cl.it
asp_catania | ASP Catania | assistenza.tecnicacup@aspct.it | richieste.gestionalicup@aspct.it
ao_cannizzaro | A.O. per l'Emergenza "Cannizzaro" di Catania |
 InterCup-prenotazioni@ospedale-cannizzaro.it | InterCup-richieste@ospedale-cannizzaro.it
aou_policlinico_catania | A.O.U. Policlinico "G. Rodolico - San Marco" di Catania |
 informazioniambulatori@policlinico.unict.it | informazioniambulatori@policlinico.unict.it
asp_messina | ASP Messina | f.dantonino@ads.it | info.intercup@asp.messina.it
irccs_bonino_pulejo | IRCCS Centro Neurolesi Bonino Pulejo di Messina | f.dantonino@ads.it |
 assistenzaamministrativo.gestionalicup@irccsme.it
aou_policlinico_messina | A.O.U. Policlinico G. Martino di Messina | f.dantonino@ads.it |
 cup@polime.it
ao_papardo | A.O. Papardo di Messina | f.dantonino@ads.it | cup@aopapardo.it
ao_villa_sofia_cervello | A.O. Ospedali Riuniti "Villa Sofia - Cervello" di Palermo |
 kdimiceli@villasofia.it, zacchino@olomedia.it | kdimiceli@villasofia.it, zacchino@olomedia.it
asp_ragusa | ASP Ragusa | websanity.prenotazioni@asp.rg.it | cupregionale@asp.rg.it
asp_siracusa | ASP Siracusa | assistenza.tecnicacup@asp.sr.it | coordinamento.cup@asp.sr.it
asp_trapani | ASP Trapani | cup@asptrapani.it | cup@asptrapani.it
"""
LINES = TABLE.strip().replace("|\n", "|").split("\n")
ROWS = [[cell.strip() for cell in line.split(" |")] for line in LINES]


def test_the_structures_and_mailboxes_are_those_of_the_client(directory: Directory) -> None:
    found = [
        [s.id, s.name, ", ".join(s.technical), ", ".join(s.administrative)]
        for s in directory.structures
    ]
    assert found == ROWS
    assert len(found) == 13


def test_only_the_unclear_row_is_to_confirm(directory: Directory) -> None:
    marked = [s.id for s in directory.structures if s.to_confirm]
    assert marked == ["ao_villa_sofia_cervello"]


def test_the_central_mailboxes_are_those_of_the_client(directory: Directory) -> None:
    assert directory.home_mailbox == "intercup@regione.sicilia.it"
    assert directory.platform_mailbox == "InterCupassistenza@almaviva.it"


def test_each_kind_of_request_goes_to_its_office(directory: Directory) -> None:
    for id_, name, technical, administrative in ROWS:
        office = directory.office_for("technical", id_)
        assert (office.name, ", ".join(office.addresses)) == (
            *(f"{name} - Assistenza tecnica",),
            technical,
        )
        office = directory.office_for("information", id_)
        assert (office.name, ", ".join(office.addresses)) == (
            *(f"{name} - Assistenza amministrativa",),
            administrative,
        )
        assert directory.office_for("platform", id_).addresses == (
            "InterCupassistenza@almaviva.it",
        )


def test_no_mailbox_of_a_structure_is_in_code(directory: Directory) -> None:
    addresses = {a for s in directory.structures for a in (*s.technical, *s.administrative)}
    for path in [*(ROOT / "intercup").rglob("*.*"), *(ROOT / "bot").glob("**/*.yml")]:
        if ".venv" in path.parts or path.suffix not in (".py", ".html", ".yml", ".yaml", ".txt"):
            continue
        text = path.read_text("utf-8")
        assert not [a for a in addresses if a in text], path
