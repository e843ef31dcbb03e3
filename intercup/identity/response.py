"""The checks of an identity provider's response.

Source: SPID regole tecniche, "Single sign-on"; the cases of spid-sp-test.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from intercup.identity.errors import LoginRefused, Reason
from intercup.identity.level import is_enough
from intercup.identity.providers import IdentityProvider
from intercup.identity.saml_xml import (
    BEARER,
    ENTITY,
    NS,
    SUCCESS,
    TRANSIENT,
    instant,
    only_child,
    tag,
    text_of,
)
from intercup.identity.signatures import check_signatures, is_signed
from intercup.identity.spid_settings import SpidSettings

# "ErrorCode nr25" by the rules; providers also write "Error Code: 25", "errorcode n. 025".
_ERROR_CODE = re.compile(r"(?i)error[ _-]?code\W{0,3}(?:n[a-z]{0,5})?[\W_]{0,3}(\d{1,3})(?!\d)")


@dataclass(frozen=True)
class Expected:
    """The required values of the answer to one request."""

    spid: SpidSettings
    provider: IdentityProvider
    request_id: str
    request_instant: datetime
    now: datetime


class SpidResponse(OneLogin_Saml2_Response):  # type: ignore[misc]
    """A response checked by SPID's rules, then by python3-saml's."""

    def __init__(
        self, settings: OneLogin_Saml2_Settings, response: str, expected: Expected
    ) -> None:
        super().__init__(settings, response)
        self._expected = expected

    def is_valid(
        self,
        request_data: dict[str, Any],
        request_id: str | None = None,
        raise_exceptions: bool = True,
    ) -> bool:
        """Check everything; content is trusted only after the signatures.

        Raises:
            LoginRefused: with the first reason found.
            OneLogin_Saml2_ValidationError: a problem found only by python3-saml.
        """
        self._check_status()
        self._check_message()
        assertion = check_signatures(self.document, self._expected.provider.certificates)
        self._check_origin(assertion)
        self._check_subject(only_child(assertion, "saml:Subject", Reason.WRONG_SUBJECT))
        self._check_conditions(only_child(assertion, "saml:Conditions", Reason.MALFORMED))
        self._check_level(assertion)
        return bool(super().is_valid(request_data, request_id, raise_exceptions=True))

    def attribute_values(self) -> dict[str, list[str]]:
        """Return the attributes' texts by name.

        Raises:
            OneLogin_Saml2_ValidationError: a name occurs twice.
        """
        return {
            name: [value for value in values if isinstance(value, str)]
            for name, values in self.get_attributes().items()
        }

    def _check_message(self) -> None:
        root, expected = self.document, self._expected
        if root.tag != tag("samlp:Response"):
            raise LoginRefused(Reason.MALFORMED)
        if root.get("Destination") != expected.spid.acs_url:
            raise LoginRefused(Reason.WRONG_DESTINATION)
        if not root.get("InResponseTo"):
            raise LoginRefused(Reason.UNSOLICITED)
        if root.get("InResponseTo") != expected.request_id:
            raise LoginRefused(Reason.WRONG_REQUEST)
        self._check_header(root)
        issuer = only_child(root, "saml:Issuer", Reason.WRONG_ISSUER)
        if issuer.text != expected.provider.entity_id:
            raise LoginRefused(Reason.WRONG_ISSUER)
        if issuer.get("Format", ENTITY) != ENTITY:
            raise LoginRefused(Reason.WRONG_ISSUER)

    def _check_header(self, element: etree._Element) -> None:
        """Check the attributes common to Response and Assertion."""
        expected = self._expected
        if element.get("Version") != "2.0" or not element.get("ID"):
            raise LoginRefused(Reason.MALFORMED)
        issued = instant(element.get("IssueInstant"))
        skew = expected.spid.skew
        if not expected.request_instant - skew <= issued <= expected.now + skew:
            raise LoginRefused(Reason.WRONG_INSTANT)

    def _check_status(self) -> None:
        status = only_child(self.document, "samlp:Status", Reason.MALFORMED)
        code = only_child(status, "samlp:StatusCode", Reason.MALFORMED).get("Value")
        if not code:
            raise LoginRefused(Reason.MALFORMED)
        if code != SUCCESS:
            self._check_failure()
            message = _ERROR_CODE.search(str(status.xpath("string()")))
            key = f"spid_anomaly_{int(message[1])}" if message else ""
            refused = LoginRefused(key if key in Reason else Reason.IDP_ERROR)
            refused.is_signed = is_signed(self.document, self._expected.provider.certificates)
            raise refused

    def _check_failure(self) -> None:
        """Check that nothing in a failure refers to another login.

        Signature and some fields are optional: some providers leave them out, and a forged
        failure costs the citizen just one more attempt.
        """
        root, expected = self.document, self._expected
        for said, wanted, reason in (
            (root.get("Destination"), expected.spid.acs_url, Reason.WRONG_DESTINATION),
            (root.get("InResponseTo"), expected.request_id, Reason.WRONG_REQUEST),
            (
                root.findtext("saml:Issuer", "", NS).strip(),
                expected.provider.entity_id,
                Reason.WRONG_ISSUER,
            ),
        ):
            if said and said != wanted:
                raise LoginRefused(reason)

    def _check_origin(self, assertion: etree._Element) -> None:
        self._check_header(assertion)
        issuer = only_child(assertion, "saml:Issuer", Reason.WRONG_ISSUER)
        if issuer.text != self._expected.provider.entity_id or issuer.get("Format") != ENTITY:
            raise LoginRefused(Reason.WRONG_ISSUER)

    def _check_subject(self, subject: etree._Element) -> None:
        name_id = only_child(subject, "saml:NameID", Reason.WRONG_SUBJECT)
        if not text_of(name_id) or name_id.get("Format") != TRANSIENT:
            raise LoginRefused(Reason.WRONG_SUBJECT)
        if not name_id.get("NameQualifier"):
            raise LoginRefused(Reason.WRONG_SUBJECT)
        confirmation = only_child(subject, "saml:SubjectConfirmation", Reason.WRONG_SUBJECT)
        if confirmation.get("Method") != BEARER:
            raise LoginRefused(Reason.WRONG_SUBJECT)
        data = only_child(confirmation, "saml:SubjectConfirmationData", Reason.WRONG_SUBJECT)
        expected = self._expected
        if data.get("Recipient") != expected.spid.acs_url:
            raise LoginRefused(Reason.WRONG_RECIPIENT)
        if data.get("InResponseTo") != expected.request_id:
            raise LoginRefused(Reason.WRONG_REQUEST)
        self._check_expiry(data)

    def _check_conditions(self, conditions: etree._Element) -> None:
        expected = self._expected
        if instant(conditions.get("NotBefore")) > expected.now + expected.spid.skew:
            raise LoginRefused(Reason.NOT_YET_VALID)
        self._check_expiry(conditions)
        restriction = only_child(conditions, "saml:AudienceRestriction", Reason.WRONG_AUDIENCE)
        audience = only_child(restriction, "saml:Audience", Reason.WRONG_AUDIENCE)
        if text_of(audience) != expected.spid.entity_id:
            raise LoginRefused(Reason.WRONG_AUDIENCE)

    def _check_expiry(self, element: etree._Element) -> None:
        expected = self._expected
        if instant(element.get("NotOnOrAfter")) + expected.spid.skew <= expected.now:
            raise LoginRefused(Reason.EXPIRED)

    def _check_level(self, assertion: etree._Element) -> None:
        statement = only_child(assertion, "saml:AuthnStatement", Reason.MALFORMED)
        context = only_child(statement, "saml:AuthnContext", Reason.MALFORMED)
        level = only_child(context, "saml:AuthnContextClassRef", Reason.MALFORMED)
        if not is_enough(text_of(level)):
            raise LoginRefused(Reason.LEVEL_TOO_LOW)
