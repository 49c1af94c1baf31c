"""What was shared of a submission: its result, and answers, trace and evidence of the sections that a share opens."""

import enum
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry

from graphql_schema import nodes, noun_nodes, rules, selection
from graphql_schema.answer import AnswerState
from graphql_schema.assessment import AssessmentSubject
from graphql_schema.assurance import AnswerStanding, AssuranceFinding, AssuranceSummary, EarlierFinding
from graphql_schema.context import Info, Session
from graphql_schema.evidence import EvidenceKind, EvidenceState, RedactionState
from graphql_schema.feedback import ResultFeedback
from graphql_schema.gap import DeclaredGap
from graphql_schema.result import BandReason, OpenRule, PillarScore, TraceLine
from graphql_schema.submission import (
    SECTION,
    SUMMARY,
    Restoration,
    SubmissionState,
    write_section_path,
    write_summary_path,
)
from graphql_schema.tier import QuestionnaireTier
from portal import access, reading
from portal.assessments import shared_results
from portal.assessments.receipts import Kind
from portal.reading.assurance import RESULT_TAG
from portal.reading.shared_results import SHARED_RESULT

RESULT = nodes.NodeKind(RESULT_TAG, "SharedResult", access.READER)


@rules.type(rules.AS_PARENT, description="One answer as it was frozen.")
class SharedAnswer:
    question: str = rules.field(description="The key of the question.")
    row_id: str | None = rules.field(description="The row of a group; null outside groups.")
    state: AnswerState = rules.field(description="How it was answered.")
    values: list[str] = rules.field(
        description="The value as texts: one, or several of a multiple choice; option keys, numbers with a point, days "
        "as YYYY-MM-DD, true or false. Empty without a value, and for a group, whose rows have answers of their own.",
        list_size=1,
    )
    reason: str | None = rules.field(description="Why it does not apply or is not said; null without a reason.")
    site_name: str | None = rules.field(
        description="In a row that names a site of the organization: its name as it was submitted, beside the seal."
    )


@rules.type(rules.AS_PARENT, description="A critical rule that an answer hit: it caps the band whatever the points.")
class SharedCriticalHit:
    rule: str = rules.field(description="The key of the rule.")
    question: str = rules.field(description="The key of the question.")
    row_id: str | None = rules.field(description="The row of a group; null outside groups.")
    cap_band: str = rules.field(description="The best band that is left.")


@strawberry.enum(description="For firms of which size a question may be declined.")
class DeclinedLimit(enum.Enum):
    UP_TO_10 = strawberry.enum_value("up_to_10", description="At most 10 people.")
    UP_TO_1000 = strawberry.enum_value("up_to_1000", description="11 to 1,000 people.")
    UNKNOWN = strawberry.enum_value(
        "unknown", description="The supplier had not said how many people it has, or it was not kept then."
    )


@rules.type(rules.AS_PARENT, description="A section that the supplier opened.")
class SharedSection:
    key: str = rules.field(description="The key of the section.")
    title: str = rules.field(description="Its title.")
    hash: str = rules.field(description="Its part of the seal: a salted SHA-256, in hexadecimal.")
    answers: list[SharedAnswer] = rules.field(description="Its answers, by question and row.", list_size=5)
    findings: list[AssuranceFinding] = rules.field(
        description="What reviewers stated of its answers, superseded ones too; the first 200, by question, the newest"
        " first.",
        list_size=3,
    )
    standings: list[AnswerStanding] = rules.field(
        description="How each answer stands today that somebody spoke of.", list_size=3
    )
    declared_gaps: list[DeclaredGap] = rules.field(
        description="What the supplier declared itself, each with its plan: to be treated apart from what others find,"
        " as long as it is STANDING. The score is the same.",
        list_size=2,
    )
    declined_limit: DeclinedLimit | None = rules.field(
        description="By which limit on requests to small firms an answer here was declined, as the supplier declared"
        " its size at submission; null where none was. It costs no points and counts as not known in `coverage`."
    )
    profile_number: int = rules.field(
        description="The number of the scoring profile that `trace` and the critical rules are of: that of the result."
    )
    trace: list[TraceLine] = rules.field(
        description="How its questions entered the score that is shown, under the scoring profile `profileNumber`. The"
        " seal holds the trace of the day of submission.",
        list_size=5,
    )
    critical_hits: list[SharedCriticalHit] = rules.field(
        description="Critical rules hit here, under `profileNumber`.", list_size=1
    )
    critical_open: list[OpenRule] = rules.field(
        description="Critical rules left open here, under `profileNumber`.", list_size=1
    )


@rules.type(rules.AS_PARENT, description="A document that stands behind a shared submission.")
class SharedEvidence:
    evidence_id: strawberry.ID = rules.field(description="Its id, for `createEvidenceDownload`.")
    section: str = rules.field(description="The key of the section.")
    question: str = rules.field(description="The key of the question.")
    row_id: str | None = rules.field(description="The row of a group; null outside groups.")
    file_name: str = rules.field(description="The name of its file.")
    title: str | None = rules.field(description="What it is called.")
    kind: EvidenceKind = rules.field(description="What it is.")
    issuer: str | None = rules.field(description="Who issued it.")
    issued_on: date | None = rules.field(description="The day it was issued.")
    valid_until: date | None = rules.field(description="The last day it is valid; null where it has no end.")
    language: str | None = rules.field(description="The language it is written in, as a tag like `en` or `pt-BR`.")
    period_start: date | None = rules.field(description="The first day it speaks of.")
    period_end: date | None = rules.field(description="The last day it speaks of.")
    revision: int = rules.field(description="Which file of the document it is, from 1; this one was submitted.")
    state: EvidenceState = rules.field(description="Where it stands; EXPIRED counts as declared only.")
    media_type: str | None = rules.field(description="The type of its file, by content.")
    size: int | None = rules.field(description="Bytes of its file.")
    sha256: str | None = rules.field(description="SHA-256 of its file, in hexadecimal.")
    replaced_by_id: strawberry.ID | None = rules.field(
        description="The redacted file that the supplier has put in its place, to be fetched instead; name and title"
        " are those of that one. The seal keeps the hash of the file that was submitted."
    )
    redaction_state: RedactionState | None = rules.field(
        description="What became of your last `requestRedaction` for it; null where there was none."
    )
    redaction_answer: str | None = rules.field(description="Why that was declined.")
    has_preview: bool = rules.field(description="Whether there is a small picture of it, to be fetched like the file.")


@rules.type(rules.AS_PARENT, description="A submission as far as a supplier shares it.")
class SharedResult(nodes.Node):
    questionnaire: str = rules.field(description="The key of the questionnaire.")
    version: str = rules.field(description="Its version, MAJOR.MINOR.PATCH.")
    content_hash: str = rules.field(description="The hash of that version's document.")
    tier: QuestionnaireTier = rules.field(description="The tier that was answered.")
    subject: AssessmentSubject = rules.field(description="What it is about.")
    subject_name: str | None = rules.field(description="The name of the site; null for the organization as a whole.")
    period_start: date = rules.field(description="The first day it speaks of.")
    period_end: date = rules.field(description="The last day it speaks of.")
    revision: int = rules.field(description="1, or more where it was corrected.")
    state: SubmissionState = rules.field(description="Whether a newer revision has replaced it.")
    root_hash: str = rules.field(description="The seal over header and sections: SHA-256, in hexadecimal.")
    submitted_at: datetime = rules.field(description="When it was submitted.")
    total: Decimal | None = rules.field(description="0 to 100, two decimals; null where nothing could be rated.")
    band: str | None = rules.field(description="The key of the band; null where there is none.")
    band_reason: BandReason | None = rules.field(description="What the band rests on, or why there is none.")
    coverage: Decimal = rules.field(
        description="Percent of the weight of all that was asked that was answered with a value, 0 to 100. What was "
        "not asked is no part of it: `trace` has it as DISABLED."
    )
    profile_number: int = rules.field(description="The number of the scoring profile.")
    valid_until: date = rules.field(description="The last day the result is valid.")
    is_valid: bool = rules.field(description="Whether it is valid today.")
    shared_until: datetime | None = rules.field(description="When the share ends; null where it has no end.")
    restored: Restoration | None = rules.field(
        description="That it counts again since its correction was withdrawn; null where it always did, or does not."
    )
    pillars: list[PillarScore] = rules.field(description="The score by pillar.", list_size=6)
    assurance: AssuranceSummary | None = rules.field(
        description="The shares of points by standing today; null where nobody has stated anything of this revision:"
        " `earlierFindings` has what was stated before."
    )
    earlier_findings: list[EarlierFinding] | None = rules.field(
        description="What was stated on earlier revisions, of sections that you read there, and not anew since, the"
        " first 200; null through `preview`, which knows of one share alone.",
        list_size=10,
    )
    sections: list[SharedSection] = rules.field(description="The sections that are opened, in order.", list_size=12)
    evidence: list[SharedEvidence] = rules.field(
        description="The documents behind it, the first 200; empty where they are not shared.", list_size=10
    )

    feedback: ResultFeedback | None = rules.field(
        description="What your organization said to its supplier, or should have said; null for a moment after the "
        "share began, and through `preview`."
    )

    @rules.method(rules.AS_PARENT, description=SUMMARY)
    def summary_path(self) -> str:
        return write_summary_path(self)

    @rules.method(rules.AS_PARENT, description=f"{SECTION} It is found where the section is opened to the caller.")
    def section_path(self, section: Annotated[str, strawberry.argument(description="The key of the section.")]) -> str:
        return write_section_path(self, section)


def find_kind(selected: Iterable[reading.Shape]) -> Kind:
    """The most that a selection of a shared result asks for: answers (or trace), documents, or the summary."""
    names = {(shape.name, part.name) for shape in selected for _, parts in shape.below for part in parts}
    if names & {
        ("sections", "answers"),
        ("sections", "trace"),
        ("sections", "critical_hits"),
        ("sections", "findings"),
    }:
        return "answers"
    if any(name == "earlier_findings" for name, _ in names):
        return "answers"
    if names & {("sections", "critical_open"), ("sections", "standings"), ("sections", "declared_gaps")}:
        return "answers"
    return "evidence" if any(name == "evidence" for name, _ in names) else "summary"


@nodes.loads(RESULT)
async def load_shared_results(
    info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]
) -> list[Any]:
    rows = await noun_nodes.read_rows(info, session, actor, SHARED_RESULT, wanted)
    kind = find_kind(selection.read(info).shape.children("SharedResult"))
    seen = [(one.owner, one.id) for one, row in zip(wanted, rows, strict=True) if row is not None]
    await shared_results.note_results(session, actor, seen=seen, kind=kind, noted=info.context.noted)
    return rows
