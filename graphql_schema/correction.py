"""What a correction changed: two revisions side by side, whole for their supplier, and as shared for a buyer."""

import enum
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated
from uuid import UUID

import strawberry

from graphql_schema import nodes, result, rules
from graphql_schema.answer import AnswerState
from graphql_schema.context import Info
from graphql_schema.evidence import EVIDENCE
from graphql_schema.shared_result import RESULT
from graphql_schema.submission import SUBMISSION
from graphql_schema.tier import QuestionnaireTier
from portal import access
from portal.assessments import corrections, shared_results
from portal.assessments.corrections import ChangedAnswer, ChangedDocument, Said, Scored
from portal.assessments.corrections import Correction as Found


@strawberry.enum(description="How something differs between two revisions.")
class RevisionChange(enum.Enum):
    ADDED = strawberry.enum_value("added", description="It is in the later revision only.")
    CHANGED = strawberry.enum_value("changed", description="It is in both, and not the same.")
    REMOVED = strawberry.enum_value("removed", description="It is in the earlier revision only.")


@rules.type(rules.AS_PARENT, description="An answer as one of two revisions has it.")
class RevisedAnswer:
    state: AnswerState = rules.field(description="What kind of answer it is.")
    values: list[str] = rules.field(description="Its values as texts; of a choice the keys of options.", list_size=1)
    reason: str | None = rules.field(description="Why it does not apply or is not said; null without a reason.")


@rules.type(rules.AS_PARENT, description="A question (and row) whose answer differs between two revisions.")
class AnswerDifference:
    question: str = rules.field(description="The key of the question.")
    row_id: str | None = rules.field(description="The row of a group; null outside groups.")
    change: RevisionChange = rules.field(description="Whether the answer was added, changed or removed.")
    before: RevisedAnswer | None = rules.field(description="What the earlier revision says; null where ADDED.")
    after: RevisedAnswer | None = rules.field(description="What the later revision says; null where REMOVED.")


@rules.type(rules.AS_PARENT, description="A section that the caller may read in both revisions.")
class SectionDifference:
    key: str = rules.field(description="The key of the section.")
    title: str = rules.field(description="Its title, in the language of the source.")
    answers: list[AnswerDifference] = rules.field(
        description="What differs, by question and row; empty where nothing does.", list_size=10
    )


@rules.type(rules.AS_PARENT, description="A document that stands behind a question in one revision only.")
class DocumentDifference:
    evidence_id: strawberry.ID = rules.field(description="Its id.")
    section: str = rules.field(description="The key of the section.")
    question: str = rules.field(description="The key of the question.")
    row_id: str | None = rules.field(description="The row of a group; null outside groups.")
    change: RevisionChange = rules.field(description="ADDED or REMOVED.")


@rules.type(rules.AS_PARENT, description="A pillar's score in one revision.")
class RevisedPillar:
    key: str = rules.field(description="The key of the pillar.")
    score: Decimal | None = rules.field(description="0 to 100, two decimals; null where nothing could be rated.")


@rules.type(rules.AS_PARENT, description="One of two revisions, with its result at its own tier.")
class ScoredRevision:
    id: strawberry.ID = rules.field(description="The Submission; to a buyer the SharedResult.")
    revision: int = rules.field(description="Which revision it is, from 1.")
    submitted_at: datetime = rules.field(description="When it was submitted.")
    tier: QuestionnaireTier = rules.field(description="The tier that was answered.")
    total: Decimal | None = rules.field(description="0 to 100, two decimals; null where nothing could be rated.")
    band: str | None = rules.field(description="The key of the band; null where there is none.")
    coverage: Decimal | None = rules.field(description="Percent of the weight that was answered, 0 to 100.")
    profile_number: int | None = rules.field(description="The number of the scoring profile.")
    pillars: list[RevisedPillar] = rules.field(description="The score by pillar.", list_size=6)


@rules.type(rules.AS_PARENT, description="What a correction changed.")
class Correction:
    earlier: ScoredRevision = rules.field(description="The earlier revision.")
    later: ScoredRevision = rules.field(description="The later revision.")
    sections: list[SectionDifference] = rules.field(
        description="The sections that the caller may read in both revisions, in order.", list_size=12
    )
    documents: list[DocumentDifference] = rules.field(
        description="Documents that came or went, where the caller may read those of both revisions.", list_size=5
    )


NameRevision = Callable[[UUID], strawberry.ID]


def make_correction(found: Found, owner: UUID, name: NameRevision) -> Correction:
    return Correction(
        earlier=make_revision(found.earlier, name),
        later=make_revision(found.later, name),
        sections=[
            SectionDifference(key=one.key, title=one.title, answers=[make_difference(answer) for answer in one.answers])
            for one in found.sections
        ],
        documents=[make_document(one, owner) for one in found.documents],
    )


def make_revision(scored: Scored, name: NameRevision) -> ScoredRevision:
    made = scored.result
    return ScoredRevision(
        id=name(scored.submission_id),
        revision=scored.revision,
        submitted_at=scored.submitted_at,
        tier=QuestionnaireTier(scored.tier),
        total=None if made is None else show(made.total),
        band=None if made is None else made.band,
        coverage=None if made is None else show(made.coverage),
        profile_number=None if made is None else made.profile_number,
        pillars=[RevisedPillar(key=one["key"], score=show(one["score"])) for one in (made.pillars if made else ())],
    )


def show(hundredths: int | None) -> Decimal | None:
    return None if hundredths is None else result.show_figure(Fraction(hundredths, 100))


def make_difference(one: ChangedAnswer) -> AnswerDifference:
    change = RevisionChange.CHANGED
    if one.before is None or one.after is None:
        change = RevisionChange.ADDED if one.before is None else RevisionChange.REMOVED
    return AnswerDifference(
        question=one.question,
        row_id=one.row_id,
        change=change,
        before=make_said(one.before),
        after=make_said(one.after),
    )


def make_said(said: Said | None) -> RevisedAnswer | None:
    if said is None:
        return None
    return RevisedAnswer(state=AnswerState(said.state), values=list(said.texts), reason=said.reason)


def make_document(one: ChangedDocument, owner: UUID) -> DocumentDifference:
    return DocumentDifference(
        evidence_id=nodes.encode_id(EVIDENCE, one.evidence_id, owner),
        section=one.section,
        question=one.question,
        row_id=one.row_id,
        change=RevisionChange.ADDED if one.is_new else RevisionChange.REMOVED,
    )


@strawberry.type
class CorrectionQuery:
    @rules.query(
        access.SUPPLIER,
        description="What one of the organization's submissions changed against an earlier revision of it, in full.",
    )
    async def correction(
        self,
        info: Info,
        later: Annotated[strawberry.ID, strawberry.argument(description="A Submission.")],
        earlier: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="An earlier revision of it; without it the one right before."),
        ] = None,
    ) -> Correction:
        wanted = [
            None if value is None else nodes.decode_id(value, SUBMISSION, path=(name,)).id
            for name, value in (("later", later), ("earlier", earlier))
        ]
        async with info.context.transaction() as (session, actor):
            owner = actor.organization
            found = await corrections.compare_revisions(
                session, owner, supplier_id=owner, submission_id=wanted[0] or owner, earlier_id=wanted[1]
            )
        return make_correction(found, owner, lambda id: nodes.encode_id(SUBMISSION, id, owner))

    @rules.query(
        access.BUYER,
        description="What a shared result changed against an earlier revision that is shared as well: of answers, only "
        "those of sections that are shared of both. It leaves read receipts for both, as reading their answers does.",
    )
    async def shared_correction(
        self,
        info: Info,
        later: Annotated[strawberry.ID, strawberry.argument(description="A SharedResult.")],
        earlier: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="An earlier revision of it; without it the one before that is shared."),
        ] = None,
    ) -> Correction:
        wanted = nodes.decode_id(later, RESULT, path=("later",))
        before = None if earlier is None else nodes.decode_id(earlier, RESULT, path=("earlier",)).id
        async with info.context.transaction() as (session, actor):
            found = await corrections.compare_revisions(
                session, actor.organization, supplier_id=wanted.owner, submission_id=wanted.id, earlier_id=before
            )
            seen = [(wanted.owner, one.submission_id) for one in (found.earlier, found.later)]
            await shared_results.note_results(session, actor, seen=seen, kind="answers", noted=info.context.noted)
        return make_correction(found, wanted.owner, lambda id: nodes.encode_id(RESULT, id, wanted.owner))
