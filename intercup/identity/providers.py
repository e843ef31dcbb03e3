"""Identity providers from their metadata, in the format of the SPID registry."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID
from lxml import etree

from intercup.errors import ConfigurationError
from intercup.identity.saml_xml import MD, NS, POST, REDIRECT, safe_parser

# The subject of the demo provider's certificates, which identifies it.
DEMO_NAME = "Fornitore di identità dimostrativo"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True)
class IdentityProvider:
    """One identity provider; certificates are base64 DER, as metadata has them."""

    entity_id: str
    name: str
    sso_redirect_url: str
    sso_post_url: str | None
    slo_url: str | None
    slo_response_url: str | None
    slo_post_url: str | None  # for logout answers if there is no redirect
    certificates: tuple[str, ...]


@dataclass(frozen=True)
class Registry:
    """The usable identity providers, and the problems of files or entries left out."""

    providers: tuple[IdentityProvider, ...]
    problems: tuple[str, ...]


def read_identity_providers(source: Path | bytes) -> Registry:
    """Read a metadata file, a folder of `*.xml` files, or the XML itself, in the given order.

    A file holds one EntityDescriptor or, as from the SPID registry, many of them.
    """
    problems: list[str] = []
    origins: dict[str, str] = {}
    providers: list[IdentityProvider] = []
    for name, document in _documents(source, problems):
        for entity in _entities(name, document, problems):
            entity_id = entity.get("entityID", "")
            provider = _provider(entity)
            if isinstance(provider, str):
                problems.append(f"{name}: {entity_id or 'senza entityID'}: {provider}")
            elif entity_id in origins:
                problems.append(f"{name}: {entity_id}: è già in {origins[entity_id]}")
            else:
                origins[entity_id] = name
                providers.append(provider)
    return Registry(tuple(providers), tuple(problems))


def load_identity_providers(source: Path | bytes) -> list[IdentityProvider]:
    """Read identity providers that must all be usable.

    Raises:
        ConfigurationError: with every unusable file or provider.
    """
    registry = read_identity_providers(source)
    if registry.problems:
        raise ConfigurationError(list(registry.problems))
    return list(registry.providers)


def without_demo(registry: Registry) -> Registry:
    """Leave out the demo identity provider, recognised by its certificate."""
    demo = [each for each in registry.providers if any(map(_is_of_the_demo, each.certificates))]
    problems = [f"{each.entity_id}: è il fornitore di identità dimostrativo" for each in demo]
    providers = tuple(each for each in registry.providers if each not in demo)
    return Registry(providers, (*registry.problems, *problems))


def _is_of_the_demo(body: str) -> bool:
    subject = _certificate(body).subject
    return any(
        name.value == DEMO_NAME for name in subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    )


def _documents(source: Path | bytes, problems: list[str]) -> Iterator[tuple[str, bytes]]:
    if isinstance(source, bytes):
        yield "metadata", source
        return
    for file in sorted(source.glob("*.xml")) if source.is_dir() else [source]:
        try:
            yield str(file), file.read_bytes()
        except OSError as error:
            problems.append(f"{file}: il file non si legge: {error.strerror}")


def _entities(name: str, document: bytes, problems: list[str]) -> list[etree._Element]:
    try:
        root = etree.fromstring(document, safe_parser())
    except etree.XMLSyntaxError as error:
        problems.append(f"{name}: non è XML valido, riga {error.lineno}")
        return []
    entities = [
        entity
        for entity in root.iter(f"{{{MD}}}EntityDescriptor")
        if entity.find("md:IDPSSODescriptor", NS) is not None
    ]
    if not entities:
        problems.append(f"{name}: non contiene gestori di identità (IDPSSODescriptor)")
    return entities


def _provider(entity: etree._Element) -> IdentityProvider | str:
    """Read one provider, or return the reason why it is unusable."""
    role = entity.find("md:IDPSSODescriptor", NS)
    entity_id = entity.get("entityID")
    if role is None or not entity_id:
        return "manca l'entityID"
    sso = _locations(role, "md:SingleSignOnService")
    slo = _locations(role, "md:SingleLogoutService")
    answers = _locations(role, "md:SingleLogoutService", "ResponseLocation")
    certificates = _signing_certificates(role)
    if not sso.get(REDIRECT, "").startswith(("https://", "http://")):
        return "manca l'indirizzo SSO per HTTP-Redirect"
    if not certificates:
        return "manca il certificato di firma"
    if not all(map(_is_certificate, certificates)):
        return "un certificato di firma non è leggibile"
    return IdentityProvider(
        entity_id=entity_id,
        name=_display_name(entity) or entity_id,
        sso_redirect_url=sso[REDIRECT],
        sso_post_url=sso.get(POST),
        slo_url=slo.get(REDIRECT),
        slo_response_url=answers.get(REDIRECT) or slo.get(REDIRECT),
        slo_post_url=answers.get(POST) or slo.get(POST),
        certificates=certificates,
    )


def _signing_certificates(role: etree._Element) -> tuple[str, ...]:
    return tuple(
        body
        for key in role.findall("md:KeyDescriptor", NS)
        if key.get("use", "signing") == "signing"
        for certificate in key.iterfind(".//ds:X509Certificate", NS)
        if (body := "".join((certificate.text or "").split()))
    )


def _certificate(body: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(base64.b64decode(body, validate=True))


def _is_certificate(body: str) -> bool:
    # An expired certificate still counts: SPID trusts the metadata, not the certificate.
    try:
        _certificate(body)
    except ValueError:
        return False
    return True


def _locations(role: etree._Element, service: str, attribute: str = "Location") -> dict[str, str]:
    """Return the service's addresses by binding."""
    return {
        endpoint.get("Binding", ""): endpoint.get(attribute, "")
        for endpoint in role.findall(service, NS)
    }


def _display_name(entity: etree._Element) -> str | None:
    """Return the display name, or else the organisation's; in Italian, or else another language."""
    for kind in ("OrganizationDisplayName", "OrganizationName"):
        names = {
            name.get(_XML_LANG, ""): text
            for name in entity.findall(f"md:Organization/md:{kind}", NS)
            if (text := (name.text or "").strip())
        }
        if names:
            return names.get("it") or next(iter(names.values()))
    return None
