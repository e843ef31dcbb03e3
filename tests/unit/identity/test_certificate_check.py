"""Problems of a key and a certificate that a public service can't use."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from intercup.identity.certificate import create_key_and_certificate
from intercup.identity.certificate_check import certificate_problems
from tests.support.saml_answering import Keys

ENTITY = "https://intercup.example.it"


@pytest.fixture(scope="module")
def keys() -> Keys:
    return Keys(
        *create_key_and_certificate("InterCup", "Regione", ENTITY, "r_sicili", "Palermo", 30)
    )


def problems(keys: Keys, **other: object) -> list[str]:
    values = {"entity_id": ENTITY, "ipa_code": "r_sicili", "now": datetime.now(UTC)} | other
    return certificate_problems(keys.key, keys.certificate, **values)  # type: ignore[arg-type]


def test_our_own_certificate_is_right(keys: Keys) -> None:
    assert problems(keys) == []


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"entity_id": "https://other.example.it"}, "uri (2.5.4.83)"),
        ({"ipa_code": "c_g273"}, "organizationIdentifier"),
        ({"now": datetime.now(UTC) + timedelta(days=31)}, "è scaduto"),
        ({"now": datetime.now(UTC) - timedelta(days=1)}, "vale soltanto dal"),
    ],
)
def test_a_certificate_for_something_else_is_told(
    other: dict[str, object], said: str, keys: Keys
) -> None:
    (problem,) = problems(keys, **other)
    assert said in problem


def test_a_key_of_another_certificate_is_told(keys: Keys, foreign_keys: Keys) -> None:
    (problem,) = problems(Keys(foreign_keys.key, keys.certificate))
    assert "non è quella del certificato" in problem


@pytest.mark.parametrize("text", ["", "no PEM"])
def test_what_is_no_pem_is_told(text: str, keys: Keys) -> None:
    assert "certificato non è leggibile" in problems(Keys(keys.key, text))[0]
    assert "chiave privata non è leggibile" in problems(Keys(text, keys.certificate))[0]


def test_a_certificate_made_for_other_uses_is_told_all_at_once(keys: Keys) -> None:
    key = load_pem_private_key(keys.key.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    name = x509.Name([x509.NameAttribute(NameOID.SURNAME, "Rossi")])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Some CA")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )
    told = "\n".join(problems(Keys(keys.key, certificate.public_bytes(Encoding.PEM).decode())))

    for said in (
        *("uri (2.5.4.83)", "organizationIdentifier", "countryName", "manca il campo commonName"),
        *("nomi di persone", "manca l'estensione", "non è firmato con la propria chiave"),
    ):
        assert said in told


def test_a_short_key_is_told(keys: Keys) -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 (refused)
    pem = short.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    assert "RSA da 2048" in problems(Keys(pem, keys.certificate))[0]
