from datetime import date, datetime
from typing import Annotated, Optional
from uuid import UUID

from pydantic import Field, PlainSerializer

from .base_model import BaseModel
from .enums import (
    AccessOffer,
    AnswerState,
    ApiKeyScope,
    ApprovalDecision,
    AssessmentSubject,
    AssuranceLevel,
    BenchmarkRegion,
    EvidenceKind,
    FeedbackState,
    OrganizationRole,
    OrganizationSize,
    PushMode,
    QuestionnaireFormat,
    QuestionnaireTier,
    QuestionnaireVisibility,
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
    "The token in the link; it works once, and gives whoever accepted with it the same result again."
    organization_id: Optional[str] = Field(alias="organizationId", default=None)
    "An organization that the caller owns."
    new_organization: Optional["NewOrganizationInput"] = Field(
        alias="newOrganization", default=None
    )
    "The facts of an organization to found now; without a country it has that of the invitation, `recordCountry`."


class AddSiteInput(BaseModel):
    """What is known of a new site."""

    name: str
    "1 to 200 characters."
    address: Optional[str] = None
    "At most 1,000 characters."
    country: Optional[str] = None
    "A country's code or name."
    external_reference: Optional[str] = Field(alias="externalReference", default=None)
    "At most 200 characters."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters, the client's own; a repeated call with it adds nothing."


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
    plan: Optional["GapPlanInput"] = None
    "What is done about the gap that this answer declares, at a measure with a value or UNKNOWN. Without it the plan that is there stays; null takes it out."
    deleted: bool = False
    "True: remove the answer, or the row of a group with all its answers."
    site_id: Optional[str] = Field(alias="siteId", default=None)
    "Of a row of a group, in an assessment of the organization: the site that it is about, one of `sites` in use, each in one row at most. Part of what the row says: without it the row names none."


class ApplyForRoleInput(BaseModel):
    """Which role the organization asks for."""

    role: OrganizationRole
    "BUYER, PARTNER or REVIEWER; every organization is a supplier."
    terms_version: Optional[str] = Field(alias="termsVersion", default=None)
    "The version of the terms that were accepted."


class AskClarificationInput(BaseModel):
    """What to ask about which submission."""

    result_id: str = Field(alias="resultId")
    "The shared result, in its current revision."
    items: list["ClarificationItemInput"]
    "1 to 100, each answer once."
    due_on: Annotated[date, PlainSerializer(str)] = Field(alias="dueOn")
    "By when a reply is wished for, from today to a year ahead."
    message: Optional[str] = None
    "On the whole, up to 2,000 characters."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters: the same key again gives the same round, for 30 days."


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
    '"total", "pillar:<key>", "question:<key>" or "indicator:<key>"; "upper:<key>" and "rest:<key>" are the points of a question in the upper quarter of the total and in the rest.'
    tier: Optional[QuestionnaireTier] = None
    "The tier answered."
    sector: Optional[str] = None
    'Section of ISIC Rev.4, like "C"; "*" for folded.'
    region: Optional[BenchmarkRegion] = None
    "Region."
    size: Optional[OrganizationSize] = None
    "Size band."
    newer_than_release: Optional[int] = Field(alias="newerThanRelease", default=None)
    "Only what has changed since this older release was pulled: other figures than it had, and cells that it had figures for and that have none any more, also where the release no longer names them; of a correction every total, so that it is noticed. 0 is no restriction."


class ClaimPublisherNameInput(BaseModel):
    """The name to publish under."""

    name: str
    "2 to 30 letters a to z, digits and single hyphens. Keys of own questionnaires begin with it and two hyphens, as in north-mills--code, and own concepts with by_north_mills."


class ClarificationItemInput(BaseModel):
    """The question on one answer."""

    question: str
    "The key of a question that is answered in a section you may read."
    row_id: Optional[str] = Field(alias="rowId", default=None)
    "The row of a group; null asks about all rows."
    evidence_id: Optional[str] = Field(alias="evidenceId", default=None)
    "A document behind the answer, where the question is about that."
    text: str
    "What to ask, 1 to 2,000 characters."


class ClarificationItemReplyInput(BaseModel):
    """The reply to one item."""

    question: str
    "The key of the question that the item asks about."
    row_id: Optional[str] = Field(alias="rowId", default=None)
    "The item's row of a group, if it names one."
    text: str
    "1 to 2,000 characters; it stands once it is given."


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


class ConfirmAnswersInput(BaseModel):
    """Which answers still hold."""

    assessment_id: str = Field(alias="assessmentId")
    "The draft."
    answers: list["SeenAnswerInput"]
    "1 to 200 answers, each with the revision seen."


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


class CreateCampaignInput(BaseModel):
    """What to ask, and of whom."""

    name: str
    "Your own name for it, 1 to 200 characters."
    filter_: "SupplierFilter" = Field(alias="filter")
    "Which suppliers, by the filter of `suppliers`: those that pass it now, 1 to 100,000."
    questionnaire: str
    "The questionnaire's key."
    minimum_tier: QuestionnaireTier = Field(alias="minimumTier")
    "The least tier to answer."
    period_start: Annotated[date, PlainSerializer(str)] = Field(alias="periodStart")
    "The first day of the reporting period; this year or one of the ten before."
    period_end: Annotated[date, PlainSerializer(str)] = Field(alias="periodEnd")
    "The last day; at most three years later, this or next year at the latest."
    subject: AssessmentSubject = AssessmentSubject.ORGANIZATION
    "Each organization as a whole, or one site of each: the supplier says which of its sites is meant."
    subject_name: Optional[str] = Field(alias="subjectName", default=None)
    'How you name the site to all of them, like "the dyehouse"; at most 200 characters.'
    purpose: str
    "What the answers are for, 1 to 500 characters; the suppliers read it."
    legal_basis: Optional[str] = Field(alias="legalBasis", default=None)
    "The law or contract it rests on, at most 500 characters."
    message: Optional[str] = None
    "A word to the suppliers, at most 2,000 characters."
    due_on: Annotated[date, PlainSerializer(str)] = Field(alias="dueOn")
    "From the day that it is where days begin first (UTC+14), to two years ahead."
    external_reference: Optional[str] = Field(alias="externalReference", default=None)
    "Your own number for it, at most 100 characters."
    asks_answered: bool = Field(alias="asksAnswered", default=False)
    "Whether to ask those as well from whom you have the answer already."
    expected_count: Optional[int] = Field(alias="expectedCount", default=None)
    "The `supplierCount` of the preview: where another number passes the filter now, nothing is made and the problem is CHANGED."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters: the same key again makes no second campaign, for 30 days."


class CreateEvidenceDownloadInput(BaseModel):
    """Which document to fetch."""

    evidence_id: str = Field(alias="evidenceId")
    "The id of an own document, or of one that is shared."
    preview: bool = False
    "Whether to fetch the small picture of a picture, a JPEG of at most 480 points on a side without what a camera notes, in place of the file."


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
    language: Optional[str] = None
    "The language it is written in, as a tag like `en` or `pt-BR`."
    period_start: Optional[Annotated[date, PlainSerializer(str)]] = Field(
        alias="periodStart", default=None
    )
    "The first day it speaks of; with `periodEnd` or not at all."
    period_end: Optional[Annotated[date, PlainSerializer(str)]] = Field(
        alias="periodEnd", default=None
    )
    "The last day it speaks of."
    revises: Optional[str] = None
    "A document, by any of its revisions, that this is a newer file of: once it is available, drafts stand on it; what was submitted keeps the old one. It stays of the same kind, and title, issuer and language stay unless given."
    redacts: bool = False
    "Whether something was taken out of the document that it `revises`: others then get this file in the place of those before it, also where they were submitted, and requests to redact them are done. You keep all of them."
    size: Optional[int] = None
    "Bytes of the file, where they are known; a file that is too large is told so at once."
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
    "From the day that it is where days begin first (UTC+14), to two years ahead."
    external_reference: Optional[str] = Field(alias="externalReference", default=None)
    "The buyer's own number for it, at most 100 characters."
    extra: Optional["ExtraQuestionnaireInput"] = None
    "Questions of your own on top: a second request, tied to the first, so that answers to the first stay comparable and can be shared with others. Suppliers see one thing to do with two parts."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters: the same key again asks once, for 30 days."


class CreateSupplierListUploadInput(BaseModel):
    """The file that will be sent."""

    file_name: str = Field(alias="fileName")
    "1 to 200 characters; CSV or Excel, by content."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters, the client's own; a repeated call with it gives the same list."


class DecideQuestionnaireInput(BaseModel):
    """What was decided on which version."""

    questionnaire: str
    "The questionnaire's key."
    version: str
    "The version that waits."
    read_hash: str = Field(alias="readHash")
    "`readHash` of what was read; NOT_FOUND where other words, or figures, wait by now."
    decision: ApprovalDecision
    "Yes or no."
    reason: Optional[str] = None
    "Its owner reads it; at most 500 characters, needed to refuse."


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


class DiscardAssessmentInput(BaseModel):
    """Which draft to throw away."""

    assessment_id: str = Field(alias="assessmentId")
    "A draft that no open or accepted request waits for; those of a correction go back to what it corrects."
    expected_change_number: int = Field(alias="expectedChangeNumber")
    "The change number that the person has seen: anything newer, as of a colleague, keeps the draft."


class EndAccessInput(BaseModel):
    """Whose access to end."""

    buyer_id: str = Field(alias="buyerId")
    "A buyer, of `linkedBuyers` or of a share."
    questionnaire: Optional[str] = None
    "Only to this questionnaire; all of them without it."


class EndStandingRuleInput(BaseModel):
    """Which rule to end."""

    rule_id: str = Field(alias="ruleId")
    "A StandingRule."


class ExtendCampaignInput(BaseModel):
    """Which requests of a campaign get more time."""

    campaign_id: str = Field(alias="campaignId")
    "One of `campaigns` that is not withdrawn."
    due_on: Annotated[date, PlainSerializer(str)] = Field(alias="dueOn")
    "From the day that it is where days begin first (UTC+14), to two years ahead; what is due later stays as it is."
    filter_: Optional["SupplierFilter"] = Field(alias="filter", default=None)
    "Only those of suppliers that pass this filter now; all without it."


class ExtraQuestionnaireInput(BaseModel):
    """A second questionnaire for the same suppliers, subject, period and day."""

    questionnaire: str
    "The key of another questionnaire, such as one of your own."
    minimum_tier: QuestionnaireTier = Field(alias="minimumTier")
    "The least tier to answer."


class FindingInput(BaseModel):
    """What is stated of one answer; both gaps are said, or left out where there is none."""

    question: str
    "The key of a question that is answered in a section you may read."
    row_id: Optional[str] = Field(alias="rowId", default=None)
    "The row of a group; null speaks of all rows."
    level: AssuranceLevel
    "What was found. DOCUMENTED names in `restsOn` what it rests on; DECLARED takes back what you stated before."
    basis: str
    "What that rests on, 1 to 2,000 characters. Everybody reads it to whom the supplier opens the section, other buyers too."
    not_shown: Optional[str] = Field(alias="notShown", default=None)
    "What the evidence does not show of the claim, up to 2,000 characters."
    beyond: Optional[str] = None
    "What the evidence shows beyond the claim, up to 2,000 characters."
    rests_on: list[str] = Field(alias="restsOn", default_factory=lambda: [])
    "Documents behind the answer that bear the finding, up to 20. From the day after the first of them has ended it counts as declared."
    contradicts: list[str] = Field(default_factory=lambda: [])
    "Documents behind the answer that do not hold, up to 20."


class GapPlanInput(BaseModel):
    """What is done about a gap that this answer declares."""

    text: str
    "What is done, 1 to 1,000 characters; who is given the section reads it."
    due_on: Annotated[date, PlainSerializer(str)] = Field(alias="dueOn")
    "Until when: after today. However late that is, the plan holds no longer than the operator lets it, which is 180 days where nothing else was set: `operatorLimits`. Once it was submitted it can be put off once."
    owner_id: str = Field(alias="ownerId")
    "Who answers for it: one of `members`. Who is given the section reads the name."


class GiveFeedbackInput(BaseModel):
    """What to say of which result."""

    result_id: str = Field(alias="resultId")
    "The id of a `SharedResult` that you may read now."
    state: FeedbackState
    "What you say."
    text: Optional[str] = None
    "Words to the supplier, at most 2,000 characters; QUESTIONS and NOT_ACCEPTED need some."


class GrantAccessInput(BaseModel):
    """What of a request to grant, never more than it asks; what is null is as it was asked."""

    request_id: str = Field(alias="requestId")
    "An open ReceivedAccessRequest."
    submission_id: Optional[str] = Field(alias="submissionId", default=None)
    "Another submission of its subject; null takes the result that the buyer points to while it counts, or else the newest."
    sections: Optional[list[str]] = None
    "Keys of the sections to open, of those that were asked; an empty list opens the summary alone."
    include_evidence: Optional[bool] = Field(alias="includeEvidence", default=None)
    "Whether to open all its documents, those of sections that are not named too."
    until: Optional[datetime] = None
    "Until when; not later than asked, and at most five years. To be named where the asked end has passed."
    keep_shared: bool = Field(alias="keepShared", default=False)
    "Whether to open as well what the buyer reads in other revisions for the same period, `sharedBefore` of the preview, so that its latest result does not show less than before."
    reason: Optional[str] = None
    "Why not all of it, at most 1,000 characters; the buyer reads it."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters; the same key and input grant once."


class ImportQuestionnaireInput(BaseModel):
    """A questionnaire, and the scoring profile that goes with it."""

    format: QuestionnaireFormat
    "How the text is written."
    text: str
    "The questionnaire in the format questionnaire/1, or an XLSForm. The key of a form that has no publisher's name in its form_id begins with yours."
    profile_format: Optional[QuestionnaireFormat] = Field(
        alias="profileFormat", default=None
    )
    "How the profile's text is written."
    profile_text: Optional[str] = Field(alias="profileText", default=None)
    "The scoring profile in the format scoring-profile/1; questionnaires of facts need none."
    base_revision: int = Field(alias="baseRevision", default=0)
    "The revision of the draft that was last seen; 0 where there was none."


class InviteSuppliersInput(BaseModel):
    """Which suppliers to invite."""

    suppliers: list["SupplierToInviteInput"]
    "1 to 100; inviting again sends a new link."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters, the client's own; a repeated call with it sends no second letter."


class MakeStandingRuleInput(BaseModel):
    """What to share of each new submission, and the owner's yes to just that."""

    buyer_id: str = Field(alias="buyerId")
    "A buyer you are linked with."
    questionnaire: str
    "The questionnaire's key."
    site_id: Optional[str] = Field(alias="siteId", default=None)
    "One of the own sites; null for the organization as a whole."
    sections: list[str] = Field(default_factory=lambda: [])
    "Keys of the sections whose answers and trace go out; none is the summary alone."
    include_evidence: bool = Field(alias="includeEvidence", default=False)
    "Whether all documents go out, each with its question, those of sections not named too."
    purpose: str
    "What the buyer may use it for, 1 to 500 characters."
    until: datetime
    "Until when, in the future and at most five years away."
    agreement: str
    "The mark of the statement that the owner has read, from `standingRuleStatement` of the same input."
    include_current: bool = Field(alias="includeCurrent", default=False)
    "Whether what counts now is shared so as well; without it only what is submitted from now on."


class MakeStatementInput(BaseModel):
    """What was found on a submission."""

    result_id: str = Field(alias="resultId")
    "The shared result."
    findings: list["FindingInput"]
    "1 to 200, each answer once."
    as_of: Optional[Annotated[date, PlainSerializer(str)]] = Field(
        alias="asOf", default=None
    )
    "The day it is of, from the submission and your last statement on it to today; null is today."
    remark: Optional[str] = None
    "On the whole, up to 2,000 characters; whoever reads one of its findings reads it."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters: the same key again gives the same statement, for 30 days."


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
    "The language it prefers; that of your account without it."
    time_zone: Optional[str] = Field(alias="timeZone", default=None)
    'Its time zone, like "Asia/Dhaka", where its due days end; that of your account without it.'


class OpenDisputeInput(BaseModel):
    """Which finding is wrong, and why."""

    statement_id: str = Field(alias="statementId")
    "The statement."
    question: str
    "The key of the question that the finding is on."
    row_id: Optional[str] = Field(alias="rowId", default=None)
    "Its row, as the finding has it."
    reason: str
    "Why, 1 to 2,000 characters; whoever reads the finding reads it."
    document_ids: list[str] = Field(alias="documentIds", default_factory=lambda: [])
    "Up to 20 checked documents of your own, which the reviewer may fetch as long as it reads the section."


class PreviewAccessInput(BaseModel):
    """What of a request to grant, never more than it asks; what is null is as it was asked."""

    request_id: str = Field(alias="requestId")
    "An open ReceivedAccessRequest."
    submission_id: Optional[str] = Field(alias="submissionId", default=None)
    "Another submission of its subject; null takes the result that the buyer points to while it counts, or else the newest."
    sections: Optional[list[str]] = None
    "Keys of the sections to open, of those that were asked; an empty list opens the summary alone."
    include_evidence: Optional[bool] = Field(alias="includeEvidence", default=None)
    "Whether to open all its documents, those of sections that are not named too."
    until: Optional[datetime] = None
    "Until when; not later than asked, and at most five years. To be named where the asked end has passed."
    keep_shared: bool = Field(alias="keepShared", default=False)
    "Whether to open as well what the buyer reads in other revisions for the same period, `sharedBefore` of the preview, so that its latest result does not show less than before."


class PreviewCampaignInput(BaseModel):
    """Whom a campaign would ask for what."""

    filter_: "SupplierFilter" = Field(alias="filter")
    "Which suppliers, by the filter of `suppliers`."
    questionnaire: str
    "The questionnaire's key."
    minimum_tier: QuestionnaireTier = Field(alias="minimumTier")
    "The least tier to answer."
    period_start: Annotated[date, PlainSerializer(str)] = Field(alias="periodStart")
    "The first day of the reporting period."
    period_end: Annotated[date, PlainSerializer(str)] = Field(alias="periodEnd")
    "The last day of the reporting period."
    subject: AssessmentSubject = AssessmentSubject.ORGANIZATION
    "Each organization as a whole, or one site of each."
    subject_name: Optional[str] = Field(alias="subjectName", default=None)
    "How you name the site to all of them; at most 200 characters."
    asks_answered: bool = Field(alias="asksAnswered", default=False)
    "Whether to ask those as well from whom you have the answer already."


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


class PublishQuestionnaireInput(BaseModel):
    """Which draft, as it was seen."""

    questionnaire: str
    "The key of a draft."
    revision: int
    "The draft's revision that was looked at; a newer one stops it."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters: the same key again publishes once, for 30 days."


class PushAnswersInput(BaseModel):
    """Which answers are set for which sites."""

    assessment_id: str = Field(alias="assessmentId")
    "An assessment of the organization as a whole, its newest revision; draft or submitted."
    questions: list[str]
    "The keys of 1 to 200 of its questions, outside of lists."
    mode: PushMode
    "Whether the sites may change them."
    site_ids: Optional[list[str]] = Field(alias="siteIds", default=None)
    "`sites` in use; without it all of them. Questions times sites are at most 5,000."
    note: Optional[str] = None
    "Why, for the people at the sites: at most 1,000 characters."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters: the same key again tells of the same act, for 30 days."


class RefuseAccessInput(BaseModel):
    """Which request to refuse, why, and what is offered instead."""

    request_id: str = Field(alias="requestId")
    "An open ReceivedAccessRequest."
    reason: str
    "Why, 1 to 1,000 characters; the buyer reads it."
    offer: AccessOffer
    "What is offered instead."
    offer_text: Optional[str] = Field(alias="offerText", default=None)
    "More about the offer, at most 1,000 characters; the buyer reads it."
    offer_from: Optional[Annotated[date, PlainSerializer(str)]] = Field(
        alias="offerFrom", default=None
    )
    "With LATER, and only with it: the day from which asking again is welcome, in the future."


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


class RenewAssessmentInput(BaseModel):
    """Which assessment is taken over for which period."""

    assessment_id: str = Field(alias="assessmentId")
    "The assessment that the answers are taken from."
    period_start: Annotated[date, PlainSerializer(str)] = Field(alias="periodStart")
    "The first day of the new period."
    period_end: Annotated[date, PlainSerializer(str)] = Field(alias="periodEnd")
    "The last day; at most three years later."
    tier: Optional[QuestionnaireTier] = None
    "The tier to answer; without it that of the earlier one, or of the draft that is there."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters: the same key again gives the same assessment, for 30 days."


class ReplyToClarificationInput(BaseModel):
    """What to reply: to the round, to items of it, or to both."""

    clarification_id: str = Field(alias="clarificationId")
    "An open round."
    reply: Optional[str] = None
    "To the whole, 1 to 2,000 characters; it closes the round."
    items: list["ClarificationItemReplyInput"] = Field(default_factory=lambda: [])
    "To items, each once; the others may follow. The last one closes the round, unless a draft is open for it, which does so when it is submitted."


class RequestAccessInput(BaseModel):
    """What to ask of which supplier."""

    supplier_id: str = Field(alias="supplierId")
    "A linked supplier, one of `suppliers`."
    questionnaire: str
    "The questionnaire's key."
    result_id: Optional[str] = Field(alias="resultId", default=None)
    "A SharedResult of which more is wanted, such as that of a site; without it the newest submission of the whole organization is meant."
    sections: list[str] = Field(default_factory=lambda: [])
    "Keys of the sections whose answers and trace are wanted; none asks for the summary alone."
    include_evidence: bool = Field(alias="includeEvidence", default=False)
    "Whether its documents are wanted."
    until: Optional[datetime] = None
    "Until when it is needed, at most five years; null leaves that to the supplier."
    purpose: str
    "What for, 1 to 500 characters; the supplier reads it."
    message: Optional[str] = None
    "A word to the supplier, at most 2,000 characters."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters; the same key and input ask once, for 30 days."


class ReviseForClarificationInput(BaseModel):
    """Which round to answer by a new revision."""

    clarification_id: str = Field(alias="clarificationId")
    "An open round."


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
    device: Optional[str] = None
    'What the device calls itself, like "Mai\'s phone": at most 100 characters, for the history. What it sends behind a write of its own that is in conflict, on the revision which that was to make, is in conflict too, also in a later call.'
    answers: list["AnswerWriteInput"]
    "1 to 200 writes, in any order: lower base revisions are judged first, and of writes with the same one in the order sent. What was written on a revision that comes with a later call is AHEAD until then."


class SeenAnswerInput(BaseModel):
    """An answer that somebody has looked at."""

    question: str
    "The question's key."
    row_id: Optional[str] = Field(alias="rowId", default=None)
    "The row, in groups."
    revision: int
    "The revision that was shown."


class SetQuestionnaireVisibilityInput(BaseModel):
    """Who is to see which questionnaire."""

    questionnaire: str
    "The key of an own questionnaire."
    visibility: QuestionnaireVisibility
    "PUBLIC asks the operator about the highest version; nothing changes until it is approved, and until then PRIVATE or CONNECTED takes the question back."


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
    code: Optional[str] = None
    "A code of the authenticator app, or a recovery code, where the account has a second factor: the same call without it answers SECOND_FACTOR_NEEDED once the password is right."
    organization_id: Optional[str] = Field(alias="organizationId", default=None)
    "The organization to act for; the first one joined without it, or none."


class StandingRuleInput(BaseModel):
    """What to share of each new submission, with whom, until when."""

    buyer_id: str = Field(alias="buyerId")
    "A buyer you are linked with."
    questionnaire: str
    "The questionnaire's key."
    site_id: Optional[str] = Field(alias="siteId", default=None)
    "One of the own sites; null for the organization as a whole."
    sections: list[str] = Field(default_factory=lambda: [])
    "Keys of the sections whose answers and trace go out; none is the summary alone."
    include_evidence: bool = Field(alias="includeEvidence", default=False)
    "Whether all documents go out, each with its question, those of sections not named too."
    purpose: str
    "What the buyer may use it for, 1 to 500 characters."
    until: datetime
    "Until when, in the future and at most five years away."


class StartAssessmentInput(BaseModel):
    """What to start an assessment of."""

    questionnaire: str
    "The questionnaire's key."
    tier: QuestionnaireTier
    "The tier to answer; a draft at a lower one is raised."
    period_start: Annotated[date, PlainSerializer(str)] = Field(alias="periodStart")
    "The first day of the reporting period; this year or one of the ten before."
    period_end: Annotated[date, PlainSerializer(str)] = Field(alias="periodEnd")
    "The last day; at most three years later, this or next year at the latest."
    site_id: Optional[str] = Field(alias="siteId", default=None)
    "The site it is about; without it the organization as a whole."


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
    expired: Optional[bool] = None
    "Only those whose shared result has expired, to ask them for a newer one; or only the others. `tier` and `band` never hold for an expired one."
    state: Optional[list[SupplierState]] = None
    "As far as one of these."
    tag: Optional[list[str]] = None
    "With one of these tags of yours, in any case."
    segment: Optional[list[str]] = None
    "In one of these segments of yours, in any case."
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
    'True writes to an address that sent an invitation of this supplier back ("not us", "wrong contact") and was promised that nothing more comes, which is refused as REFUSED_BEFORE without it; or to a contact that letters did not arrive at, which is refused as BOUNCED.'


class TriedAnswerInput(BaseModel):
    """An answer to try."""

    question: str
    "The question's key."
    row_id: Optional[str] = Field(alias="rowId", default=None)
    "In groups: the row, 1 to 64 letters, digits, hyphens and underscores."
    state: AnswerState = AnswerState.VALUE
    "The state of the answer."
    value: Optional["AnswerValueInput"] = None
    "The value, in state VALUE only."
    unit: Optional[str] = None
    "The unit that was taken; it must be the question's."
    reason: Optional[str] = None
    "Why it does not apply or is declined; at most 2,000 characters."
    comment: Optional[str] = None
    "A remark, at most 2,000 characters; what is asked and scored does not depend on it."


class TryQuestionnaireInput(BaseModel):
    """What to try. Exactly one of draft and source."""

    draft: Optional[str] = None
    "The key of a sound draft."
    source: Optional["ImportQuestionnaireInput"] = None
    "Texts that are not kept anywhere; their baseRevision is not looked at."
    tier: QuestionnaireTier
    "The tier to answer."
    answers: list["TriedAnswerInput"] = Field(default_factory=lambda: [])
    "The answers, at most 3,000; of two for one place the later counts."


class UpgradeAssessmentInput(BaseModel):
    """Which draft goes to which version."""

    assessment_id: str = Field(alias="assessmentId")
    "A draft on an earlier version."
    version: str
    "The current version, as `upgradePreview` named it in `toVersion`."
    tier: Optional[QuestionnaireTier] = None
    "Another tier, not below what an open request asks; without it the same or that one."
    idempotency_key: Optional[str] = Field(alias="idempotencyKey", default=None)
    "8 to 100 characters: the same key again gives the same assessment, for 30 days."


class WithdrawAccessRequestInput(BaseModel):
    """Which request to take back."""

    request_id: str = Field(alias="requestId")
    "An open AccessRequest."


class WithdrawCampaignInput(BaseModel):
    """Which requests of a campaign to take back."""

    campaign_id: str = Field(alias="campaignId")
    "One of `campaigns` that is not withdrawn."
    filter_: Optional["SupplierFilter"] = Field(alias="filter", default=None)
    "Only those of suppliers that pass this filter now; without it all, and nobody more is asked."


AcceptSupplierInvitationInput.model_rebuild()
AnswerWriteInput.model_rebuild()
AskClarificationInput.model_rebuild()
ConfirmAnswersInput.model_rebuild()
ConfirmSupplierListInput.model_rebuild()
CreateCampaignInput.model_rebuild()
CreateRequestsInput.model_rebuild()
ExtendCampaignInput.model_rebuild()
InviteSuppliersInput.model_rebuild()
MakeStatementInput.model_rebuild()
PreviewCampaignInput.model_rebuild()
PreviewSupplierListInput.model_rebuild()
ReplyToClarificationInput.model_rebuild()
SaveAnswersInput.model_rebuild()
SupplierListOptionsInput.model_rebuild()
TriedAnswerInput.model_rebuild()
TryQuestionnaireInput.model_rebuild()
WithdrawCampaignInput.model_rebuild()
