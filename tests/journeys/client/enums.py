from enum import Enum


class AcceptOutcome(str, Enum):
    STARTED = "STARTED"
    JOINED = "JOINED"
    TIER_RAISED = "TIER_RAISED"
    ALREADY_SUBMITTED = "ALREADY_SUBMITTED"
    REVISION_NEEDED = "REVISION_NEEDED"
    REVISION_STARTED = "REVISION_STARTED"


class AccessOffer(str, Enum):
    NONE = "NONE"
    VISIT = "VISIT"
    TALK = "TALK"
    LESS = "LESS"
    LATER = "LATER"


class AccessState(str, Enum):
    OPEN = "OPEN"
    GRANTED = "GRANTED"
    PARTLY_GRANTED = "PARTLY_GRANTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


class AnswerFate(str, Enum):
    CARRIED = "CARRIED"
    CONFIRM = "CONFIRM"
    BLANK = "BLANK"
    DROPPED = "DROPPED"
    NEW = "NEW"


class AnswerProvenance(str, Enum):
    ANSWERED = "ANSWERED"
    CARRIED = "CARRIED"
    TO_CONFIRM = "TO_CONFIRM"
    CONFIRMED = "CONFIRMED"
    LOCKED = "LOCKED"


class AnswerState(str, Enum):
    VALUE = "VALUE"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    UNKNOWN = "UNKNOWN"
    DECLINED = "DECLINED"


class ApiKeyScope(str, Enum):
    ASSESSMENTS_READ = "ASSESSMENTS_READ"
    ASSESSMENTS_WRITE = "ASSESSMENTS_WRITE"
    SUPPLIERS_READ = "SUPPLIERS_READ"
    SUPPLIERS_WRITE = "SUPPLIERS_WRITE"
    BENCHMARKS_READ = "BENCHMARKS_READ"
    QUESTIONNAIRES_WRITE = "QUESTIONNAIRES_WRITE"


class ApprovalDecision(str, Enum):
    APPROVE = "APPROVE"
    REFUSE = "REFUSE"


class AssessmentState(str, Enum):
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    REPLACED = "REPLACED"


class AssessmentSubject(str, Enum):
    ORGANIZATION = "ORGANIZATION"
    SITE = "SITE"


class AssuranceLevel(str, Enum):
    DECLARED = "DECLARED"
    DOCUMENTED = "DOCUMENTED"
    VERIFIED = "VERIFIED"
    CONTRADICTED = "CONTRADICTED"


class BandReason(str, Enum):
    TOTAL = "TOTAL"
    COVERAGE = "COVERAGE"
    FLOOR = "FLOOR"
    CRITICAL_RULE = "CRITICAL_RULE"
    CRITICAL_OPEN = "CRITICAL_OPEN"
    NOT_RATED = "NOT_RATED"


class BenchmarkRegion(str, Enum):
    AFRICA = "AFRICA"
    AMERICAS = "AMERICAS"
    ASIA = "ASIA"
    EUROPE = "EUROPE"
    OCEANIA = "OCEANIA"


class BenchmarkStatus(str, Enum):
    PUBLISHED = "PUBLISHED"
    NOT_PUBLISHED = "NOT_PUBLISHED"


class CampaignActKind(str, Enum):
    EXTEND = "EXTEND"
    REMIND = "REMIND"
    WITHDRAW = "WITHDRAW"


class CampaignOutcome(str, Enum):
    ASKED = "ASKED"
    ARCHIVED = "ARCHIVED"
    REFUSED = "REFUSED"
    ALREADY_REQUESTED = "ALREADY_REQUESTED"
    ALREADY_ANSWERED = "ALREADY_ANSWERED"
    OVER_LIMIT = "OVER_LIMIT"


class CampaignState(str, Enum):
    SENDING = "SENDING"
    SENT = "SENT"
    WITHDRAWN = "WITHDRAWN"


class ClarificationState(str, Enum):
    OPEN = "OPEN"
    REPLIED = "REPLIED"
    REVISED = "REVISED"
    WITHDRAWN = "WITHDRAWN"


class ConditionMatch(str, Enum):
    ALL = "ALL"
    ANY = "ANY"


class DisputeState(str, Enum):
    OPEN = "OPEN"
    UPHELD = "UPHELD"
    CHANGED = "CHANGED"
    WITHDRAWN = "WITHDRAWN"


class EvidenceKind(str, Enum):
    POLICY = "POLICY"
    PROCEDURE = "PROCEDURE"
    RECORD = "RECORD"
    CERTIFICATE = "CERTIFICATE"
    REPORT = "REPORT"
    CONTRACT = "CONTRACT"
    PHOTO = "PHOTO"


class EvidenceState(str, Enum):
    AWAITING = "AWAITING"
    QUARANTINED = "QUARANTINED"
    AVAILABLE = "AVAILABLE"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    REMOVED = "REMOVED"


class FeedbackState(str, Enum):
    RECEIVED = "RECEIVED"
    THANKS = "THANKS"
    QUESTIONS = "QUESTIONS"
    ACCEPTED = "ACCEPTED"
    NOT_ACCEPTED = "NOT_ACCEPTED"


class FindingSeverity(str, Enum):
    ERROR = "ERROR"
    WARNING = "WARNING"


class GapState(str, Enum):
    STANDING = "STANDING"
    LAPSED = "LAPSED"
    NO_PLAN = "NO_PLAN"
    OWNER_LEFT = "OWNER_LEFT"


class InvitationKind(str, Enum):
    SUPPLIER = "SUPPLIER"
    MEMBER = "MEMBER"


class OrganizationRole(str, Enum):
    SUPPLIER = "SUPPLIER"
    BUYER = "BUYER"
    PARTNER = "PARTNER"
    REVIEWER = "REVIEWER"


class OrganizationSize(str, Enum):
    MICRO = "MICRO"
    SMALL = "SMALL"
    MEDIUM = "MEDIUM"
    LARGE = "LARGE"


class PillarState(str, Enum):
    RATED = "RATED"
    NO_QUESTIONS = "NO_QUESTIONS"
    NOTHING_TO_SCORE = "NOTHING_TO_SCORE"
    TOO_MUCH_NOT_APPLICABLE = "TOO_MUCH_NOT_APPLICABLE"


class PushMode(str, Enum):
    LOCKED = "LOCKED"
    SUGGESTED = "SUGGESTED"


class PushRefusal(str, Enum):
    UNKNOWN_QUESTION = "UNKNOWN_QUESTION"
    IN_GROUP = "IN_GROUP"
    UNANSWERED = "UNANSWERED"
    UNCONFIRMED = "UNCONFIRMED"
    NOT_ASKED = "NOT_ASKED"
    OTHER_TIER = "OTHER_TIER"
    NOT_FITTING = "NOT_FITTING"
    NOT_REOPENED = "NOT_REOPENED"


class QuestionType(str, Enum):
    BOOLEAN = "BOOLEAN"
    CHOICE = "CHOICE"
    MULTI_CHOICE = "MULTI_CHOICE"
    INTEGER = "INTEGER"
    DECIMAL = "DECIMAL"
    PERCENT = "PERCENT"
    DATE = "DATE"
    TEXT = "TEXT"
    GROUP = "GROUP"


class QuestionnaireApproval(str, Enum):
    ASKED = "ASKED"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"


class QuestionnaireFormat(str, Enum):
    YAML = "YAML"
    JSON = "JSON"
    XLSFORM = "XLSFORM"


class QuestionnairePart(str, Enum):
    QUESTIONNAIRE = "QUESTIONNAIRE"
    PROFILE = "PROFILE"


class QuestionnaireTier(str, Enum):
    MICRO = "MICRO"
    BASIC = "BASIC"
    STANDARD = "STANDARD"
    ADVANCED = "ADVANCED"


class QuestionnaireVisibility(str, Enum):
    PRIVATE = "PRIVATE"
    CONNECTED = "CONNECTED"
    PUBLIC = "PUBLIC"


class ReaderRole(str, Enum):
    OWNER = "OWNER"
    EDITOR = "EDITOR"
    REVIEWER = "REVIEWER"
    VIEWER = "VIEWER"
    API_KEY = "API_KEY"


class ReceiptKind(str, Enum):
    SUMMARY = "SUMMARY"
    ANSWERS = "ANSWERS"
    EVIDENCE = "EVIDENCE"


class RegistrationStep(str, Enum):
    CONFIRM_ADDRESS = "CONFIRM_ADDRESS"
    DONE = "DONE"


class RequestState(str, Enum):
    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    FULFILLED = "FULFILLED"
    DECLINED = "DECLINED"
    NOT_US = "NOT_US"
    WITHDRAWN = "WITHDRAWN"


class RoleDecision(str, Enum):
    APPROVE = "APPROVE"
    REFUSE = "REFUSE"


class RoleStatus(str, Enum):
    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    REFUSED = "REFUSED"


class ShareMode(str, Enum):
    SNAPSHOT = "SNAPSHOT"
    FOLLOWING = "FOLLOWING"


class ShareState(str, Enum):
    PLANNED = "PLANNED"
    LIVE = "LIVE"
    ENDED = "ENDED"
    REVOKED = "REVOKED"


class SiteComparison(str, Enum):
    COMPARED = "COMPARED"
    NO_RESULT = "NO_RESULT"
    NOT_RATED = "NOT_RATED"
    EXPIRED = "EXPIRED"
    OTHER_TIER = "OTHER_TIER"
    QUESTIONS_DIFFER = "QUESTIONS_DIFFER"
    SCORING_DIFFERS = "SCORING_DIFFERS"


class SitePushState(str, Enum):
    WRITTEN = "WRITTEN"
    WAITING = "WAITING"
    SUBMITTED = "SUBMITTED"
    NOTHING = "NOTHING"


class StandingRuleState(str, Enum):
    STANDING = "STANDING"
    ENDED = "ENDED"
    REVOKED = "REVOKED"
    REPLACED = "REPLACED"
    SUSPENDED = "SUSPENDED"


class SupplierListAction(str, Enum):
    CREATE = "CREATE"
    SKIP = "SKIP"
    UPDATE_FIELDS = "UPDATE_FIELDS"


class SupplierListField(str, Enum):
    NAME = "NAME"
    LOCAL_NAME = "LOCAL_NAME"
    ADDRESS = "ADDRESS"
    STREET = "STREET"
    HOUSE_NUMBER = "HOUSE_NUMBER"
    DISTRICT = "DISTRICT"
    POSTAL_CODE = "POSTAL_CODE"
    CITY = "CITY"
    STATE = "STATE"
    COUNTRY = "COUNTRY"
    SECTOR = "SECTOR"
    VENDOR_NUMBER = "VENDOR_NUMBER"
    CONTACT_NAME = "CONTACT_NAME"
    CONTACT_EMAIL = "CONTACT_EMAIL"
    CONTACT_LOCALE = "CONTACT_LOCALE"
    EXTERNAL_REFERENCE = "EXTERNAL_REFERENCE"


class SupplierListState(str, Enum):
    AWAITING = "AWAITING"
    UPLOADED = "UPLOADED"
    PREVIEWED = "PREVIEWED"
    CONFIRMED = "CONFIRMED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


class SupplierSort(str, Enum):
    NAME = "NAME"
    TOTAL_HIGHEST = "TOTAL_HIGHEST"
    TOTAL_LOWEST = "TOTAL_LOWEST"
    DUE = "DUE"


class SupplierState(str, Enum):
    NEEDS_CONTACT = "NEEDS_CONTACT"
    HAS_CONTACT = "HAS_CONTACT"
    INVITED = "INVITED"
    LINKED = "LINKED"
    REFUSED = "REFUSED"


class TraceStatus(str, Enum):
    VALUE = "VALUE"
    UNKNOWN = "UNKNOWN"
    UNANSWERED = "UNANSWERED"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    DECLINED = "DECLINED"
    DISABLED = "DISABLED"


class VersionStep(str, Enum):
    NONE = "NONE"
    PATCH = "PATCH"
    MINOR = "MINOR"
    MAJOR = "MAJOR"


class WriteStatus(str, Enum):
    SAVED = "SAVED"
    UNCHANGED = "UNCHANGED"
    CONFLICT = "CONFLICT"
    REFUSED = "REFUSED"
    PENDING = "PENDING"
    DISMISSED = "DISMISSED"
    AHEAD = "AHEAD"
