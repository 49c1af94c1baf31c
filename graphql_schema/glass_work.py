"""What an operator's view shows of an organization's work: assessments with their answers, submissions, documents."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import strawberry

from graphql_schema import nodes, paging, rules
from graphql_schema.answer import ASSESSMENT, AnswerState
from graphql_schema.assessment import AssessmentState
from graphql_schema.context import Info
from graphql_schema.evidence import EVIDENCE, EvidenceKind, EvidenceState
from graphql_schema.glass_reading import BY_QUESTION, PERIOD_END, PERIOD_START, look, note
from graphql_schema.submission import SUBMISSION, SubmissionState
from graphql_schema.tier import QuestionnaireTier
from portal import access
from portal.oversight import looks


@rules.type(access.GLASS, description="One answer as it stands.")
class GlassAnswer:
    question: str = rules.field(description="The question's key.")
    row_id: str | None = rules.field(description="The row of a list; null where the question has none.")
    state: AnswerState = rules.field(description="In which state it is.")
    value: str | None = rules.field(description="The value as JSON; null where there is none.")
    reason: str | None = rules.field(description="Why there is none.")
    comment: str | None = rules.field(description="What was remarked.")
    changed_at: datetime = rules.field(description="When it was last changed.")


def make_answer(row: Any) -> GlassAnswer:
    return GlassAnswer(
        question=row.question,
        row_id=row.row_id or None,
        state=AnswerState(row.state),
        value=None if row.value is None else orjson.dumps(row.value).decode(),
        reason=row.reason,
        comment=row.comment,
        changed_at=row.changed_at,
    )


@rules.type(access.GLASS, description="One of its assessments.")
class GlassAssessment:
    id: strawberry.ID = rules.field(description="The assessment's id.")
    questionnaire: str = rules.field(description="The questionnaire's key.")
    version: str = rules.field(description="Its version.")
    tier: QuestionnaireTier = rules.field(description="The tier that is answered.")
    period_start: date = rules.field(description=PERIOD_START)
    period_end: date = rules.field(description=PERIOD_END)
    revision: int = rules.field(description="Which revision it is.")
    state: AssessmentState = rules.field(description="Where it stands.")
    submitted_at: datetime | None = rules.field(description="When it was submitted; null while it was not.")
    updated_at: datetime = rules.field(description="When it was last changed.")
    row: strawberry.Private[UUID]
    glass: strawberry.Private[UUID]
    owner: strawberry.Private[UUID]

    @rules.method(description="Its answers as they stand, by question.")
    async def answers(
        self, info: Info, first: paging.First = paging.PAGE, after: paging.After = None
    ) -> paging.Connection[GlassAnswer]:
        page = paging.read_page(BY_QUESTION, first, after)
        place = (str(page.after.keys[0]), str(page.after.keys[1])) if page.after else None
        async with look(info, self) as session:
            rows = await looks.list_answers(session, self.owner, assessment=self.row, after=place, limit=page.limit)
            await note(session, self, "assessment", [(self.row, self.owner)])
        return paging.build_connection(
            page, rows, keys=lambda row: ((row.question, row.row_id), self.row), node=make_answer
        )


def make_assessment(row: Any, owner: UUID, glass: UUID) -> GlassAssessment:
    return GlassAssessment(
        id=nodes.encode_id(ASSESSMENT, row.id, owner),
        questionnaire=row.questionnaire,
        version=row.version,
        tier=QuestionnaireTier(row.tier),
        period_start=row.period_start,
        period_end=row.period_end,
        revision=row.revision,
        state=AssessmentState(row.state),
        submitted_at=row.submitted_at,
        updated_at=row.updated_at,
        row=row.id,
        glass=glass,
        owner=owner,
    )


@rules.type(access.GLASS, description="What it submitted, with its result at the tier that was answered.")
class GlassSubmission:
    id: strawberry.ID = rules.field(description="The submission's id.")
    questionnaire: str = rules.field(description="The questionnaire's key.")
    version: str = rules.field(description="Its version.")
    tier: QuestionnaireTier = rules.field(description="The tier that was answered.")
    period_start: date = rules.field(description=PERIOD_START)
    period_end: date = rules.field(description=PERIOD_END)
    revision: int = rules.field(description="Which revision it is.")
    state: SubmissionState = rules.field(description="Whether it counts.")
    root_hash: str = rules.field(description="What seals it, in hexadecimal.")
    submitted_at: datetime = rules.field(description="When.")
    total: Decimal | None = rules.field(description="Points of 100; null where nothing could be rated.")
    band: str | None = rules.field(description="The band; null where there is none.")
    valid_until: date | None = rules.field(description="The last day of the result.")


def make_submission(row: Any, owner: UUID) -> GlassSubmission:
    return GlassSubmission(
        id=nodes.encode_id(SUBMISSION, row.id, owner),
        questionnaire=row.questionnaire,
        version=row.version,
        tier=QuestionnaireTier(row.tier),
        period_start=row.period_start,
        period_end=row.period_end,
        revision=row.revision,
        state=SubmissionState(row.state),
        root_hash=row.root_hash.hex(),
        submitted_at=row.submitted_at,
        total=None if row.total is None else Decimal(row.total) / 100,
        band=row.band,
        valid_until=row.valid_until,
    )


@rules.type(access.GLASS, description="One of its documents; the file itself is not open in a view.")
class GlassDocument:
    id: strawberry.ID = rules.field(description="The document's id.")
    file_name: str = rules.field(description="The name of the file.")
    title: str | None = rules.field(description="What its supplier calls it.")
    kind: EvidenceKind = rules.field(description="What it is.")
    state: EvidenceState = rules.field(description="Where it stands.")
    media_type: str | None = rules.field(description="Its type by content.")
    size: int | None = rules.field(description="Bytes, at most 2^31 - 1 of them counted.")
    valid_until: date | None = rules.field(description="Its last day.")
    created_at: datetime = rules.field(description="When it was announced.")


def make_document(row: Any, owner: UUID) -> GlassDocument:
    return GlassDocument(
        id=nodes.encode_id(EVIDENCE, row.id, owner),
        file_name=row.file_name,
        title=row.title,
        kind=EvidenceKind(row.kind),
        state=EvidenceState(row.state),
        media_type=row.media_type,
        size=None if row.size is None else min(row.size, 2**31 - 1),
        valid_until=row.valid_until,
        created_at=row.created_at,
    )
