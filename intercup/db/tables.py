"""The tables. Times are seconds since 1970 in UTC; ids that leave the server are random."""

from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    column,
    exists,
    false,
    table,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column

from intercup.domain.delivery import DeliveryState

SCHEMA_VERSION = "0033"  # the newest migration; a test keeps them equal

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Common types: a str is Text, a float is Double, a dict or list is JSON."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it as a plain class attribute)
        str: Text,
        float: Double,
        bytes: LargeBinary,
        dict[str, Any]: JSON,
        list[dict[str, Any]]: JSON,
        list[str]: JSON,
    }


class BrowserSession(Base):
    """A browser's session; the cookie holds the id, the table only its SHA-256."""

    __tablename__ = "sessions"
    id_hash: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[float]
    seen_at: Mapped[float]
    # Empty before login. person_key is an HMAC of the fiscal number, which is not stored.
    person_key: Mapped[str | None]
    name: Mapped[str | None]
    surname: Mapped[str | None]
    email: Mapped[str | None]  # may be empty after login: some providers send none
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    # The fields of the plain form not sent yet, for example because the session ended.
    kept_form: Mapped[dict[str, Any] | None]


class PendingLogin(Base):
    """A login that the identity provider hasn't answered yet; deleted when used."""

    __tablename__ = "pending_logins"
    relay_state: Mapped[str] = mapped_column(primary_key=True)
    browser_hash: Mapped[str]
    # The provider's answer comes from another site, without the session's cookie.
    session_hash: Mapped[str | None]
    request_id: Mapped[str]
    issue_instant: Mapped[float]
    idp_entity_id: Mapped[str]
    return_to: Mapped[str]
    request_xml: Mapped[str]


class SpidExchange(Base):
    """A login's request and answer, sealed (docs/adr/0011); only ids and time are in clear."""

    __tablename__ = "spid_register"
    request_id: Mapped[str] = mapped_column(primary_key=True)
    response_id: Mapped[str | None] = mapped_column(index=True)
    assertion_id: Mapped[str | None] = mapped_column(index=True)
    answered_at: Mapped[float] = mapped_column(index=True)
    sealed: Mapped[bytes]


class Conversation(Base):
    """A citizen's conversation. `sender_id` is its current name in Rasa, which has no other id.

    It is also the fencing token of the lease that one turn at a time takes (docs/adr/0020).
    """

    __tablename__ = "conversations"
    # SQLite can't rename a constraint: this one keeps the column's former name.
    __table_args__ = (UniqueConstraint("sender_id", name="uq_conversations_sender"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    sender_id: Mapped[str]
    sender_turns: Mapped[int]
    person_key: Mapped[str | None]
    page: Mapped[str]
    proposed_structure: Mapped[str | None]
    draft: Mapped[dict[str, Any]]
    ip_key: Mapped[str | None]  # HMAC of its last message's IP address, for limits
    # Its sentences that a later turn may show to be misread (domain/sentences.py).
    said: Mapped[dict[str, Any] | None]
    leased_until: Mapped[float | None]
    resumes: Mapped[bool]  # the citizen has just logged in; the next page resumes the conversation
    created_at: Mapped[float]
    updated_at: Mapped[float]
    ended_at: Mapped[float | None]


class ChatMessage(Base):
    """A message. A citizen's message has an id from the client and is answered once."""

    __tablename__ = "chat_messages"
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[str]
    author: Mapped[str]  # "bot" or "citizen"
    text: Mapped[str]
    buttons: Mapped[list[dict[str, Any]]]
    links: Mapped[list[dict[str, Any]]]
    input: Mapped[dict[str, Any] | None]
    language: Mapped[str] = mapped_column(server_default="it")  # ISO 639-1
    text_language: Mapped[str | None]  # of the text, if that has another
    answers: Mapped[str | None]  # the id of the citizen's message that this one answers
    created_at: Mapped[float]

    __table_args__ = (
        UniqueConstraint("conversation_id", "id"),
        CheckConstraint("author IN ('bot', 'citizen')", name="author"),
    )


class KeptSentence(Base):
    """A sentence worth a look, without personal data, sealed; deleted after the day `until`.

    While it has a conversation it goes with that; the purge cuts it loose. Neither a time nor the
    order of rows then tells which sentences a person said.
    """

    __tablename__ = "sentences"
    id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    sealed: Mapped[str]
    day: Mapped[str]  # ISO 8601
    until: Mapped[str] = mapped_column(index=True)
    step: Mapped[str]
    intent: Mapped[str]
    confidence: Mapped[float]
    second: Mapped[str | None]
    second_confidence: Mapped[float]
    language: Mapped[str | None]
    model: Mapped[str]
    reasons: Mapped[list[str]]
    label: Mapped[str | None]  # the intent or structure that the citizen chose instead
    vector: Mapped[bytes | None]  # its sealed model and embedding, once the team looked
    likeness: Mapped[str | None] = mapped_column(index=True)  # the key of its group
    state: Mapped[str]  # "new", "done" or "ignored"
    example_id: Mapped[str | None]  # made of its group

    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (read as a plain attribute)


class Example(Base):
    """A sentence that the technical team wrote after one or more citizens', with its intent."""

    __tablename__ = "examples"
    id: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    intent: Mapped[str]
    purpose: Mapped[str]  # "training", "test" or "life", the test set of one group in five
    day: Mapped[str]  # ISO 8601


class MovedSentence(Base):
    """A training sentence of the files, taken out or moved to another intent at the desk."""

    __tablename__ = "moved_sentences"
    id: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    intent: Mapped[str]  # in the files
    moved_to: Mapped[str | None]
    day: Mapped[str]  # ISO 8601
    taken_at: Mapped[float | None]  # since when a release's files contain it

    __table_args__ = (UniqueConstraint("intent", "text"),)


class KnownFiles(Base):
    """Files of a release that this database has met, by subject; see services/known_files.py."""

    __tablename__ = "known_files"
    subject: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[float]


class Model(Base):
    """A trained model; of those with a `base`, the last one published is in use."""

    __tablename__ = "models"
    # SQLite would read all of a content to find what stands behind it.
    __table_args__ = (Index("ix_models_published", "base", "published_at", "sha256"),)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]  # as Rasa's readings name it
    base: Mapped[str]  # the fingerprint of the program's files
    content: Mapped[bytes]
    made_at: Mapped[float]
    made_by: Mapped[str]
    examples: Mapped[int]  # accepted sentences among those it was trained from
    report: Mapped[dict[str, Any] | None]  # what changed, when it was tried
    published_at: Mapped[float | None]
    published_by: Mapped[str | None]


class Training(Base):
    """A training of the working version, aside; at most one is waiting or running."""

    __tablename__ = "trainings"
    id: Mapped[str] = mapped_column(primary_key=True)
    asked_at: Mapped[float]
    asked_by: Mapped[str]
    state: Mapped[str]  # "waiting", "running", "done", "broken" or "cancelled"
    step: Mapped[str]
    step_at: Mapped[float]
    seen_at: Mapped[float]  # by the worker that runs it
    problem: Mapped[str]
    model: Mapped[str | None]  # the hash of the model that it made


class Cell(Base):
    """A cell as its web processes see it; forgotten some time after their last sign."""

    __tablename__ = "cells"
    name: Mapped[str] = mapped_column(primary_key=True)  # its machine, and its first Rasa's address
    base: Mapped[str]
    models: Mapped[str]  # the names of those in use, with spaces between; empty if none answers
    seen_at: Mapped[float]


class Request(Base):
    """A registered request. Its number is shown only after the commit that wrote it."""

    __tablename__ = "requests"
    number: Mapped[str] = mapped_column(primary_key=True)
    submission_key: Mapped[str]
    person_key: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    surname: Mapped[str]
    email: Mapped[str]
    category: Mapped[str]
    structure: Mapped[str | None]
    office_name: Mapped[str]
    description: Mapped[str]
    # Empty unless given.
    phone: Mapped[str] = mapped_column(server_default=text("''"))
    best_time: Mapped[str] = mapped_column(server_default=text("''"))
    relation: Mapped[str] = mapped_column(server_default=text("''"))  # to another person
    nre: Mapped[str] = mapped_column(server_default=text("''"))
    page_facts: Mapped[str] = mapped_column(server_default=text("''"))
    source: Mapped[str]  # "chat" or "form"
    language: Mapped[str | None]  # ISO 639-1 of its text, if not Italian
    reader: Mapped[str | None]  # ISO 639-1 of the citizen's own language, if not Italian
    conversation_id: Mapped[str | None] = mapped_column(index=True)
    created_at: Mapped[float] = mapped_column(index=True)
    # Of the administration's register, which may have none (domain/protocol.py).
    protocol_number: Mapped[str | None]
    protocol_day: Mapped[str | None]  # ISO 8601

    # Another person's submission may have the same key, as on a shared computer.
    __table_args__ = (UniqueConstraint("person_key", "submission_key"),)


class Consent(Base):
    """A consent of a request, with the exact text accepted.

    The Italian text counts; `shown_text` is the translation that stood beneath it, if one did.
    """

    __tablename__ = "consents"
    request_number: Mapped[str] = mapped_column(
        ForeignKey("requests.number", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    text_sha256: Mapped[str]
    shown_language: Mapped[str | None]  # ISO 639-1
    shown_text: Mapped[str | None]
    shown_sha256: Mapped[str | None]
    version: Mapped[str]
    accepted_at: Mapped[float]
    conversation_id: Mapped[str | None]


class Addition(Base):
    """A citizen's addition to a request, for the office that had it at that hop."""

    __tablename__ = "additions"
    request_number: Mapped[str] = mapped_column(
        ForeignKey("requests.number", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # from 1
    hop: Mapped[int]
    kind: Mapped[str]  # of domain/addition.py
    text: Mapped[str]
    form_key: Mapped[str]  # the same form sent twice has the same key
    created_at: Mapped[float]


class Attachment(Base):
    """A citizen's file: of a request or, not sent yet, of a draft of a session."""

    __tablename__ = "attachments"
    id: Mapped[str] = mapped_column(primary_key=True)  # of its draft and content
    draft: Mapped[str] = mapped_column(index=True)  # a hash that stays when it is sent
    request_number: Mapped[str | None] = mapped_column(
        ForeignKey("requests.number", ondelete="CASCADE"), index=True
    )
    session_hash: Mapped[str | None] = mapped_column(
        ForeignKey("sessions.id_hash", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    kind: Mapped[str]  # of domain/attachment.py
    size: Mapped[int]  # bytes
    created_at: Mapped[float]


class AttachmentContent(Base):
    """A file's bytes, sealed; deleted when the bodies of the request's mails are."""

    __tablename__ = "attachment_contents"
    attachment_id: Mapped[str] = mapped_column(
        ForeignKey("attachments.id", ondelete="CASCADE"), primary_key=True
    )
    sealed: Mapped[bytes]


class DeliveryStateColumn(TypeDecorator[DeliveryState]):
    """A DeliveryState, stored as its text."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> DeliveryState | None:
        """Return the member for a stored text."""
        return None if value is None else DeliveryState(value)


_STATES = ", ".join(f"'{state}'" for state in DeliveryState)


class Delivery(Base):
    """A mail to one recipient, in a state of domain/delivery.py.

    `raw` is final at commit, so that a retry is identical to the byte, and emptied in the end
    (services/privacy/retention.py). The mail with a code that proves an address belongs to no
    request.
    """

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(primary_key=True)
    request_number: Mapped[str | None] = mapped_column(
        ForeignKey("requests.number", ondelete="CASCADE"), index=True
    )
    role: Mapped[str]  # of outbox.ROLES
    hop: Mapped[int] = mapped_column(default=0)  # 0 the request itself, then each forward of it
    addition: Mapped[int] = mapped_column(default=0, server_default="0")  # 0 the hop's own mail
    envelope_from: Mapped[str] = mapped_column(index=True)  # its own, if bounces are read
    recipient: Mapped[str]
    message_id: Mapped[str] = mapped_column(index=True)
    trace: Mapped[str] = mapped_column(
        server_default=text("''")
    )  # of the HTTP request that caused it
    raw: Mapped[bytes]
    # Sent with the request's files, which `raw` doesn't hold.
    attached: Mapped[bool] = mapped_column(default=False, server_default=false())
    state: Mapped[DeliveryState] = mapped_column(DeliveryStateColumn)
    attempts: Mapped[int]
    next_attempt_at: Mapped[float]
    first_attempt_at: Mapped[float | None]
    breaks: Mapped[int] = mapped_column(default=0, server_default="0")  # disconnects in its middle
    lease_owner: Mapped[str | None]
    lease_until: Mapped[float | None]
    last_error: Mapped[str | None]  # class and SMTP code, never text
    created_at: Mapped[float] = mapped_column(index=True)
    sent_at: Mapped[float | None]

    __table_args__ = (
        UniqueConstraint("request_number", "hop", "addition", "role", "recipient"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        # For queries on the outbox, so that they skip the sent mails.
        Index("ix_deliveries_state_next_attempt_at", "state", "next_attempt_at"),
    )


class PecReceipt(Base):
    """A certified mail server's receipt about a delivery: a fact, whatever its state."""

    __tablename__ = "pec_receipts"
    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True
    )
    identifier: Mapped[str] = mapped_column(primary_key=True)  # as keep_receipt makes it
    kind: Mapped[str]  # of domain/pec.py
    issued_at: Mapped[float]
    # It fits several deliveries, each of which has it, and is about one.
    doubtful: Mapped[bool] = mapped_column(server_default=false(), index=True)


class ForwardLink(Base):
    """The link in an office's mail; the mail holds the token, the table only its SHA-256."""

    __tablename__ = "forward_links"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    request_number: Mapped[str] = mapped_column(
        ForeignKey("requests.number", ondelete="CASCADE"), index=True
    )
    hop: Mapped[int]  # of the mail that it stands in
    expires_at: Mapped[float]
    revoked_at: Mapped[float | None]


class Forward(Base):
    """A request passed from one office to the next: a line of hops, never a tree.

    The same form sent twice has the same key.
    """

    __tablename__ = "forwards"
    request_number: Mapped[str] = mapped_column(
        ForeignKey("requests.number", ondelete="CASCADE"), primary_key=True
    )
    hop: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    from_office: Mapped[str]
    to_office: Mapped[str]
    note: Mapped[str]
    form_key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[float]


class OfficeMark(Base):
    """The state that an office gave to a request, by the hop that brought it there."""

    __tablename__ = "office_marks"
    request_number: Mapped[str] = mapped_column(
        ForeignKey("requests.number", ondelete="CASCADE"), primary_key=True
    )
    hop: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]  # of domain/office_state.py
    marked_at: Mapped[float]


class AnswerQuestion(Base):
    """The question whether a request was answered; the citizen's mail holds the token."""

    __tablename__ = "answer_questions"
    request_number: Mapped[str] = mapped_column(
        ForeignKey("requests.number", ondelete="CASCADE"), primary_key=True
    )
    token_hash: Mapped[str] = mapped_column(unique=True)
    asked_at: Mapped[float]
    answer: Mapped[str | None]  # of domain/answer_question.py
    answered_at: Mapped[float | None]


class QuestionRefusal(Base):
    """A person who doesn't want to be asked whether requests were answered."""

    __tablename__ = "question_refusals"
    person_key: Mapped[str] = mapped_column(primary_key=True)
    refused_at: Mapped[float]


class AddressProof(Base):
    """The proof of an address, pending or done, by a code sent to it.

    `subject` is a conversation's id or a session's hash; the proof is deleted with it.
    """

    __tablename__ = "address_proofs"
    subject: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    session_hash: Mapped[str | None] = mapped_column(
        ForeignKey("sessions.id_hash", ondelete="CASCADE"), index=True
    )
    email: Mapped[str]
    person_key: Mapped[str]  # an HMAC of the address
    code_hash: Mapped[str]
    expires_at: Mapped[float]
    wrong_codes: Mapped[int]
    proved_at: Mapped[float | None]
    # A repeated message gets the same verdict.
    message_id: Mapped[str]
    verdict: Mapped[str]


class Use(Base):
    """A use of an action with a limit; `who` is an HMAC."""

    __tablename__ = "uses"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    who: Mapped[str]
    used_at: Mapped[float]

    __table_args__ = (Index("ix_uses_kind_who", "kind", "who"), Index("ix_uses_used_at", "used_at"))


class StaffMember(Base):
    """A member of the technical team; person_key is an HMAC of the fiscal number."""

    __tablename__ = "staff"
    person_key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)  # as the log shows it
    roles: Mapped[str]  # of domain/staff.py, with spaces between them
    created_at: Mapped[float]


class StaffSession(Base):
    """A member's session at the desk; the cookie holds the id, the table only its SHA-256."""

    __tablename__ = "staff_sessions"
    id_hash: Mapped[str] = mapped_column(primary_key=True)
    person_key: Mapped[str] = mapped_column(ForeignKey("staff.person_key", ondelete="CASCADE"))
    created_at: Mapped[float]
    seen_at: Mapped[float]


class DeskEvent(Base):
    """An entry of the desk's log; a trigger refuses changes."""

    __tablename__ = "desk_log"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[float] = mapped_column(index=True)
    who: Mapped[str]  # a member's name, or the command
    action: Mapped[str]  # a key of `desk_action` in texts.yaml
    subject: Mapped[str]  # a number, an id or a hash; never a citizen's words
    detail: Mapped[str]


class NoticeRow(Base):
    """A notice of the technical team; see services/notices."""

    __tablename__ = "notices"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    target: Mapped[str]  # a structure's or category's id, or empty
    text: Mapped[str]
    starts_at: Mapped[float]
    ends_at: Mapped[float | None]


class Wording(Base):
    """A version of an answer's text, by the technical team; see services/answers."""

    __tablename__ = "wordings"
    id: Mapped[int] = mapped_column(primary_key=True)
    answer: Mapped[str]  # the name of its response
    after: Mapped[int]  # the id that was the newest for its editor, or 0
    text: Mapped[str]
    origin: Mapped[str]  # the text of the answer's file then
    who: Mapped[str]
    at: Mapped[float]

    __table_args__ = (UniqueConstraint("answer", "after"),)


_EARLIER = table("structure_versions", column("field"), column("origin"), column("text")).alias()


class StructureVersion(Base):
    """A version of a field of the structures' file, by the technical team.

    Texts have a value on each line; see services/structures.
    """

    __tablename__ = "structure_versions"
    id: Mapped[int] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column()  # a key of services/structures/fields.py
    after: Mapped[int]  # the id that was the newest for its editor, or 0
    text: Mapped[str]
    origin: Mapped[str]  # the file's values then
    # The desk has once given the field a text where the file had none.
    was_added: Mapped[bool] = column_property(
        exists().where(_EARLIER.c.field == field, _EARLIER.c.origin == "", _EARLIER.c.text != "")
    )
    who: Mapped[str]
    confirmed_by: Mapped[str]  # a second person, if the field is a mailbox
    at: Mapped[float]

    __table_args__ = (UniqueConstraint("field", "after"),)


class MailboxChange(Base):
    """A change of a mailbox that waits for its codes and for a second person."""

    __tablename__ = "mailbox_changes"
    id: Mapped[str] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(unique=True)
    after: Mapped[int]
    text: Mapped[str]
    who: Mapped[str]
    at: Mapped[float]


class MailboxCode(Base):
    """The code that was mailed to a new mailbox, as an HMAC; empty once it is proved."""

    __tablename__ = "mailbox_codes"
    change_id: Mapped[str] = mapped_column(
        ForeignKey("mailbox_changes.id", ondelete="CASCADE"), primary_key=True
    )
    address: Mapped[str] = mapped_column(primary_key=True)
    code_hash: Mapped[str]
    sent_at: Mapped[float]
    wrong_codes: Mapped[int]
    proved_at: Mapped[float | None]


class Channel(Base):
    """The state of the mail relay, shared by all workers."""

    __tablename__ = "channels"
    name: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    paused_until: Mapped[float]
    failing_since: Mapped[float | None]
    last_error: Mapped[str | None]
    # The newest refusal about us since the last accepted mail, and its delivery.
    refusal: Mapped[str | None]
    refused_delivery: Mapped[int | None]


class Alarm(Base):
    """A trouble already reported; kept while it lasts, so that it is reported once."""

    __tablename__ = "alarms"
    trouble: Mapped[str] = mapped_column(
        primary_key=True
    )  # "relay", "held 12", "late 12", "structures HOST"
    told_at: Mapped[float]


class BounceReport(Base):
    """A handled delivery report; the same report again changes nothing."""

    __tablename__ = "bounce_reports"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[float]


class MonthlyCount(Base):
    """The number of deleted requests of a month."""

    __tablename__ = "monthly_counts"
    month: Mapped[str] = mapped_column(primary_key=True)  # YYYY-MM, in Italy
    category: Mapped[str] = mapped_column(primary_key=True)
    structure: Mapped[str] = mapped_column(primary_key=True)  # empty without one
    requests: Mapped[int]


class Figure(Base):
    """A count of a month, of turns and of deleted requests, without persons; kept for years."""

    __tablename__ = "figures"
    month: Mapped[str] = mapped_column(primary_key=True)  # YYYY-MM, in Italy
    kind: Mapped[str] = mapped_column(primary_key=True)  # of domain/figures.py
    cell: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class Rating(Base):
    """A satisfaction rating, deliberately without a link to a person or request."""

    __tablename__ = "ratings"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(index=True, unique=True)  # random, of the page
    stars: Mapped[int]
    reason: Mapped[str | None]
    details: Mapped[str | None]
    day: Mapped[str]  # YYYY-MM-DD, no time: a time could be matched with a request
