"""A supplier's assessments: starting, answering, progress, tiers, corrections, and following their changes."""

import asyncio
import enum
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from graphql_schema import (
    answer,
    answer_history,
    assessment_discard,
    batches,
    carried_answer,
    language,
    nodes,
    noun_nodes,
    paging,
    pushed_answer,
    rules,
    selection,
    teamwork,
)
from graphql_schema.answer import (
    ASSESSMENT,
    SITE,
    AnswerChanges,
    AnswerProblem,
    AnswerResult,
    AnswerWriteInput,
)
from graphql_schema.answer_history import AnswerConflictPage, AnswerHistoryEntry, PendingCorrectionPage
from graphql_schema.assessment_discard import DraftDiscarded
from graphql_schema.carried_answer import CarryPreview, FigureOfOtherPeriod, ReusableAnswer
from graphql_schema.colleague import Colleague, make_colleague
from graphql_schema.context import Info, Session
from graphql_schema.file_formats import AssessmentFile
from graphql_schema.language import Wanted
from graphql_schema.paging import After, Connection, First
from graphql_schema.pushed_answer import PushedAnswerPage
from graphql_schema.teamwork import AnswerCommentPage, SectionAssignment, SignOff, TeamChanges
from graphql_schema.tier import QuestionnaireTier
from portal import access, errors, reading
from portal.assessments import answer_history as history
from portal.assessments import (
    answers,
    assessments,
    assigning,
    colleagues,
    commenting,
    conflicts,
    definitions,
    discarding,
    figures,
    pushes,
    renewing,
    reusing,
    signing,
    sources,
    upgrading,
    waiting,
    writes,
)
from portal.assessments import teamwork as work
from portal.assessments.assessments import Measured
from portal.assessments.discards import Discarded
from portal.database.tables.teamwork import Assignment
from portal.reading import assessments as nouns
from questionnaires.progress import Progress, add_progress

if TYPE_CHECKING:
    from graphql_schema.received_request import ReceivedRequest
    from graphql_schema.submission import Submission


@strawberry.enum(description="What an assessment is about.")
class AssessmentSubject(enum.Enum):
    ORGANIZATION = strawberry.enum_value("organization", description="The organization as a whole.")
    SITE = strawberry.enum_value("site", description="One of its sites.")


@strawberry.enum(description="Where an assessment stands.")
class AssessmentState(enum.Enum):
    DRAFT = strawberry.enum_value("draft", description="Answers can be changed.")
    SUBMITTED = strawberry.enum_value(
        "submitted", description="It was frozen and scored; a correction starts a new one."
    )
    REPLACED = strawberry.enum_value(
        "replaced", description="An upgrade to a later version took its place; it stays readable as it was."
    )


@rules.type(access.SUPPLIER, description="How far an assessment, or a section of it, is.")
class AssessmentProgress:
    section: str | None = rules.field(description="The section's key; null for the whole.")
    asked: int = rules.field(description="Answers that are asked for now.")
    answered: int = rules.field(description="How many of them are there.")
    required: int = rules.field(description="How many of them submission needs.")
    missing_count: int = rules.field(description="How many of those are missing.")
    minutes: Decimal = rules.field(
        description="Minutes for all that is asked now: questions that the answers so far leave out are not counted, "
        "and each row of a group is."
    )
    minutes_left: Decimal = rules.field(
        description="Minutes for what of that is not answered yet; a group without an answer counts with its least "
        "number of rows, at least one."
    )
    unconfirmed_count: int = rules.field(description="How many answers were taken over and wait for a look.")


@rules.type(access.SUPPLIER, description="How far a colleague is with the sections that are the colleague's.")
class AssigneeProgress:
    assignee: Colleague = rules.field(description="The colleague.")
    sections: list[str] = rules.field(description="The keys of the colleague's sections.", list_size=5)
    progress: AssessmentProgress = rules.field(description="How far these sections are together.")


@rules.type(access.SUPPLIER, description="The supplier's own response; it never names a buyer.")
class Assessment(nodes.Node):
    questionnaire: str = rules.field(description="The questionnaire's key.")
    version: str = rules.field(description="The version it is pinned to.")
    tier: QuestionnaireTier = rules.field(description="The tier that is answered.")
    subject: AssessmentSubject = rules.field(description="What it is about.")
    site_id: strawberry.ID | None = rules.field(description="The site it is about.")
    period_start: date = rules.field(description="The first day of the reporting period.")
    period_end: date = rules.field(description="The last day of the reporting period.")
    revision: int = rules.field(description="1, and one more with each correction.")
    state: AssessmentState = rules.field(description="Where it stands.")
    change_number: int = rules.field(
        description="The cursor of the sync: raised with every change of an answer, of the tier, and of the attached"
        " documents."
    )
    team_number: int = rules.field(
        description="The cursor of `team`: raised with every assignment, comment and sign-off, and with what changes"
        " `conflicts` and `pendingCorrections`; none of these raises changeNumber by itself."
    )
    clarification_id: strawberry.ID | None = rules.field(
        description="The clarification that it was opened for, the first of several; null for any other."
    )
    reopened: list[str] | None = rules.field(
        description="The places that may change in a draft that answers a clarification, as `question`, `question/row`,"
        " or `question/*` for every row of a group; all others are locked. Null where everything is open."
    )
    corrects_id: strawberry.ID | None = rules.field(description="The assessment that this revision corrects.")
    upgraded_from_id: strawberry.ID | None = rules.field(
        description="The assessment that its answers were taken over from: the draft on an earlier version, or that of"
        " an earlier period."
    )
    submitted_at: datetime | None = rules.field(description="When it was submitted.")
    created_at: datetime = rules.field(description="When it was started.")
    updated_at: datetime = rules.field(description="When it was last changed.")
    submission: Annotated["Submission", strawberry.lazy("graphql_schema.submission")] | None = rules.field(
        description="What was frozen, once submitted."
    )
    requests: list[Annotated["ReceivedRequest", strawberry.lazy("graphql_schema.received_request")]] = rules.field(
        description="The requests that it answers, the first due first.", list_size=5
    )

    @rules.method(access.SUPPLIER, description="How far it is as a whole.")
    async def progress(self, info: Info) -> AssessmentProgress:
        found = await measure(info, key_of(self))
        return make_progress(None, found.whole, len(found.unconfirmed))

    @rules.method(access.SUPPLIER, description="How far each section is, in order.", list_size=12)
    async def section_progress(self, info: Info) -> list[AssessmentProgress]:
        found = await measure(info, key_of(self))
        return [make_progress(key, one, found.unconfirmed.count(key)) for key, one in found.sections.items()]

    @rules.method(access.SUPPLIER, description="Everything that submission would refuse now, in order.", list_size=50)
    async def problems(self, info: Info, locale: Wanted = None) -> list[AnswerProblem]:
        async with info.context.transaction() as (session, actor):
            found = await assessments.list_problems(session, actor, key_of(self))
            return await answer.tell_problems(info, session, actor, found, locale)

    @rules.method(access.SUPPLIER, description="The answers that changed after a number: what a client syncs by.")
    async def answers(
        self,
        info: Info,
        changed_after: Annotated[
            int, strawberry.argument(description="The change number last seen; 0 for everything.")
        ] = 0,
        first: First = 100,
    ) -> AnswerChanges:
        raise errors.SetupError("Answers are read with their assessment, by the link of this name.")

    @rules.method(
        access.SUPPLIER,
        description="Every write to one question and row, the newest first: who sent it, when, from which device, what"
        " stood before, and what it said.",
        list_size=25,
    )
    async def answer_history(
        self,
        info: Info,
        question: Annotated[str, strawberry.argument(description="The question's key.")],
        row_id: Annotated[str | None, strawberry.argument(description="The row, in groups.")] = None,
        first: First = 25,
        after: Annotated[
            str | None, strawberry.argument(description="The cursor of the last entry already seen.")
        ] = None,
        locale: Wanted = None,
    ) -> list[AnswerHistoryEntry]:
        page = paging.read_page(answer_history.NEWEST_FIRST, first, after)
        async with info.context.transaction() as (session, actor):
            definition, found = await history.list_history(
                session,
                actor,
                assessment_id=key_of(self),
                question=question,
                row_id=row_id,
                limit=first,
                after=answer_history.read_place(page),
            )
            names = await colleagues.find_names(session, actor, [one.member_id for one in found])
            notes = await pushes.find_notes(session, actor, [one.push_id for one in found])
            chosen = await language.choose_for_problems(info, session, actor, locale)
        return [answer_history.make_entry(definition, one, names, notes, actor.organization, chosen) for one in found]

    @rules.method(
        access.SUPPLIER,
        description="Writes that met another answer, as long as nobody has decided which one stands: see"
        " `decideConflict`. One is over, too, once whoever sent it has saved another answer to the same question."
        " They stay open when it is submitted, corrected or upgraded: every revision has the conflicts of all, each"
        " with the answer that stands in the newest.",
    )
    async def conflicts(self, info: Info, first: First = 25, after: After = None) -> AnswerConflictPage:
        page = paging.read_page(answer_history.CONFLICTS, first, after)
        async with info.context.transaction() as (session, actor):
            definition, found = await conflicts.list_conflicts(
                session,
                actor,
                assessment_id=key_of(self),
                limit=page.limit,
                after=answer_history.read_place(page),
            )
            people = [person for one in found for person in (one.row.member_id, one.standing.changed_by)]
            names = await colleagues.find_names(session, actor, people)
        return answer_history.make_conflicts(definition, found, names, actor.organization, page)

    @rules.method(
        access.SUPPLIER,
        description="Writes that came after submission and wait for a correction: `correctAssessment` takes them up,"
        " `dismissPendingCorrections` leaves them out. While a draft answers a clarification, what came for other"
        " answers waits here, too, also when that draft is submitted or discarded. Every revision lists the same.",
    )
    async def pending_corrections(self, info: Info, first: First = 25, after: After = None) -> PendingCorrectionPage:
        page = paging.read_page(answer_history.WAITING, first, after)
        async with info.context.transaction() as (session, actor):
            definition, found = await waiting.list_waiting(
                session,
                actor,
                assessment_id=key_of(self),
                limit=page.limit,
                after=answer_history.read_place(page),
            )
            names = await colleagues.find_names(session, actor, [row.member_id for row in found])
        return answer_history.make_waiting(definition, found, names, actor.organization, page)

    @rules.method(
        access.SUPPLIER,
        description="What the head office has set for the site that this is about, with who and why; of an assessment"
        " of the organization, what was set for all sites in its period: see `pushAnswers`.",
    )
    async def pushed_answers(self, info: Info, first: First = 25, after: After = None) -> PushedAnswerPage:
        page = paging.read_page(pushed_answer.BY_QUESTION, first, after)
        async with info.context.transaction() as (session, actor):
            known, found = await pushes.list_standing(
                session,
                actor,
                assessment_id=key_of(self),
                limit=page.limit,
                after=pushed_answer.read_place(page),
            )
            names = await colleagues.find_names(session, actor, [row.pushed_by for row in found])
        return pushed_answer.make_page(known, found, names, actor.organization, page)

    @rules.method(access.SUPPLIER, description="Who of the colleagues answers which section.", list_size=5)
    async def assignments(self, info: Info) -> list[SectionAssignment]:
        rows = await list_assignments(info, key_of(self))
        names = await find_names(info, teamwork.list_people(rows))
        return [teamwork.make_assignment(row, names) for row in rows]

    @rules.method(
        access.SUPPLIER, description="How far each colleague is with the sections assigned to them.", list_size=5
    )
    async def assignee_progress(self, info: Info) -> list[AssigneeProgress]:
        rows = await list_assignments(info, key_of(self))
        names = await find_names(info, [row.member_id for row in rows])
        return sum_progress(rows, names, await measure(info, key_of(self)) if rows else None)

    @rules.method(
        access.SUPPLIER, description="What has to be signed before submission, and whether it is.", list_size=5
    )
    async def sign_offs(self, info: Info) -> list[SignOff]:
        async with info.context.transaction() as (session, actor):
            row = await assessments.get_assessment(session, actor, key_of(self))
            rows = await signing.list_sign_offs(session, actor, row.id)
            names = await colleagues.find_names(session, actor, teamwork.list_people(rows))
            signed = await signing.list_signed(session, actor, row.id)
        return [teamwork.make_sign_off(one, names, signed) for one in rows]

    @rules.method(
        access.SUPPLIER,
        description="What colleagues say to each other, the first comment first. Nobody else ever sees it.",
    )
    async def comments(
        self,
        info: Info,
        question: Annotated[str | None, strawberry.argument(description="Only on this question.")] = None,
        is_open: Annotated[
            bool | None, strawberry.argument(description="Only in threads that are open, or that are not.")
        ] = None,
        first: First = 25,
        after: After = None,
    ) -> AnswerCommentPage:
        page = paging.read_page(teamwork.BY_TIME, first, after)
        async with info.context.transaction() as (session, actor):
            rows = await commenting.list_comments(
                session,
                actor,
                assessment_id=key_of(self),
                question=None if question is None else writes.make_readable(question),
                is_open=is_open,
                limit=page.limit,
                after=answer_history.read_place(page),
            )
            names = await colleagues.find_names(session, actor, teamwork.list_people(rows))
        return teamwork.make_comments(rows, names, page)

    @rules.method(
        access.SUPPLIER,
        description="The assignments, comments and sign-offs that changed after a number: what a client syncs by.",
    )
    async def team(
        self,
        info: Info,
        changed_after: Annotated[int, strawberry.argument(description="The number last seen; 0 for everything.")] = 0,
        first: First = 100,
    ) -> TeamChanges:
        paging.read_page(teamwork.BY_TIME, first, None)
        async with info.context.transaction() as (session, actor):
            found = await work.list_changes(
                session, actor, assessment_id=key_of(self), after=changed_after, limit=first
            )
            names = await colleagues.find_names(session, actor, teamwork.list_people(found.rows))
            signed = await signing.list_signed(session, actor, key_of(self))
        return teamwork.make_changes(found, names, signed, changed_after)

    @rules.method(
        access.SUPPLIER,
        description="What `upgradeAssessment` would make of each answer; null where there is no later version.",
    )
    async def upgrade_preview(self, info: Info, locale: Wanted = None) -> CarryPreview | None:
        async with info.context.transaction() as (session, actor):
            found = await upgrading.preview_upgrade(session, actor, key_of(self))
            return None if found is None else await carried_answer.tell_preview(info, session, actor, found, locale)

    @rules.method(
        access.SUPPLIER,
        description="What `renewAssessment` would make of each answer; what a draft of that period has answered"
        " already is left out.",
    )
    async def renewal_preview(
        self,
        info: Info,
        period_start: Annotated[date, strawberry.argument(description="The first day of the new period.")],
        period_end: Annotated[date, strawberry.argument(description="The last day of the new period.")],
        locale: Wanted = None,
    ) -> CarryPreview:
        async with info.context.transaction() as (session, actor):
            found = await renewing.preview_renewal(
                session, actor, source_id=key_of(self), period_start=period_start, period_end=period_end
            )
            return await carried_answer.tell_preview(info, session, actor, found, locale)

    @rules.method(
        access.SUPPLIER,
        description="The newest submitted assessment of the same questionnaire and subject for a period that ended"
        " earlier. Null where there is none.",
    )
    async def earlier_id(self, info: Info) -> strawberry.ID | None:
        async with info.context.transaction() as (session, actor):
            row = await assessments.get_assessment(session, actor, key_of(self))
            found = await renewing.find_earlier(session, actor, row)
        return None if found is None else nodes.encode_id(ASSESSMENT, found.id, actor.organization)

    @rules.method(
        access.SUPPLIER,
        description="The submitted assessment of the same questionnaire and subject that `renewAssessment` best takes"
        " answers from: the one for a period that shares the most days with this one, else the latest before it. Null"
        " where there is none. It is what the burden of a request counts with.",
    )
    async def renews_id(self, info: Info) -> strawberry.ID | None:
        async with info.context.transaction() as (session, actor):
            row = await assessments.get_assessment(session, actor, key_of(self))
            found = (await sources.list_nearest(session, actor, {row.id: row})).get(row.id)
        return None if found is None else nodes.encode_id(ASSESSMENT, found, actor.organization)

    @rules.method(
        access.SUPPLIER,
        description="Figures that were given for other periods, to questions that are open here: to look at, since none"
        " of them is true of this period. They are never taken over.",
        list_size=10,
    )
    async def figures_of_other_periods(self, info: Info, locale: Wanted = None) -> list[FigureOfOtherPeriod]:
        async with info.context.transaction() as (session, actor):
            found = await figures.list_figures(session, actor, key_of(self))
            return await carried_answer.tell_figures(info, session, actor, found, locale)

    @rules.method(
        access.SUPPLIER,
        description="Answers that other questionnaires of the same publisher have to what is open here: see"
        " `reuseAnswers`. Of another period no figure is offered: see `figuresOfOtherPeriods`.",
        list_size=10,
    )
    async def reusable_answers(self, info: Info, locale: Wanted = None) -> list[ReusableAnswer]:
        async with info.context.transaction() as (session, actor):
            found = await reusing.list_reusable(session, actor, key_of(self))
            return await carried_answer.tell_reusable(info, session, actor, found, locale)

    @rules.method(access.SUPPLIER, description="Where it can be fetched as a file, by GET with the token.")
    def export_path(
        self,
        format: Annotated[AssessmentFile, strawberry.argument(description="The kind of file.")] = AssessmentFile.JSON,
    ) -> str:
        return f"/exports/assessments/{key_of(self)}.{format.value}"

    @rules.method(
        access.SUPPLIER,
        description="Where a filled workbook or CSV is handed in, by POST with the token: first it tells every change"
        " and each refused cell, and with `?apply=` and the change number that it told, it writes them.",
    )
    def import_path(self) -> str:
        return f"/imports/assessments/{key_of(self)}"


@rules.type(rules.AS_PARENT, description="A page of assessments.")
class AssessmentConnection(Connection[Assessment]):
    nodes: list[Assessment] = rules.field(description="The assessments of the page, in order.")


@strawberry.input(description="What to start an assessment of.")
class StartAssessmentInput:
    questionnaire: str = strawberry.field(description="The questionnaire's key.")
    tier: QuestionnaireTier = strawberry.field(description="The tier to answer; a draft at a lower one is raised.")
    period_start: date = strawberry.field(
        description="The first day of the reporting period; this year or one of the ten before."
    )
    period_end: date = strawberry.field(
        description="The last day; at most three years later, this or next year at the latest."
    )
    site_id: strawberry.ID | None = strawberry.field(
        default=None, description="The site it is about; without it the organization as a whole."
    )


@strawberry.input(description="The tier to put a draft on.")
class ChangeTierInput:
    assessment_id: strawberry.ID = strawberry.field(description="The draft.")
    tier: QuestionnaireTier = strawberry.field(description="Not below what an open request asks.")


@strawberry.input(description="Which draft to throw away.")
class DiscardAssessmentInput:
    assessment_id: strawberry.ID = strawberry.field(
        description="A draft that no open or accepted request waits for; those of a correction go back to what it "
        "corrects."
    )
    expected_change_number: int = strawberry.field(
        description="The change number that the person has seen: anything newer, as of a colleague, keeps the draft."
    )


@strawberry.input(description="What to correct.")
class CorrectAssessmentInput:
    assessment_id: strawberry.ID = strawberry.field(
        description="A submitted assessment: its newest revision, or the one that counts where newer ones are"
        " withdrawn."
    )
    tier: QuestionnaireTier | None = strawberry.field(
        default=None,
        description="Another tier for the new revision, not below what an open request asks; without it the same, or"
        " the higher one that a request asks, where its version has that; else an upgrade of the revision reaches it.",
    )


@strawberry.input(description="Answers to save.")
class SaveAnswersInput:
    assessment_id: strawberry.ID = strawberry.field(
        description="The assessment. Where it was submitted, the newest revision of the same subject and period takes"
        " the answers."
    )
    device: str | None = strawberry.field(
        default=None,
        description='What the device calls itself, like "Mai\'s phone": at most 100 characters, for the history. What'
        " it sends behind a write of its own that is in conflict, on the revision which that was to make, is in"
        " conflict too, also in a later call.",
    )
    answers: list[AnswerWriteInput] = strawberry.field(
        description="1 to 200 writes, in any order: lower base revisions are judged first, and of writes with the same"
        " one in the order sent. What was written on a revision that comes with a later call is AHEAD until then."
    )


@rules.type(rules.AS_PARENT, description="The draft is there.")
class AssessmentStarted:
    assessment: Assessment = rules.field(description="The draft, new or as it was.")


@rules.type(rules.AS_PARENT, description="The draft is on the tier.")
class TierChanged:
    assessment: Assessment = rules.field(description="The draft as it is now.")


@rules.type(rules.AS_PARENT, description="A new revision was started.")
class AssessmentCorrected:
    assessment: Assessment = rules.field(description="The new draft, with the answers of the submitted one.")
    applied_count: int = rules.field(description="How many writes that had waited were taken in.")
    results: list[AnswerResult] = rules.field(
        description="What became of each write that had waited, in the order received; judged as if one call had sent"
        " them, on the revision it was sent with: SAVED, UNCHANGED, or CONFLICT with both values, also where a write"
        " before it has not arrived. None waits on: what is in CONFLICT here is for you to decide, since whoever sent"
        " it may not ask again.",
        list_size=50,
    )


@rules.type(rules.AS_PARENT, description="The draft and its answers are gone; its documents stay.")
class AssessmentDiscarded:
    assessment_id: strawberry.ID = rules.field(
        description="The id that names nothing any more. Whoever comes late hears who discarded it: see DraftDiscarded."
    )


@rules.type(rules.AS_PARENT, description="The writes were dealt with, each on its own.")
class AnswersSaved:
    assessment_id: strawberry.ID = rules.field(
        description="The assessment that took the answers: a newer one than was named, where that was submitted and has"
        " been corrected. Go on with this one."
    )
    change_number: int = rules.field(description="The number this assessment is at now.")
    results: list[AnswerResult] = rules.field(description="What became of each write, in the order sent.", list_size=50)
    assessment: Assessment = rules.field(description="That assessment as it is now; costs a reading.")


@rules.type(
    rules.AS_PARENT,
    description="An assessment changed: fetch what is new with `answers(changedAfter)` where changeNumber is another,"
    " with `team(changedAfter)` where teamNumber is; else its state, or what waits at it, has changed.",
)
class AssessmentChanged:
    id: strawberry.ID = rules.field(description="The assessment.")
    change_number: int = rules.field(description="The number it is at.")
    team_number: int = rules.field(description="The number that the work of colleagues is at; see `team`.")
    state: AssessmentState = rules.field(description="Where it stands.")


def key_of(row: Any) -> UUID:
    """The id of a row of the read model."""
    found = row.key["id"]
    return found if isinstance(found, UUID) else UUID(found)


async def list_assignments(info: Info, id: UUID) -> list[Assignment]:
    """Who has which section; those of a page are read together."""
    return await batches.load(info, assigning.list_assignments, id) or []


async def find_names(info: Info, people: Sequence[UUID | None]) -> dict[UUID, str]:
    """Names of colleagues; those of a page are read together."""
    wanted = list(dict.fromkeys(one for one in people if one is not None))
    found = await asyncio.gather(*(find_name(info, one) for one in wanted))
    return {one: name for one, name in zip(wanted, found, strict=True) if name is not None}


async def find_name(info: Info, person: UUID) -> str | None:
    return await batches.load(info, read_names, person)


async def read_names(session: Session, actor: access.Actor, people: Sequence[UUID]) -> dict[UUID, str]:
    return await colleagues.find_names(session, actor, people)


def sum_progress(
    rows: Sequence[Assignment], names: Mapping[UUID, str], measured: Measured | None
) -> list[AssigneeProgress]:
    """The progress of each assignee over their sections, in the order of the first one."""
    sections: dict[UUID, list[str]] = {}
    for row in rows:
        if row.member_id is not None:
            sections.setdefault(row.member_id, []).append(row.section)
    if measured is None:
        return []
    listed = []
    for person, keys in sections.items():
        colleague = make_colleague(person, names, rows[0].supplier_id)
        parts = [measured.sections[key] for key in keys if key in measured.sections]
        unconfirmed = sum(measured.unconfirmed.count(key) for key in keys)
        if colleague is not None:
            told = make_progress(None, add_progress(parts), unconfirmed)
            listed.append(AssigneeProgress(assignee=colleague, sections=keys, progress=told))
    return listed


async def measure(info: Info, id: UUID) -> Measured:
    """Progress of one assessment; those of a page are read together."""
    found = await batches.load(info, assessments.measure_progress, id)
    if found is None:
        raise errors.NotFound("There is no such assessment.")
    return found


def make_progress(section: str | None, found: Progress, unconfirmed: int) -> AssessmentProgress:
    return AssessmentProgress(
        section=section,
        asked=found.asked,
        answered=found.answered,
        required=found.required,
        missing_count=len(found.missing),
        minutes=found.minutes,
        minutes_left=found.minutes_left,
        unconfirmed_count=unconfirmed,
    )


def read_assessment_id(value: str, *path: str) -> UUID:
    """The assessment that an input names; raises InvalidInput BAD_ID."""
    return nodes.decode_id(value, ASSESSMENT, path=path or ("assessment_id",)).id


def read_site_id(value: str | None, *path: str) -> UUID | None:
    """The site that an input names; raises InvalidInput BAD_ID."""
    return None if value is None else nodes.decode_id(value, SITE, path=path or ("site_id",)).id


def reads_assessment(session: Session, actor: access.Actor, id: UUID) -> Any:
    """How a member of a mutation's result reads an assessment."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, nouns.ASSESSMENT, part, id=id)

    return read


@nodes.loads(ASSESSMENT)
async def load_assessments(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, nouns.ASSESSMENT, wanted)


@strawberry.type
class AssessmentQuery:
    @rules.query(access.SUPPLIER, description="The organization's assessments, the last started first.")
    async def assessments(
        self,
        info: Info,
        first: First = 25,
        after: After = None,
        state: Annotated[AssessmentState | None, strawberry.argument(description="Only those in this state.")] = None,
        questionnaire: Annotated[
            str | None, strawberry.argument(description="Only those of this questionnaire.")
        ] = None,
    ) -> AssessmentConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            if questionnaire is not None:
                await definitions.check_questionnaire(session, questionnaire)
            return await reading.read_connection(session, actor, nouns.ASSESSMENTS, selected)  # type: ignore[no-any-return]

    @rules.query(access.SUPPLIER, description="One assessment; null where there is none of the caller's with this id.")
    async def assessment(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The assessment's id.")]
    ) -> Assessment | None:
        wanted, selected = read_assessment_id(id, "id"), selection.read(info)
        async with info.context.reading() as (session, actor):
            return await reading.read_one(session, actor, nouns.ASSESSMENT, selected, id=wanted)


@strawberry.type
class AssessmentMutation:
    @rules.mutation(access.SUPPLIER_EDITOR, description="Start an assessment, also without anybody's request.")
    async def start_assessment(
        self, info: Info, input: Annotated[StartAssessmentInput, strawberry.argument(description="Of what.")]
    ) -> AssessmentStarted:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            made = await assessments.start_assessment(
                session,
                actor,
                questionnaire=input.questionnaire,
                tier=str(input.tier.value),
                period_start=input.period_start,
                period_end=input.period_end,
                site_id=read_site_id(input.site_id),
            )
            members = {"assessment": reads_assessment(session, actor, made.id)}
            return await reading.compose("AssessmentStarted", selected, members)  # type: ignore[return-value]

    @rules.mutation(access.SUPPLIER_EDITOR, description="Put a draft on another tier; its answers stay.")
    async def change_tier(
        self, info: Info, input: Annotated[ChangeTierInput, strawberry.argument(description="Which one.")]
    ) -> TierChanged:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            await assessments.change_tier(session, actor, assessment_id=wanted, tier=str(input.tier.value))
            members = {"assessment": reads_assessment(session, actor, wanted)}
            return await reading.compose("TierChanged", selected, members)  # type: ignore[return-value]

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Start a new revision of what was submitted, with its answers. Where the newest revision was"
        " withdrawn and an earlier one counts, it begins with the answers of that one, whichever of the two is named:"
        " what was withdrawn stays in `answerHistory` and in `correction` of the two, and is not taken over. The"
        " problem NEWER_REVISION names the assessment to go on with.",
    )
    async def correct_assessment(
        self, info: Info, input: Annotated[CorrectAssessmentInput, strawberry.argument(description="Which one.")]
    ) -> AssessmentCorrected:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            try:
                made = await assessments.correct_assessment(
                    session, actor, assessment_id=wanted, tier=str(input.tier.value) if input.tier else None
                )
            except assessments.NewerRevision as newer:
                newest = nodes.encode_id(ASSESSMENT, newer.newest, actor.organization)
                words = f"{newer.message} It is {newest}."
                raise errors.Conflict(words, code=newer.code, path=newer.path) from newer
            members = {
                "assessment": reads_assessment(session, actor, made.assessment.id),
                "applied_count": made.applied,
                "results": await answer.tell_results(info, session, actor, made.definition, made.outcomes),
            }
            return await reading.compose("AssessmentCorrected", selected, members)  # type: ignore[return-value]

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Throw a draft away with all its answers. Nothing else ever does; it can be started anew.",
    )
    async def discard_assessment(
        self, info: Info, input: Annotated[DiscardAssessmentInput, strawberry.argument(description="Which one.")]
    ) -> AssessmentDiscarded:
        wanted = read_assessment_id(input.assessment_id)
        async with info.context.transaction() as (session, actor):
            await discarding.discard_assessment(
                session, actor, assessment_id=wanted, expected_change_number=input.expected_change_number
            )
        return AssessmentDiscarded(assessment_id=input.assessment_id)

    @rules.mutation(
        access.SUPPLIER_EDITOR,
        description="Save answers: each write stands for itself, may be repeated, and may come in any order. What comes"
        " for a draft that was discarded is given back in DraftDiscarded.",
    )
    async def save_answers(
        self, info: Info, input: Annotated[SaveAnswersInput, strawberry.argument(description="The writes.")]
    ) -> AnswersSaved | DraftDiscarded:
        selected, wanted = selection.read(info), read_assessment_id(input.assessment_id)
        device = writes.read_device(input.device)
        sent = [answer.read_write(one, device) for one in input.answers]
        try:
            async with info.context.transaction() as (session, actor):
                saved = await answers.save_answers(session, actor, assessment_id=wanted, sent=sent)
                members = {
                    "assessment_id": nodes.encode_id(ASSESSMENT, saved.assessment_id, actor.organization),
                    "change_number": saved.change_number,
                    "results": await answer.tell_results(info, session, actor, saved.definition, saved.outcomes),
                    "assessment": reads_assessment(session, actor, saved.assessment_id),
                }
                return await reading.compose("AnswersSaved", selected, members)  # type: ignore[return-value]
        except Discarded as gone:
            return await assessment_discard.give_back(info, gone, sent)


@strawberry.type
class AssessmentSubscription:
    @rules.subscription(
        access.SUPPLIER,
        description="An assessment of the organization, each time it changes; ends when it is discarded.",
    )
    async def assessment_changed(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The assessment's id.")]
    ) -> AsyncIterator[AssessmentChanged]:
        wanted = read_assessment_id(id, "id")
        async with info.context.events.listen([f"assessment:{wanted}"]) as events:
            # Listening starts before the first look, so that nothing is missed in between.
            async with info.context.transaction() as (session, actor):
                await assessments.get_assessment(session, actor, wanted)
            async for _ in events:
                async with info.context.transaction() as (session, actor):
                    row = (await assessments.find_assessments(session, actor, [wanted])).get(wanted)
                if row is None:
                    return
                yield AssessmentChanged(
                    id=id,
                    change_number=row.change_number,
                    team_number=row.team_number,
                    state=AssessmentState(row.state),
                )
