"""The invented citizens of the demo identity provider."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoCitizen:
    """A test citizen, with the text of its button."""

    name: str
    surname: str
    fiscal_number: str
    email: str | None
    note: str
    at_desk: bool = False  # a member of the demo's technical team, with all roles

    @property
    def attributes(self) -> dict[str, str]:
        """SPID attributes by name, without missing ones."""
        values = {
            "name": self.name,
            "familyName": self.surname,
            "fiscalNumber": f"TINIT-{self.fiscal_number}",
            "email": self.email or "",
        }
        return {name: value for name, value in values.items() if value}


CITIZENS = (
    DemoCitizen(
        "Agata",
        "Lo Presti",
        "LPRGTA82B45C351V",
        "agata.lopresti@example.it",
        "cognome di due parole",
    ),
    DemoCitizen(
        "Niccolò",
        "D'Amico",
        "DMCNCL75M12G273U",
        "niccolo.damico@example.it",
        "accento e apostrofo, del presidio tecnico",
        at_desk=True,
    ),
    DemoCitizen(
        "Maria Immacolata Concetta",
        "Notarbartolo di Villarosa Moncada",
        "NTRMMC58S69F158M",
        "mariaimmacolata.notarbartolodivillarosa@posta.example.org",
        "nomi molto lunghi",
    ),
    DemoCitizen(
        "Żaneta",
        "Kowalczyk-Łukasiewicz",
        "KWLZNT90E52Z127U",
        "zaneta@example.org",
        "lettere straniere",
    ),
    DemoCitizen("Salvatore", "Cusumano", "CSMSVT67T30D423T", None, "senza indirizzo e-mail"),
)

# SPID's anomalies caused by the citizen, by error code.
ANOMALIES = {
    19: "Credenziali sbagliate più volte",
    20: "Credenziali di livello insufficiente",
    21: "Tempo scaduto",
    22: "Consenso negato",
    23: "Identità sospesa o bloccata",
    25: "Accesso annullato",
    30: "Identità di tipo diverso da quello atteso",
}
