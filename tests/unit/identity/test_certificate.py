"""The certificate by Avviso SPID n. 29."""

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from intercup.identity.certificate import create_key_and_certificate


def test_the_certificate_follows_the_rules_for_public_services() -> None:
    key_pem, certificate_pem = create_key_and_certificate(
        "InterCup", "Regione Siciliana", "https://intercup.example.it", "r_sicili", "Palermo", 365
    )
    certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
    key = load_pem_private_key(key_pem.encode(), None)

    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.key_size == 3072
    assert certificate.public_key() == key.public_key()
    certificate.verify_directly_issued_by(certificate)
    assert certificate.signature_hash_algorithm is not None
    assert certificate.signature_hash_algorithm.name == "sha256"
    assert {part.oid.dotted_string: part.value for part in certificate.subject} == {
        "2.5.4.3": "InterCup",
        "2.5.4.10": "Regione Siciliana",
        "2.5.4.97": "PA:IT-r_sicili",
        "2.5.4.83": "https://intercup.example.it",
        "2.5.4.6": "IT",
        "2.5.4.7": "Palermo",
    }
    lifetime = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lifetime == timedelta(days=365)
    extensions = certificate.extensions
    assert extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.content_commitment
    assert not usage.key_cert_sign
    policies = extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert [policy.policy_identifier.dotted_string for policy in policies] == [
        "1.3.76.16.6",
        "1.3.76.16.4.2.1",
    ]
