"""The GraphQL types of the idiomatic server: Strawberry's own way, each built from rows of the ORM."""

import base64
import enum
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry

from portal.database.tables.assessments import Answer as AnswerRow
from portal.database.tables.assessments import Assessment as AssessmentRow
from portal.database.tables.assessments import Result as ResultRow
from portal.database.tables.assessments import Submission as SubmissionRow
from portal.database.tables.benchmarks import ReleaseCell as CellRow
from portal.database.tables.cards import RelationshipCard
from portal.database.tables.directory import SupplierRecord

Info = strawberry.Info[Any, Any]
Day = date  # a field of this name hides the type


def make_enum(name: str, *codes: str) -> Any:
    return strawberry.enum(enum.Enum(name, {code.upper(): code for code in codes}))  # type: ignore[misc]


SupplierState = make_enum("SupplierState", "needs_contact", "has_contact", "invited", "linked", "refused")
RequestState = make_enum("RequestState", "open", "accepted", "fulfilled", "declined", "not_us", "withdrawn")
QuestionnaireTier = make_enum("QuestionnaireTier", "micro", "basic", "standard", "advanced")
SupplierSort = make_enum("SupplierSort", "name", "total_highest")
SubmissionState = make_enum("SubmissionState", "current", "superseded", "withdrawn")
AssessmentState = make_enum("AssessmentState", "draft", "submitted")
AnswerState = make_enum("AnswerState", "value", "not_applicable", "unknown", "declined")
BenchmarkStatus = make_enum("BenchmarkStatus", "published", "not_published")
Region = strawberry.enum(
    enum.Enum("BenchmarkRegion", {name.upper(): name for name in ("Africa", "Americas", "Asia", "Europe", "Oceania")})
)
Size = make_enum("OrganizationSize", "micro", "small", "medium", "large")
QuestionType = make_enum("QuestionType", "boolean", "choice", "multi_choice", "integer", "decimal", "date", "text")


def write_id(tag: str, owner: UUID, own: UUID) -> strawberry.ID:
    return strawberry.ID(base64.urlsafe_b64encode(tag.encode() + owner.bytes + own.bytes).rstrip(b"=").decode())


def read_id(id: str) -> UUID:
    return UUID(bytes=base64.urlsafe_b64decode(id + "=" * (-len(id) % 4))[20:36])


def points(hundredths: int | None) -> Decimal | None:
    return None if hundredths is None else Decimal(hundredths).scaleb(-2)


@strawberry.type
class Pillar:
    key: str
    score: Decimal | None


def make_pillars(stored: list[Any]) -> list[Pillar]:
    return [Pillar(key=one["key"], score=points(one["score"])) for one in stored]


@strawberry.type
class Supplier:
    card: strawberry.Private[RelationshipCard]
    country: str | None
    sector: str | None
    state: SupplierState
    tier: QuestionnaireTier | None
    band: str | None
    total: Decimal | None
    coverage: Decimal | None
    submitted_at: datetime | None
    valid_until: date | None
    request_state: RequestState | None
    due_on: date | None
    pillars: list[Pillar] | None

    @strawberry.field
    def id(self) -> strawberry.ID:
        return write_id("supp", self.card.buyer_id, self.card.supplier_record_id)

    @strawberry.field
    async def name(self, info: Info) -> str:
        record: SupplierRecord = await info.context["loaders"].records.load(self.card.supplier_record_id)
        return record.name


def make_supplier(card: RelationshipCard, now: datetime) -> Supplier:
    live = card.share_id is not None and (card.shared_until is None or card.shared_until > now)
    return Supplier(
        card=card,
        country=card.country,
        sector=card.sector,
        state=SupplierState(card.record_state),
        tier=QuestionnaireTier(card.tier) if live else None,
        band=card.band if live else None,
        total=points(card.total) if live else None,
        coverage=points(card.coverage) if live else None,
        submitted_at=card.submitted_at if live else None,
        valid_until=card.valid_until if live else None,
        request_state=RequestState(card.request_state) if card.request_state else None,
        due_on=card.due_on,
        pillars=make_pillars(card.pillars or []) if live else None,
    )


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class SupplierConnection:
    nodes: list[Supplier]
    page_info: PageInfo


@strawberry.type
class SupplierContact:
    name: str | None
    email: str


@strawberry.type
class Request:
    state: RequestState
    due_on: date
    minimum_tier: QuestionnaireTier
    purpose: str


@strawberry.type
class SharedResult:
    row: strawberry.Private[SubmissionRow]
    tier: QuestionnaireTier
    period_start: date
    period_end: date
    state: SubmissionState
    submitted_at: datetime

    async def _load(self, info: Info) -> ResultRow:
        found: ResultRow = await info.context["loaders"].results.load((self.row.supplier_id, self.row.id))
        return found

    @strawberry.field
    async def total(self, info: Info) -> Decimal | None:
        return points((await self._load(info)).total)

    @strawberry.field
    async def band(self, info: Info) -> str | None:
        return (await self._load(info)).band

    @strawberry.field
    async def coverage(self, info: Info) -> Decimal:
        return points((await self._load(info)).coverage)  # type: ignore[return-value]

    @strawberry.field
    async def valid_until(self, info: Info) -> date:
        return (await self._load(info)).valid_until

    @strawberry.field
    async def pillars(self, info: Info) -> list[Pillar]:
        return make_pillars((await self._load(info)).pillars)


def make_shared(row: SubmissionRow) -> SharedResult:
    return SharedResult(
        row=row,
        tier=QuestionnaireTier(row.tier),
        period_start=row.period_start,
        period_end=row.period_end,
        state=SubmissionState(row.state),
        submitted_at=row.submitted_at,
    )


@strawberry.type
class SupplierProfile:
    row: strawberry.Private[SupplierRecord]
    name: str
    country: str | None
    address: str | None
    vendor_number: str | None
    state: SupplierState
    linked_at: datetime | None

    @strawberry.field
    def id(self) -> strawberry.ID:
        return write_id("supp", self.row.buyer_id, self.row.id)

    @strawberry.field
    async def contacts(self, info: Info) -> list[SupplierContact]:
        found = await info.context["loaders"].contacts.load(self.row.id)
        return [SupplierContact(name=one.name, email=one.email) for one in found]

    @strawberry.field
    async def history(self, info: Info) -> list[SharedResult]:
        return [make_shared(one) for one in await info.context["loaders"].submissions.load(self.row.supplier_id)]

    @strawberry.field
    async def latest_result(self, info: Info) -> SharedResult | None:
        found = await info.context["loaders"].submissions.load(self.row.supplier_id)
        return next((make_shared(one) for one in found if one.subject == "organization"), None)

    @strawberry.field
    async def requests(self, info: Info) -> list[Request]:
        found = await info.context["loaders"].requests.load(self.row.id)
        return [
            Request(
                state=RequestState(one.state),
                due_on=one.due_on,
                minimum_tier=QuestionnaireTier(one.minimum_tier),
                purpose=one.purpose,
            )
            for one in found
        ]


def make_profile(row: SupplierRecord) -> SupplierProfile:
    return SupplierProfile(
        row=row,
        name=row.name,
        country=row.country,
        address=row.address,
        vendor_number=row.vendor_number,
        state=SupplierState(row.state),
        linked_at=row.linked_at,
    )


@strawberry.type
class BenchmarkCohort:
    tier: QuestionnaireTier
    sector: str | None
    region: Region | None  # type: ignore[valid-type]
    size: Size | None


@strawberry.type
class BenchmarkCell:
    measure: str
    status: BenchmarkStatus
    count_band: str | None
    mean: int | None
    p10: int | None
    p25: int | None
    p50: int | None
    p75: int | None
    p90: int | None
    figures_from_release: int | None
    cohort: BenchmarkCohort


@strawberry.type
class CellEdge:
    node: BenchmarkCell


@strawberry.type
class CellConnection:
    edges: list[CellEdge]
    page_info: PageInfo


def make_cell(row: CellRow) -> BenchmarkCell:
    figures = {
        name: getattr(row, name) for name in ("measure", "count_band", "mean", "p10", "p25", "p50", "p75", "p90")
    }
    cohort = BenchmarkCohort(
        tier=QuestionnaireTier(row.tier),
        sector=None if row.sector == "*" else row.sector,
        region=None if row.region == "*" else Region(row.region),
        size=None if row.size_band == "*" else Size(row.size_band),
    )
    return BenchmarkCell(
        **figures, status=BenchmarkStatus(row.status), figures_from_release=row.figures_from, cohort=cohort
    )


@strawberry.type
class AnswerValue:
    boolean: bool | None = None
    choice: str | None = None
    choices: list[str] | None = None
    number: Decimal | None = None
    date: Day | None = None
    text: str | None = None


@strawberry.type
class AnswerContent:
    state: AnswerState
    value: AnswerValue
    comment: str | None


@strawberry.type
class Answer:
    question: str
    revision: int
    change_number: int
    content: AnswerContent


FIELDS = {"boolean": "boolean", "choice": "choice", "multi_choice": "choices", "integer": "number"}


def make_answer(row: AnswerRow, type_name: str) -> Answer:
    value = Decimal(row.value) if type_name == "integer" else row.value
    content = AnswerContent(
        state=AnswerState(row.state), value=AnswerValue(**{FIELDS[type_name]: value}), comment=row.comment
    )
    return Answer(question=row.question, revision=row.revision, change_number=row.changed_at_number, content=content)


@strawberry.type
class AnswerChanges:
    answers: list[Answer]


@strawberry.type
class Assessment:
    row: strawberry.Private[AssessmentRow]
    questionnaire: str
    version: str
    tier: QuestionnaireTier
    state: AssessmentState
    period_start: date
    period_end: date
    change_number: int

    @strawberry.field
    def id(self) -> strawberry.ID:
        return write_id("asmt", self.row.supplier_id, self.row.id)

    @strawberry.field
    async def answers(self, info: Info, changed_after: int = 0, first: int = 100) -> AnswerChanges:
        types = await info.context["loaders"].find_types(self.questionnaire)
        found = await info.context["loaders"].answers.load((self.row.supplier_id, self.row.id))
        shown = [one for one in found if one.changed_at_number > changed_after][:first]
        return AnswerChanges(answers=[make_answer(one, types[one.question]) for one in shown])


def make_assessment(row: AssessmentRow) -> Assessment:
    names = ("questionnaire", "version", "period_start", "period_end", "change_number")
    return Assessment(
        row=row,
        tier=QuestionnaireTier(row.tier),
        state=AssessmentState(row.state),
        **{name: getattr(row, name) for name in names},
    )


@strawberry.type
class QuestionOption:
    key: str
    title: str


@strawberry.type
class Question:
    key: str
    type: QuestionType
    title: str
    help: str
    required: bool
    options: list[QuestionOption]


@strawberry.type
class QuestionnaireSection:
    key: str
    title: str
    questions: list[Question]


@strawberry.type
class QuestionnaireVersion:
    version: str
    title: str
    sections: list[QuestionnaireSection]


def make_version(outline: dict[str, Any]) -> QuestionnaireVersion:
    return QuestionnaireVersion(
        version=outline["version"],
        title=outline["title"],
        sections=[
            QuestionnaireSection(
                key=one["key"], title=one["title"], questions=[make_question(asked) for asked in one["questions"]]
            )
            for one in outline["sections"]
        ],
    )


def make_question(asked: dict[str, Any]) -> Question:
    options = [QuestionOption(**one) for one in asked["options"]]
    return Question(**{**asked, "type": QuestionType[asked["type"]], "options": options})
