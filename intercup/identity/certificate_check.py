"""Checks of a public service provider's key and certificate.

Source: AgID, Avviso SPID n. 29, "Certificati".
"""

from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

from intercup.identity.certificate import AGID_CERT, CERT_SP_PUB, URI

KEY_SIZES = (2048, 3072, 4096)  # bits
DIGESTS = ("sha256", "sha384", "sha512")
_PERSONAL = (NameOID.GIVEN_NAME, NameOID.SURNAME, NameOID.PSEUDONYM)


def certificate_problems(
    key_pem: str, certificate_pem: str, entity_id: str, ipa_code: str, now: datetime
) -> list[str]:
    """List the problems, in Italian; empty if there are none."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
    except ValueError:
        return ["il certificato non è leggibile (PEM X.509)"]
    return [
        *_key_problems(key_pem, certificate),
        *_subject_problems(certificate, entity_id, ipa_code),
        *_extension_problems(certificate),
        *_validity_problems(certificate, now),
    ]


def _key_problems(key_pem: str, certificate: x509.Certificate) -> list[str]:
    try:
        key = load_pem_private_key(key_pem.encode(), None)
    except (ValueError, TypeError):
        return ["la chiave privata non è leggibile (PEM senza password)"]
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size not in KEY_SIZES:
        return ["la chiave deve essere RSA da 2048, 3072 o 4096 bit"]
    if key.public_key() != certificate.public_key():
        return ["la chiave privata non è quella del certificato"]
    return []


def _subject_problems(certificate: x509.Certificate, entity_id: str, ipa_code: str) -> list[str]:
    subject = {part.oid: str(part.value) for part in certificate.subject}
    wanted = {
        URI: ("uri (2.5.4.83)", entity_id),
        NameOID.ORGANIZATION_IDENTIFIER: ("organizationIdentifier", f"PA:IT-{ipa_code}"),
        NameOID.COUNTRY_NAME: ("countryName", "IT"),
    }
    problems = [
        f"il campo {name} è «{subject.get(oid, '')}», deve essere «{value}»"
        for oid, (name, value) in wanted.items()
        if subject.get(oid) != value
    ]
    filled = {
        NameOID.COMMON_NAME: "commonName",
        NameOID.ORGANIZATION_NAME: "organizationName",
        NameOID.LOCALITY_NAME: "localityName",
    }
    problems += [f"manca il campo {name}" for oid, name in filled.items() if not subject.get(oid)]
    if any(oid in subject for oid in _PERSONAL):
        problems.append("il certificato non deve contenere nomi di persone")
    return problems


def _extension_problems(certificate: x509.Certificate) -> list[str]:
    problems = []
    extensions = certificate.extensions
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage)
        used = usage.value
        others = (used.key_encipherment, used.data_encipherment, used.key_agreement)
        signs_only = used.digital_signature and used.content_commitment
        if not usage.critical or not signs_only or any((*others, used.key_cert_sign)):
            problems.append("keyUsage: critico, soltanto digitalSignature e nonRepudiation")
        if extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            problems.append("basicConstraints: deve essere CA:FALSE")
        policies = extensions.get_extension_for_class(x509.CertificatePolicies).value
        found = {policy.policy_identifier for policy in policies}
        if not {AGID_CERT, CERT_SP_PUB} <= found:
            problems.append("certificatePolicies: servono 1.3.76.16.6 e 1.3.76.16.4.2.1")
    except x509.ExtensionNotFound as error:
        problems.append(f"manca l'estensione {error.oid.dotted_string}")
    return problems


def _validity_problems(certificate: x509.Certificate, now: datetime) -> list[str]:
    problems = []
    digest = certificate.signature_hash_algorithm
    if digest is None or digest.name not in DIGESTS:
        problems.append("la firma del certificato deve usare SHA-256, SHA-384 o SHA-512")
    try:
        certificate.verify_directly_issued_by(certificate)
    except (InvalidSignature, ValueError, TypeError):
        problems.append("il certificato non è firmato con la propria chiave")
    if not certificate.not_valid_before_utc <= now:
        problems.append(
            f"il certificato vale soltanto dal {certificate.not_valid_before_utc:%d/%m/%Y}"
        )
    if certificate.not_valid_after_utc <= now:
        problems.append(f"il certificato è scaduto il {certificate.not_valid_after_utc:%d/%m/%Y}")
    return problems
