"""A message's metadata for the actions: ids and verdicts, no personal identifiers."""

import time
from dataclasses import dataclass
from typing import Any

from intercup.domain.dialogue.draft import ACCESS_STEPS
from intercup.domain.mailbox import is_mailbox
from intercup.domain.normalise import normalise
from intercup.domain.request import Citizen
from intercup.domain.structure_names import resolve_structure
from intercup.services.chat.conversations import OpenConversation
from intercup.services.chat.incoming import Incoming
from intercup.services.chat.payloads import NEW_CODE
from intercup.services.login.address_proof import AddressProofs, Visitor
from intercup.services.structures.structures import Structures


@dataclass(frozen=True)
class MessageMetadata:
    """The part of understanding that the service does itself."""

    structures: Structures
    proofs: AddressProofs

    async def of(
        self,
        conversation: OpenConversation,
        incoming: Incoming,
        visitor: Visitor,
        citizen: Citizen | None,
    ) -> dict[str, Any]:
        """Return the metadata of a message; a repeated message gives the same.

        Raises:
            Unavailable: the database failed.
        """
        text = normalise(incoming.text or "")
        found, proposed = (
            resolve_structure(text, self.structures.directory),
            conversation.proposed_structure,
        )
        metadata: dict[str, Any] = {
            "message_id": incoming.id,
            "length": len(text),
            "proposed_structure": proposed
            if proposed in self.structures.directory.structure_by_id
            else None,
            "mentioned": list(found.mentioned),
        }
        if tier := self.structures.directory.emergency.tier_of(text):
            metadata["emergency"] = tier
        verdicts = await self._verdicts(conversation, incoming, text, visitor)
        if citizen:
            # A right code has just proved an address for the session.
            proved = verdicts.get("code") == "right"
            metadata["has_email"] = proved or is_mailbox(citizen.email)
        return metadata | verdicts

    async def _verdicts(
        self, conversation: OpenConversation, incoming: Incoming, text: str, visitor: Visitor
    ) -> dict[str, str | None]:
        step, now, proofs = conversation.draft.get("step"), time.time(), self.proofs
        if step not in ACCESS_STEPS:
            return {}
        if incoming.payload == NEW_CODE:
            return {"address": await proofs.ask_again(conversation.id, incoming.id, visitor, now)}
        address = await proofs.ask(conversation.id, incoming.id, text, visitor, now)
        if address or step != "code":
            return {"address": address}
        return {"code": await proofs.check(conversation.id, incoming.id, text, visitor, now)}
