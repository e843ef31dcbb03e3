"""Receipts of certified mail as a server issues them, for a row of the outbox.

Source: DM 2 novembre 2005, Regole tecniche, 6.3 to 6.5: headers, multipart/signed, daticert.xml.
"""

from base64 import encodebytes
from xml.sax.saxutils import escape

from intercup.db.tables import Delivery
from intercup.domain.pec import FAILURES, ReceiptKind
from tests.support.made_requests import MAIL_FROM

SERVER = "posta-certificata@pec.example.it"
SUBJECTS = {
    ReceiptKind.ACCEPTED: "ACCETTAZIONE: ",
    ReceiptKind.DELIVERED: "CONSEGNA: ",
    ReceiptKind.LATE: "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ",
    ReceiptKind.NOT_ACCEPTED: "AVVISO DI NON ACCETTAZIONE: ",
    ReceiptKind.NOT_DELIVERED: "AVVISO DI MANCATA CONSEGNA: ",
    ReceiptKind.VIRUS: "PROBLEMA DI SICUREZZA: ",
}
ISSUED = 1_794_990_400.0  # 18/11/2026 09:26:40 in Italy


def daticert(kind: str, row: Delivery, *, told: str = "", msgid: str | None = None) -> str:
    """The data of a receipt; `told` stands before the root, as a DTD does.

    A server gives all receipts of a mail the same identifier.
    """
    ended = kind in {ReceiptKind.DELIVERED, ReceiptKind.LATE, ReceiptKind.NOT_DELIVERED}
    error = "no-dest" if kind in FAILURES else "nessuno"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
{told}<postacert tipo="{kind}" errore="{error}">
    <intestazione>
        <mittente>{MAIL_FROM}</mittente>
        <destinatari tipo="certificato">{row.recipient}</destinatari>
        <risposte>{MAIL_FROM}</risposte>
        <oggetto>[InterCup] Problema tecnico</oggetto>
    </intestazione>
    <dati>
        <gestore-emittente>Gestore S.p.A.</gestore-emittente>
        <data zona="+0100"><giorno>18/11/2026</giorno><ora>09:26:40</ora></data>
        <identificativo>opec{row.id}.20261118092640.1.1@pec.example.it</identificativo>
        <msgid>{escape(row.message_id if msgid is None else msgid)}</msgid>
        {f"<consegna>{row.recipient.title()}</consegna>" if ended else ""}
    </dati>
</postacert>
"""


def pec_receipt(
    kind: str,
    row: Delivery,
    *headers: str,
    to: str = MAIL_FROM,
    data: str | None = None,
    refers: bool = True,
) -> bytes:
    """A whole receipt, signed, with the sent mail in one of delivery."""
    xml = daticert(kind, row) if data is None else data
    parts = [
        f"Content-Type: text/plain\n\nIl messaggio diretto a {row.recipient} è stato trattato.",
        'Content-Type: application/xml; name="daticert.xml"\n'
        'Content-Disposition: inline; filename="daticert.xml"\n'
        f"Content-Transfer-Encoding: base64\n\n{encodebytes(xml.encode()).decode()}",
    ]
    if kind == ReceiptKind.DELIVERED:
        sent = row.raw.decode("utf-8", "replace").replace("\r\n", "\n")
        parts.append(f'Content-Type: message/rfc822; name="postacert.eml"\n\n{sent}')
    mixed = "\n--m\n" + "\n--m\n".join(parts) + "\n--m--\n"
    signed = [
        f'Content-Type: multipart/mixed; boundary="m"\n{mixed}',
        'Content-Type: application/pkcs7-signature; name="smime.p7s"\n'
        "Content-Transfer-Encoding: base64\n\nMIIB\n",
    ]
    head = [
        f'From: "Posta Certificata" <{SERVER}>',
        f"To: {to}",
        f"Subject: {SUBJECTS.get(ReceiptKind(kind), '') if kind in ReceiptKind else ''}x",
        f"X-Ricevuta: {kind}",
        *([f"X-Riferimento-Message-ID: {row.message_id}"] if refers else []),
        *headers,
        "MIME-Version: 1.0",
        'Content-Type: multipart/signed; protocol="application/pkcs7-signature";'
        ' micalg=sha-256; boundary="s"',
    ]
    body = "\n--s\n" + "\n--s\n".join(signed) + "\n--s--\n"
    return ("\n".join(head) + "\n" + body).encode()
