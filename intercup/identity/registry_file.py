"""The file with all identity providers that SPID's registry signs."""

from datetime import datetime

from lxml import etree

from intercup.errors import ConfigurationError
from intercup.identity.errors import LoginRefused
from intercup.identity.providers import Registry, read_identity_providers, without_demo
from intercup.identity.saml_xml import instant, safe_parser
from intercup.identity.signatures import check_registry_signature


def read_signed_registry(document: bytes, certificate_pem: str, now: datetime) -> Registry:
    """Read a signed, unexpired metadata file; unusable entries are among the problems.

    Raises:
        ConfigurationError: the signature isn't the certificate's, the file has expired, or no
            provider is usable.
    """
    try:
        root = etree.fromstring(document, safe_parser())
        check_registry_signature(root, certificate_pem)
    except etree.XMLSyntaxError as error:
        raise ConfigurationError([f"non è XML valido, riga {error.lineno}"]) from error
    except LoginRefused as error:
        raise ConfigurationError([f"firma del registro non valida: {error.key}"]) from error
    _check_age(root.get("validUntil"), now)
    registry = without_demo(read_identity_providers(document))
    if not registry.providers:
        raise ConfigurationError(["nessun gestore utilizzabile", *registry.problems])
    return registry


def _check_age(until: str | None, now: datetime) -> None:
    try:
        is_old = until is not None and instant(until) < now
    except LoginRefused as error:
        raise ConfigurationError([f"validUntil non è un istante UTC: {until}"]) from error
    if is_old:
        raise ConfigurationError([f"il file è scaduto: {until}"])
