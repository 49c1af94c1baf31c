"""What was shared of a submission: its result, and answers, trace and evidence of the sections that a share opens."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry

from graphql_schema import nodes, noun_nodes, rules, selection
from graphql_schema.answer import AnswerState
from graphql_schema.assessment import AssessmentSubject
from graphql_schema.context import Info, Session
from graphql_schema.evidence import EvidenceKind, EvidenceState
from graphql_schema.questionnaire import QuestionnaireTier
from graphql_schema.result import BandReason, OpenRule, PillarScore, TraceLine
from graphql_schema.submission import SubmissionState
from portal import access, reading
from portal.assessments import shared_results
from portal.assessments.receipts import Kind
from portal.reading.shared_results import RESULT_TAG, SHARED_RESULT

RESULT = nodes.NodeKind(RESULT_TAG, "SharedResult", access.BUYER)


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


@rules.type(rules.AS_PARENT, description="A critical rule that an answer hit: it caps the band whatever the points.")
class SharedCriticalHit:
    rule: str = rules.field(description="The key of the rule.")
    question: str = rules.field(description="The key of the question.")
    row_id: str | None = rules.field(description="The row of a group; null outside groups.")
    cap_band: str = rules.field(description="The best band that is left.")


@rules.type(rules.AS_PARENT, description="A section that the supplier opened.")
class SharedSection:
    key: str = rules.field(description="The key of the section.")
    title: str = rules.field(description="Its title.")
    hash: str = rules.field(description="Its part of the seal: a salted SHA-256, in hexadecimal.")
    answers: list[SharedAnswer] = rules.field(description="Its answers, by question and row.", list_size=5)
    trace: list[TraceLine] = rules.field(description="How its questions entered the score.", list_size=5)
    critical_hits: list[SharedCriticalHit] = rules.field(description="Critical rules hit here.", list_size=1)
    critical_open: list[OpenRule] = rules.field(description="Critical rules left open here.", list_size=1)


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
    state: EvidenceState = rules.field(description="Where it stands; EXPIRED counts as declared only.")
    media_type: str | None = rules.field(description="The type of its file, by content.")
    size: int | None = rules.field(description="Bytes of its file.")
    sha256: str | None = rules.field(description="SHA-256 of its file, in hexadecimal.")


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
    pillars: list[PillarScore] = rules.field(description="The score by pillar.", list_size=6)
    sections: list[SharedSection] = rules.field(description="The sections that are opened, in order.", list_size=12)
    evidence: list[SharedEvidence] = rules.field(
        description="The documents behind it, the first 200; empty where they are not shared.", list_size=10
    )


def find_kind(selected: Iterable[reading.Shape]) -> Kind:
    """The most that a selection of a shared result asks for: answers (or trace), documents, or the summary."""
    names = {(shape.name, part.name) for shape in selected for _, parts in shape.below for part in parts}
    if names & {("sections", "answers"), ("sections", "trace"), ("sections", "critical_hits")}:
        return "answers"
    if ("sections", "critical_open") in names:
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
