"""The service provider: SPID behind one small interface."""

import hmac
import logging
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from onelogin.saml2.errors import OneLogin_Saml2_ValidationError as ValidationError

from intercup.identity.attributes import citizen_from
from intercup.identity.citizen import Citizen
from intercup.identity.errors import LoginRefused, Reason
from intercup.identity.messages import SpidAuth
from intercup.identity.metadata import signed_metadata
from intercup.identity.providers import IdentityProvider, load_identity_providers
from intercup.identity.response import Expected, SpidResponse
from intercup.identity.saml_xml import NS, decode, inflate, parse, tag
from intercup.identity.spid_settings import SpidSettings, request_data, toolkit_settings

__all__ = [
    "IdentityProvider",
    "LoginStart",
    "PendingLogin",
    "ServiceProvider",
    "SpidSettings",
    "load_identity_providers",
]

logger = logging.getLogger(__name__)

RELAY_STATE_BYTES = 32
_LOGOUT_FIELDS = {"SAMLRequest", "RelayState", "SigAlg", "Signature"}
# Our own checks come first, so these are the reasons that only python3-saml's can find.
_TOOLKIT_REASONS = {
    ValidationError.WRONG_SUBJECTCONFIRMATION: Reason.EXPIRED,
    ValidationError.SESSION_EXPIRED: Reason.EXPIRED,
    ValidationError.NO_ATTRIBUTESTATEMENT: Reason.MISSING_ATTRIBUTE,
    ValidationError.DUPLICATED_ATTRIBUTE_NAME_FOUND: Reason.INVALID_ATTRIBUTE,
}


@dataclass(frozen=True)
class LoginStart:
    """A login to send the browser to.

    The query of `redirect_url` is signed as written: whoever redirects must not re-encode it.
    """

    request_id: str
    issue_instant: datetime
    redirect_url: str
    relay_state: str
    request_xml: str


@dataclass(frozen=True)
class PendingLogin:
    """What the caller remembers of a LoginStart; to be used once, by one browser."""

    request_id: str
    issue_instant: datetime
    idp_entity_id: str
    relay_state: str


class ServiceProvider:
    """Logins with the given identity providers."""

    def __init__(self, settings: SpidSettings, providers: Iterable[IdentityProvider]) -> None:
        self._settings = settings
        self._providers = {provider.entity_id: provider for provider in providers}

    def begin(self, idp_entity_id: str, now: datetime) -> LoginStart:
        """Make a signed request for an identity provider.

        Raises:
            LoginRefused: the identity provider isn't known.
        """
        settings = toolkit_settings(self._settings, self._provider(idp_entity_id))
        relay_state = secrets.token_urlsafe(RELAY_STATE_BYTES)
        instant = now.replace(microsecond=0)
        auth = SpidAuth(request_data(self._settings.acs_url), settings, instant)
        redirect_url = auth.login(return_to=relay_state, force_authn=True)
        return LoginStart(
            request_id=auth.get_last_request_id(),
            issue_instant=instant,
            redirect_url=redirect_url,
            relay_state=relay_state,
            request_xml=auth.get_last_request_xml(),
        )

    def complete(
        self, saml_response: str, relay_state: str, pending: PendingLogin, now: datetime
    ) -> Citizen:
        """Check the answer to a pending login (base64) and return who logged in.

        Takes milliseconds of processor time and reads schema files. `now` must be the present:
        python3-saml's own checks, run after these, read the clock.

        Raises:
            LoginRefused: with the key of the reason.
        """
        if not hmac.compare_digest(relay_state.encode(), pending.relay_state.encode()):
            raise LoginRefused(Reason.WRONG_RELAY_STATE)
        provider = self._provider(pending.idp_entity_id)
        expected = Expected(
            self._settings, provider, pending.request_id, pending.issue_instant, now
        )
        with _refusing():
            return self._complete(saml_response, expected)

    def metadata(self) -> bytes:
        """Return this service provider's signed metadata."""
        return signed_metadata(self._settings)

    def answer_logout(self, query_string: str, now: datetime) -> str:
        """Answer a provider's signed LogoutRequest (raw query) with the address to redirect to.

        Raises:
            LoginRefused: the request isn't signed by a provider of ours, or not for us.
        """
        query = dict(parse_qsl(query_string))
        root = parse(inflate(query.get("SAMLRequest", "")))
        if root.tag != tag("samlp:LogoutRequest"):
            raise LoginRefused(Reason.MALFORMED)
        if root.get("Destination") != self._settings.slo_url:
            raise LoginRefused(Reason.WRONG_DESTINATION)
        provider = self._provider(root.findtext("saml:Issuer", "", NS))
        request = request_data(self._settings.slo_url) | {
            "get_data": {name: query[name] for name in _LOGOUT_FIELDS & query.keys()},
            "query_string": query_string,
            "validate_signature_from_qs": True,
        }
        with _refusing():
            auth = SpidAuth(request, toolkit_settings(self._settings, provider), now)
            redirect_url = auth.process_slo(keep_local_session=True)
        if auth.get_errors():
            raise LoginRefused(Reason.BAD_SIGNATURE)
        return str(redirect_url)

    def _provider(self, entity_id: str) -> IdentityProvider:
        try:
            return self._providers[entity_id]
        except KeyError:
            raise LoginRefused(Reason.IDP_UNKNOWN) from None

    def _complete(self, saml_response: str, expected: Expected) -> Citizen:
        parse(decode(saml_response))
        settings = toolkit_settings(self._settings, expected.provider)
        response = SpidResponse(settings, saml_response, expected)
        if not response.is_valid(request_data(self._settings.acs_url), expected.request_id):
            raise LoginRefused(Reason.MALFORMED)
        return citizen_from(response.attribute_values())


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what the libraries raise into refusals, without their texts."""
    try:
        yield
    except LoginRefused:
        raise
    except ValidationError as error:
        raise LoginRefused(_TOOLKIT_REASONS.get(error.code, Reason.MALFORMED)) from None
    # python3-saml and xmlsec raise bare Exceptions, whose texts may quote the message.
    except Exception as error:
        logger.warning("A SAML message could not be read: %s", type(error).__name__)
        raise LoginRefused(Reason.MALFORMED) from None
