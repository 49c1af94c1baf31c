from enum import Enum


class AcceptOutcome(str, Enum):
    STARTED = "STARTED"
    JOINED = "JOINED"
    TIER_RAISED = "TIER_RAISED"
    ALREADY_SUBMITTED = "ALREADY_SUBMITTED"
    REVISION_NEEDED = "REVISION_NEEDED"
    REVISION_STARTED = "REVISION_STARTED"


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


class AssessmentState(str, Enum):
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"


class AssessmentSubject(str, Enum):
    ORGANIZATION = "ORGANIZATION"
    SITE = "SITE"


class BandReason(str, Enum):
    TOTAL = "TOTAL"
    COVERAGE = "COVERAGE"
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


class ConditionMatch(str, Enum):
    ALL = "ALL"
    ANY = "ANY"


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


class QuestionnaireTier(str, Enum):
    MICRO = "MICRO"
    BASIC = "BASIC"
    STANDARD = "STANDARD"
    ADVANCED = "ADVANCED"


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


class WriteStatus(str, Enum):
    SAVED = "SAVED"
    UNCHANGED = "UNCHANGED"
    CONFLICT = "CONFLICT"
    REFUSED = "REFUSED"
    PENDING = "PENDING"
    AHEAD = "AHEAD"
