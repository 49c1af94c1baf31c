"""Made-up responses to the shipped questionnaire, frozen, sealed and scored by the product's own functions."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from uuid import UUID

from portal.access import Actor
from portal.assessments import snapshots
from portal.assessments.drafts import Draft, Subject
from portal.assessments.snapshots import AttachedFile
from portal.database.tables import assessments as tables
from questionnaires import canonical, catalogue, document, submission
from questionnaires.answers import Answer, Answers, index_answers
from questionnaires.applicability import Applicability, find_applicable
from questionnaires.catalogue import Packaged
from questionnaires.definition import NUMBERS, Definition, Question, Tier, contains

KEY = "responsible-sourcing"
TIER: Tier = "basic"
NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Response:
    """Rows as JSON, without owner and ids, that every copy of the response shares."""

    answers: list[dict[str, Any]]
    evidence: list[dict[str, Any]]  # which answers need a document, and of which kind
    sections: list[dict[str, Any]]
    results: list[dict[str, Any]]
    header: dict[str, Any]
    root_hash: str


def find_packaged() -> Packaged:
    """The newest version of the questionnaire that ships."""
    return [packaged for packaged in catalogue.list_packaged() if packaged.definition.key == KEY][-1]


def list_steady_choices(definition: Definition) -> list[tuple[str, tuple[str, str]]]:
    """Questions that TIER always asks and whose answers open no others, each with two of their options."""
    looked_at = {
        clause.q
        for section in definition.sections
        for question in section.questions
        if question.enable_when is not None
        for clause in (*(question.enable_when.all or ()), *(question.enable_when.any or ()))
    }
    found = []
    for section in definition.sections:
        for question in section.questions:
            asked = question.enable_when is None and contains(TIER, question.tier)
            if question.type == "choice" and asked and question.key not in looked_at:
                first, second, *_ = (option.key for option in definition.options(question))
                found.append((question.key, (first, second)))
    return found


def make_responses(count: int, seed: int = 1) -> list[Response]:
    """Complete responses that may be submitted as they are; the same seed gives the same ones."""
    packaged, rng = find_packaged(), Random(seed)
    return [_freeze(packaged, _answer_all(rng, packaged.definition)) for _ in range(count)]


def _answer_all(rng: Random, definition: Definition) -> Answers:
    drawn = [
        Answer(question=question.key, row_id=None, state="value", value=_draw_value(rng, definition, question))
        for section in definition.sections
        for question in section.questions
    ]
    return index_answers(drawn)


def _draw_value(rng: Random, definition: Definition, question: Question) -> Any:
    options = [option.key for option in definition.options(question) if not option.exclusive]
    if question.type == "choice":
        return rng.choice(options)
    if question.type == "multi_choice":
        return tuple(key for key in options if rng.random() < 0.6) or (options[0],)
    if question.type in NUMBERS:
        low, high = int(question.min or 0), int(min(question.max or 90, 90))
        return str(rng.randint(low, high))
    raise TypeError(f"No value is drawn for a question of the type {question.type}.")


def _freeze(packaged: Packaged, answers: Answers) -> Response:
    definition, profile = packaged.definition, packaged.profiles[-1]
    applicability = find_applicable(definition, TIER, answers)
    kept = applicability.keep_enabled()
    moment = datetime(2026, 6, 1, 12, tzinfo=UTC)
    subject = Subject(
        row=_make_row(definition),
        content_hash=canonical.hash_document(document.write_document(definition)),
        profile_number=profile.number,
        profile_hash=canonical.hash_document(document.write_document(profile)),
        now=moment,
        size_band="medium",
    )
    draft = Draft(subject, definition, kept)
    wanted = _list_evidence(applicability)
    files = [
        AttachedFile(question=one["question"], row_id="", evidence_id=NOBODY, sha256=b"", kind=one["kind"])
        for one in wanted
    ]
    snapshot = snapshots.freeze(Actor(organization_id=NOBODY), draft, profile, files, None)
    return Response(
        answers=[{"question": one.question, "value": one.value} for one in kept.values()],
        evidence=wanted,
        sections=[_write_row(row) for row in snapshot.sections],
        results=[_write_row(row) for row in snapshot.results],
        header=snapshot.submission["header"],
        root_hash=snapshot.submission["root_hash"].hex(),
    )


def _list_evidence(applicability: Applicability) -> list[dict[str, Any]]:
    return [
        {"question": item.question.key, "section": item.section.key, "kind": item.question.evidence.accept[0]}
        for item in applicability.enabled
        if item.question.evidence is not None and submission.is_evidence_demanded(applicability, item)
    ]


def _make_row(definition: Definition) -> tables.Assessment:
    return tables.Assessment(
        supplier_id=NOBODY,
        id=NOBODY,
        questionnaire=definition.key,
        version=definition.version,
        tier=TIER,
        subject="organization",
        subject_key=NOBODY,
        period_start=date(2025, 1, 1),
        period_end=date(2025, 12, 31),
        revision=1,
    )


def _write_row(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON without whom it belongs to."""
    own = {name: value for name, value in row.items() if name not in ("supplier_id", "submission_id")}
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in own.items()}
