from datetime import date, datetime
from typing import Annotated, Optional
from uuid import UUID

from pydantic import Field, PlainSerializer

from .base_model import BaseModel
from .enums import (
    AnswerState,
    ApiKeyScope,
    AssessmentSubject,
    BenchmarkRegion,
    EvidenceKind,
    OrganizationRole,
    OrganizationSize,
    QuestionnaireTier,
    RequestState,
    RoleDecision,
    ShareMode,
    SupplierListAction,
    SupplierListField,
    SupplierState,
)


class AcceptPartnerTermsInput(BaseModel):
    """Which version of the terms is accepted."""

    version: str
    "The version that was read, as `partnerTerms` gives it."


class AcceptRequestInput(BaseModel):
    """Which request to accept, and how."""

    request_id: str = Field(alias="requestId")
    "An open request; an accepted one gives the assessment it has again, a draft as JOINED."
    site_id: Optional[str] = Field(alias="siteId", default=None)
    "Which of the own sites is meant, where a site is asked for."
    start_revision: bool = Field(alias="startRevision", default=False)
    "Whether to start a revision at once where the answers were submitted at a lower tier."


class AcceptSupplierInvitationInput(BaseModel):
    """Which organization accepts: one of the caller's own, or a new one. Exactly one of the two."""

    token: str
    "The token in the link; it works once."
    organization_id: Optional[str] = Field(alias="organizationId", default=None)
    "An organization that the caller owns."
    new_organization: Optional["NewOrganizationInput"] = Field(
        alias="newOrganization", default=None
    )
    "The facts of an organization to found now."


class AddSupplierContactInput(BaseModel):
    """Whom to write to at which supplier."""

    supplier_id: str = Field(alias="supplierId")
    "One of `suppliers`."
    email: str
    "The person's address; one that is known already stays one contact."
    name: Optional[str] = None
    "The person's name, at most 200 characters."
    locale: Optional[str] = None
    'The language to write in: a tag like "vi" or a language\'s name.'


class AnswerValueInput(BaseModel):
    """The value of an answer, in the kind that its question takes."""

    boolean: Optional[bool] = None
    "For yes or no."
    choice: Optional[str] = None
    "The key of an option."
    choices: Optional[list[str]] = None
    "The keys of at least one option."
    number: Optional[str] = None
    'A number as text, like "12" or "0.5", in the unit of the question; decimal digits of any script are read, and kept as 0 to 9.'
    date: Optional[str] = None
    'A day, like "2026-03-31".'
    text: Optional[str] = None
    "1 to 10,000 characters."
    row: Optional[bool] = None
    "True: the row of a group is there. Give the group's key and a row id."
    none: Optional[bool] = None
    "True: a group has no rows. Give the group's key and no row id."


class AnswerWriteInput(BaseModel):
    """One answer, on its own: it is saved, or not, whatever becomes of the others."""

    write_id: Annotated[UUID, PlainSerializer(str)] = Field(alias="writeId")
    "Chosen by the client, new for each write: a repetition gives the same result again, after AHEAD a new one."
    question: str
    "The question's key."
    row_id: Optional[str] = Field(alias="rowId", default=None)
    "In groups: the row, 1 to 64 letters, digits, hyphens and underscores."
    base_revision: int = Field(alias="baseRevision")
    "The revision of this question (and row) that was last seen; 0 where there was none."
    state: AnswerState = AnswerState.VALUE
    "The state of the answer."
    value: Optional["AnswerValueInput"] = None
    "The value, in state VALUE only."
    unit: Optional[str] = None
    "The unit the client took; it must be the question's."
    reason: Optional[str] = None
    "Why it does not apply or is declined; at most 2,000 characters."
    comment: Optional[str] = None
    "A remark, at most 2,000 characters; never shared."
    deleted: bool = False
    "True: remove the answer, or the row of a group with all its answers."


class ApplyForRoleInput(BaseModel):
    """Which role the organization asks for."""

    role: OrganizationRole
    "BUYER, PARTNER or REVIEWER; every organization is a supplier."
    terms_version: Optional[str] = Field(alias="termsVersion", default=None)
    "The version of the terms that were accepted."


class AttachEvidenceInput(BaseModel):
    """A document and an answer of a draft."""

    assessment_id: str = Field(alias="assessmentId")
    "The id of the draft."
    question: str
    "The key of the question."
    row_id: Optional[str] = Field(alias="rowId", default=None)
    "The row of a group; null outside groups."
    evidence_id: str = Field(alias="evidenceId")
    "The id of the document."


class BenchmarkCellFilter(BaseModel):
    """Which cells of a release; what is left out is no restriction."""

    questionnaire: Optional[str] = None
    "The questionnaire's key; an error where there is none with it."
    measure: Optional[str] = None
    '"total", "pillar:<key>" or "question:<key>".'
    tier: Optional[QuestionnaireTier] = None
    "The tier answered."
    sector: Optional[str] = None
    'Section of ISIC Rev.4, like "C"; "*" for folded.'
    region: Optional[BenchmarkRegion] = None
    "Region."
    size: Optional[OrganizationSize] = None
    "Size band."
    newer_than_release: Optional[int] = Field(alias="newerThanRelease", default=None)
    "Only figures made after this release: what has changed since it was pulled."


class ColumnMappingInput(BaseModel):
    """Which columns hold a field. The name, a contact's name and address parts may have several, which are joined from left to right; the columns of a preview can be sent back so."""

    field: SupplierListField
    "The field."
    columns: list[int]
    "Numbers of columns from 1; none says that no column holds it."


class ConfirmAccountInput(BaseModel):
    """The link of the letter, and the password chosen when registering."""

    token: str
    "The token in the link; it works once, for 24 hours."
    password: str
    "The password chosen when registering."


class ConfirmSupplierListInput(BaseModel):
    """Which list to write, and what to do with some of its lines."""

    supplier_list_id: str = Field(alias="supplierListId")
    "A list whose file was sent."
    options: Optional["SupplierListOptionsInput"] = None
    "How to read it; without it as in the last preview."
    decisions: Optional[list["SupplierListDecisionInput"]] = None
    "At most 10,000; without one NEW and SUGGESTED are added, KNOWN gets a contact that it lacks, and CONFLICT is left out."


class CreateApiKeyInput(BaseModel):
    """A new API key."""

    name: str
    "What it is for, 1 to 200 characters."
    scopes: list[ApiKeyScope]
    "What it may do, at least one."
    expires_at: Optional[datetime] = Field(alias="expiresAt", default=None)
    "When it ends by itself; never without it."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters, the client's own; a repeated call with it makes no second key."


class CreateEvidenceDownloadInput(BaseModel):
    """Which document to fetch."""

    evidence_id: str = Field(alias="evidenceId")
    "The id of an own document, or of one that is shared."


class CreateEvidenceUploadInput(BaseModel):
    """What is said of a document before its file is sent."""

    file_name: str = Field(alias="fileName")
    "1 to 200 characters, ending in .pdf, .docx, .xlsx, .pptx, .csv, .txt, .jpg, .png or .heic."
    kind: EvidenceKind
    "What it is."
    title: Optional[str] = None
    "1 to 200 characters."
    issuer: Optional[str] = None
    "Who issued it, 1 to 200 characters."
    issued_on: Optional[Annotated[date, PlainSerializer(str)]] = Field(
        alias="issuedOn", default=None
    )
    "The day it was issued, not in the future."
    valid_until: Optional[Annotated[date, PlainSerializer(str)]] = Field(
        alias="validUntil", default=None
    )
    "The last day it is valid; not before the day of issue."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters; the same key and input give the same document, with a new link."


class CreateRequestsInput(BaseModel):
    """What to ask, and of whom."""

    supplier_ids: list[str] = Field(alias="supplierIds")
    "1 to 500 of the buyer's suppliers, each once."
    questionnaire: str
    "The questionnaire's key."
    minimum_tier: QuestionnaireTier = Field(alias="minimumTier")
    "The least tier to answer."
    subject: AssessmentSubject = AssessmentSubject.ORGANIZATION
    "The organization, or one of its sites."
    subject_name: Optional[str] = Field(alias="subjectName", default=None)
    "How the buyer names the site, at most 200 characters; sites only."
    period_start: Annotated[date, PlainSerializer(str)] = Field(alias="periodStart")
    "The first day of the reporting period; this year or one of the ten before."
    period_end: Annotated[date, PlainSerializer(str)] = Field(alias="periodEnd")
    "The last day; at most three years later, this or next year at the latest."
    purpose: str
    "What the answers are for, 1 to 500 characters; the supplier reads it."
    legal_basis: Optional[str] = Field(alias="legalBasis", default=None)
    "The law or contract it rests on, at most 500 characters."
    message: Optional[str] = None
    "A word to the supplier, at most 2,000 characters."
    due_on: Annotated[date, PlainSerializer(str)] = Field(alias="dueOn")
    "From today to two years ahead."
    external_reference: Optional[str] = Field(alias="externalReference", default=None)
    "The buyer's own number for it, at most 100 characters."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters: the same key again asks once, for 30 days."


class CreateSupplierListUploadInput(BaseModel):
    """The file that will be sent."""

    file_name: str = Field(alias="fileName")
    "1 to 200 characters; CSV or Excel, by content."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters, the client's own; a repeated call with it gives the same list."


class DecideRoleInput(BaseModel):
    """What was decided on which application."""

    organization_id: str = Field(alias="organizationId")
    "Whose application, from `roleApplications`."
    role: OrganizationRole
    "For which role."
    decision: RoleDecision
    "Yes or no."
    reason: Optional[str] = None
    "Mailed to the organization; at most 500 characters, needed to refuse."


class InviteSuppliersInput(BaseModel):
    """Which suppliers to invite."""

    suppliers: list["SupplierToInviteInput"]
    "1 to 100; inviting again sends a new link."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters, the client's own; a repeated call with it sends no second letter."


class NewOrganizationInput(BaseModel):
    """The facts of a new organization."""

    name: str
    "1 to 200 characters, as in its register of companies."
    country: Optional[str] = None
    "Where it has its seat."
    sector: Optional[str] = None
    'A section (A to U) or division (two digits) of ISIC Rev.4, like "14".'
    size: Optional[OrganizationSize] = None
    "Its size by people."
    locale: Optional[str] = None
    'The language it prefers; "en" without it.'
    time_zone: Optional[str] = Field(alias="timeZone", default=None)
    'Its time zone; "UTC" without it.'


class PreviewShareInput(BaseModel):
    """What to share with whom; exactly one of requestId and buyerId."""

    submission_id: str = Field(alias="submissionId")
    "The submission."
    request_id: Optional[str] = Field(alias="requestId", default=None)
    "The request that it answers."
    buyer_id: Optional[str] = Field(alias="buyerId", default=None)
    "A buyer you are linked with."
    mode: ShareMode = ShareMode.SNAPSHOT
    "Whether to keep to this submission."
    sections: list[str] = Field(default_factory=lambda: [])
    "Keys of the sections whose answers and trace to open; none is the summary alone."
    include_evidence: bool = Field(alias="includeEvidence", default=False)
    "Whether to open all its documents, each with its question, those of sections not named too."
    until: Optional[datetime] = None
    "Until when, at most five years; null until it is revoked."
    purpose: Optional[str] = None
    "What the buyer may use it for, 1 to 500 characters; null takes that of the request."


class PreviewSupplierListInput(BaseModel):
    """Which list to look at, and how to read it."""

    supplier_list_id: str = Field(alias="supplierListId")
    "A list whose file was sent."
    options: Optional["SupplierListOptionsInput"] = None
    "How to read it; kept for the confirmation."


class RegisterAccountInput(BaseModel):
    """A new account."""

    email: str
    "The address to sign in with, at most 254 characters."
    password: str
    "10 to 128 characters, none of the common ones, not the address."
    name: str
    "The person's name, 1 to 200 characters."
    locale: str = "en"
    "The language for letters and texts."
    time_zone: str = Field(alias="timeZone", default="UTC")
    'A name of the time zone database, like "Asia/Dhaka".'
    invitation_token: Optional[str] = Field(alias="invitationToken", default=None)
    "The token of an invitation link; one that was mailed to this address spares the second letter."


class RevokeApiKeyInput(BaseModel):
    """Which key to revoke."""

    api_key_id: str = Field(alias="apiKeyId")
    "One of `apiKeys`."


class RevokeShareInput(BaseModel):
    """Which share to end."""

    share_id: str = Field(alias="shareId")
    "The share."


class SaveAnswersInput(BaseModel):
    """Answers to save."""

    assessment_id: str = Field(alias="assessmentId")
    "The assessment. Where it was submitted, the newest revision of the same subject and period takes the answers."
    answers: list["AnswerWriteInput"]
    "1 to 200 writes, in any order: lower base revisions are judged first, and of writes with the same one in the order sent. What was written on a revision that comes with a later call is AHEAD until then."


class ShareResultInput(BaseModel):
    """What to share with whom; exactly one of requestId and buyerId."""

    submission_id: str = Field(alias="submissionId")
    "The submission."
    request_id: Optional[str] = Field(alias="requestId", default=None)
    "The request that it answers."
    buyer_id: Optional[str] = Field(alias="buyerId", default=None)
    "A buyer you are linked with."
    mode: ShareMode = ShareMode.SNAPSHOT
    "Whether to keep to this submission."
    sections: list[str] = Field(default_factory=lambda: [])
    "Keys of the sections whose answers and trace to open; none is the summary alone."
    include_evidence: bool = Field(alias="includeEvidence", default=False)
    "Whether to open all its documents, each with its question, those of sections not named too."
    until: Optional[datetime] = None
    "Until when, at most five years; null until it is revoked."
    purpose: Optional[str] = None
    "What the buyer may use it for, 1 to 500 characters; null takes that of the request."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters; the same key and input give the same share."


class SignInInput(BaseModel):
    """Who signs in."""

    email: str
    "The account's address."
    password: str
    "The account's password."
    organization_id: Optional[str] = Field(alias="organizationId", default=None)
    "The organization to act for; the first one joined without it, or none."


class SubmitAssessmentInput(BaseModel):
    """What to submit."""

    assessment_id: str = Field(alias="assessmentId")
    "The draft."
    expected_change_number: int = Field(alias="expectedChangeNumber")
    "The change number that the person has seen; anything newer stops the submission."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters: the same key again gives the same submission, for 30 days."


class SupplierFilter(BaseModel):
    """Which suppliers: all that is given must hold, of a list of at most 100 any."""

    questionnaire: Optional[str] = None
    "Which questionnaire the shared fields and requests are about; the lead one without it, an error where there is none with this key."
    country: Optional[list[str]] = None
    "In any of these countries."
    sector: Optional[list[str]] = None
    'In any of these sections and divisions of ISIC Rev.4, like "C" or "14"; a section holds its divisions. Another code is an error.'
    tier: Optional[list[QuestionnaireTier]] = None
    "Sharing at one of these tiers."
    band: Optional[list[str]] = None
    "Sharing one of these bands, by key or title, in any case. A band that the questionnaire does not have is an error."
    state: Optional[list[SupplierState]] = None
    "As far as one of these."
    request_state: Optional[list[RequestState]] = Field(
        alias="requestState", default=None
    )
    "The request that `requestState` tells of being in one of these states."
    search: Optional[str] = None
    "Beginnings of words of the name, in any script, all of which must be found; at most 8 words."
    archived: bool = False
    "The archived ones instead of the live ones."


class SupplierListDecisionInput(BaseModel):
    """What to do with one line instead of what its kind stands for."""

    line: int
    "The line, as the preview counts it."
    action: SupplierListAction
    "What to do."
    fields: Optional[list[SupplierListField]] = None
    "What UPDATE_FIELDS writes: name, local name, address, sector, vendor number, external reference."
    supplier_id: Optional[str] = Field(alias="supplierId", default=None)
    "Which of the suppliers suggested for the line it is; a KNOWN row need not say."


class SupplierListOptionsInput(BaseModel):
    """How a list is to be read; what is left out is found out from the file."""

    mapping: Optional[list["ColumnMappingInput"]] = None
    "What columns hold."
    header_line: Optional[int] = Field(alias="headerLine", default=None)
    "The line of the header, 0 for none."
    default_country: Optional[str] = Field(alias="defaultCountry", default=None)
    "A country's code or name, for rows that name none."
    encoding: Optional[str] = None
    'How the text is encoded, like "utf-8".'
    delimiter: Optional[str] = None
    "What parts the columns: , ; | or a tab."
    sheet: Optional[str] = None
    "Which sheet of a workbook."


class SupplierToInviteInput(BaseModel):
    """Whom to invite: a contact, or an address, which becomes a contact, or with neither the first contact that mail arrives at and that has not sent an invitation back."""

    supplier_id: str = Field(alias="supplierId")
    "One of `suppliers`."
    contact_id: Optional[str] = Field(alias="contactId", default=None)
    "One of its `contacts`."
    email: Optional[str] = None
    "An address."
    again: bool = False
    'True writes to an address that sent an invitation of this supplier back ("not us", "wrong contact") and was promised that nothing more comes; without it that is refused as REFUSED_BEFORE.'


AcceptSupplierInvitationInput.model_rebuild()
AnswerWriteInput.model_rebuild()
ConfirmSupplierListInput.model_rebuild()
InviteSuppliersInput.model_rebuild()
PreviewSupplierListInput.model_rebuild()
SaveAnswersInput.model_rebuild()
SupplierListOptionsInput.model_rebuild()
