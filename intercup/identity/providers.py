"""Identity providers from their SPID metadata."""

from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from intercup.errors import ConfigurationError
from intercup.identity.saml_xml import MD, NS, POST, REDIRECT

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
    certificates: tuple[str, ...]


def load_identity_providers(source: Path | bytes) -> list[IdentityProvider]:
    """Read a metadata file, a folder of `*.xml` files, or the XML itself, in the given order.

    Raises:
        ConfigurationError: with every file or provider that isn't usable.
    """
    if isinstance(source, bytes):
        documents = {"metadata": source}
    else:
        files = sorted(source.glob("*.xml")) if source.is_dir() else [source]
        documents = {str(file): file.read_bytes() for file in files}
    providers: dict[str, IdentityProvider] = {}
    problems: list[str] = []
    for name, document in documents.items():
        for entity in _entities(name, document, problems):
            provider = _provider(entity)
            if provider is None:
                problems.append(f"{name}: {entity.get('entityID')}: manca l'SSO o il certificato")
            else:
                providers[provider.entity_id] = provider
    if problems:
        raise ConfigurationError(problems)
    return list(providers.values())


def _entities(name: str, document: bytes, problems: list[str]) -> list[etree._Element]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        problems.append(f"{name}: {error.msg}")
        return []
    return [
        entity
        for entity in root.iter(f"{{{MD}}}EntityDescriptor")
        if entity.find("md:IDPSSODescriptor", NS) is not None
    ]


def _provider(entity: etree._Element) -> IdentityProvider | None:
    """Read one provider; None if nobody could log in with it."""
    role = entity.find("md:IDPSSODescriptor", NS)
    entity_id = entity.get("entityID")
    if role is None or not entity_id:
        return None
    sso = _locations(role, "md:SingleSignOnService")
    certificates = tuple(
        "".join((certificate.text or "").split())
        for key in role.findall("md:KeyDescriptor", NS)
        if key.get("use", "signing") == "signing"
        for certificate in key.iterfind(".//ds:X509Certificate", NS)
    )
    if REDIRECT not in sso or not any(certificates):
        return None
    logout = role.find(f"md:SingleLogoutService[@Binding='{REDIRECT}']", NS)
    slo = None if logout is None else logout.get("Location")
    return IdentityProvider(
        entity_id=entity_id,
        name=_display_name(entity) or entity_id,
        sso_redirect_url=sso[REDIRECT],
        sso_post_url=sso.get(POST),
        slo_url=slo,
        slo_response_url=slo if logout is None else logout.get("ResponseLocation", slo),
        certificates=certificates,
    )


def _locations(role: etree._Element, service: str) -> dict[str, str]:
    """Return the service's addresses by binding."""
    return {
        endpoint.get("Binding", ""): endpoint.get("Location", "")
        for endpoint in role.findall(service, NS)
    }


def _display_name(entity: etree._Element) -> str | None:
    """Return the Italian display name, or another language's."""
    names = {
        name.get(_XML_LANG, ""): (name.text or "").strip()
        for name in entity.findall("md:Organization/md:OrganizationDisplayName", NS)
    }
    return names.get("it") or next(iter(names.values()), None)
