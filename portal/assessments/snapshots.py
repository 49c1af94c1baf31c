"""The frozen rows of a submission: header, sealed sections, results, and the evidence that stood behind the answers."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from portal.access import Actor
from portal.assessments import results
from portal.assessments.drafts import Draft
from portal.database import ids
from questionnaires import gaps, nesting, sealing
from questionnaires.answers import AnswerKey
from questionnaires.definition import Definition, Section
from questionnaires.profile import Profile
from questionnaires.result import Result
from questionnaires.sealing import DrawSalt, Seal, SealedSection, Secret


@dataclass(frozen=True, kw_only=True)
class AttachedFile:
    """A document linked to an answer, as the seal names it."""

    question: str
    row_id: str
    evidence_id: UUID
    sha256: bytes | None
    kind: str


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Rows ready to be inserted."""

    submission: dict[str, Any]
    sections: list[dict[str, Any]]
    results: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    origins: list[dict[str, Any]]  # the places of answers that were taken over
    result: Result


def draw_salt() -> bytes:
    """Fresh random bytes from a source fit for secrets."""
    return secrets.token_bytes(sealing.SALT_BYTES)


def freeze(
    actor: Actor,
    draft: Draft,
    profile: Profile,
    files: Sequence[AttachedFile],
    subject_name: str | None,
    *,
    row_sites: Mapping[AnswerKey, str] = MappingProxyType({}),
    submission_id: UUID | None = None,
    draw_salt: DrawSalt = draw_salt,
) -> Snapshot:
    """Score and seal the answers of enabled questions; what is disabled stays in the draft alone.

    Where an answer was taken over from is kept beside the sealed lines of the trace, not within them: the same answers
    give the same lines wherever they came from, so that anybody recomputes them from the answers alone, and what is
    shared tells nobody of a supplier's other responses. So are `row_sites`, the names of sites that rows have.

    Id and salts are fresh unless they are given, as for made-up data that come out the same each time.
    """
    applicability = draft.find_applicable()
    kept = applicability.keep_enabled()
    result, whole = draft.compile_profile(profile).score_and_trace(draft.tier, kept, draft.subject.day)
    submission_id = submission_id or ids.new_id()
    nested = nesting.write_nested(draft.definition, kept)
    attached = [file for file in files if (file.question, file.row_id or None) in applicability.enabled_keys]
    header = _write_header(actor, draft, profile, submission_id, whole["summary"])
    declared = _list_gaps(draft, profile, result)
    seal = sealing.seal_submission(
        draft.definition,
        header=header,
        nested=nested,
        trace=whole,
        files=_list_files(draft.definition, attached),
        draw_salt=draw_salt,
        gaps=declared,
    )
    owner = {"supplier_id": actor.organization, "submission_id": submission_id}
    return Snapshot(
        submission=_write_submission(actor, draft, submission_id, seal, subject_name),
        sections=[owner | row for row in _write_sections(draft.definition, nested, seal, row_sites, declared)],
        results=[owner | row for row in results.write_results(draft.definition, result)],
        evidence=[owner | _write_evidence(draft.definition, file) for file in attached],
        origins=[{"question": key, "row_id": row or ""} for key, row in kept if (key, row) in draft.carried],
        result=result,
    )


def _write_header(
    actor: Actor, draft: Draft, profile: Profile, submission_id: UUID, summary: Mapping[str, Any]
) -> dict[str, Any]:
    row = draft.row
    return {
        "submission": str(submission_id),
        "supplier": str(actor.organization),
        "questionnaire": row.questionnaire,
        "version": row.version,
        "content_hash": draft.subject.content_hash,
        "profile": profile.number,
        "profile_hash": draft.subject.profile_hash,
        "tier": row.tier,
        "subject": row.subject,
        "subject_key": str(row.subject_key),
        "period_start": row.period_start.isoformat(),
        "period_end": row.period_end.isoformat(),
        "submitted_on": draft.subject.day.isoformat(),
        "summary": dict(summary),
    }


def _write_submission(
    actor: Actor, draft: Draft, submission_id: UUID, seal: Seal, subject_name: str | None
) -> dict[str, Any]:
    row = draft.row
    staff, source = draft.declared_staff
    names = ("revision", "questionnaire", "version", "tier", "subject", "subject_key", "period_start", "period_end")
    return {name: getattr(row, name) for name in names} | {
        "supplier_id": actor.organization,
        "id": submission_id,
        "assessment_id": row.id,
        "content_hash": draft.subject.content_hash,
        "subject_name": subject_name,
        "header": dict(seal.header),
        "root_hash": bytes.fromhex(seal.root),
        "submitted_by": actor.user_id,
        "submitted_at": draft.subject.now,
        "staff": staff,
        "staff_source": source,
    }


def _list_gaps(draft: Draft, profile: Profile, result: Result) -> dict[str, list[dict[str, Any]]]:
    """By section the gaps that are declared with a plan, and the last day on which each holds."""
    listed: dict[str, list[dict[str, Any]]] = {}
    rules = draft.plan_rules
    for gap in gaps.find_gaps(result, draft.definition, profile) if rules is not None else ():
        pledge = draft.plans.get(gap.key)
        plan = None if pledge is None else pledge.plan
        if rules is None or pledge is None or plan is None:
            continue
        frozen = pledge.submit(draft.subject.day)
        end = frozen.find_end(rules.longest)
        listed.setdefault(gap.section, []).append(
            {
                "question": gap.question,
                "row": gap.row_id,
                "plan": plan.text,
                "due_on": plan.due_on.isoformat(),
                "owner": rules.members.get(plan.owner, ""),
                "since": pledge.since.isoformat(),
                "extended": frozen.extended,
                "holds_until": "" if end is None else end.isoformat(),
                "critical": gap.is_critical,
            }
        )
    return listed


def _write_sections(
    definition: Definition,
    nested: Mapping[str, Any],
    seal: Seal,
    row_sites: Mapping[AnswerKey, str],
    declared: Mapping[str, list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Every section, also one without answers, since the root is made over all of them."""
    sealed = {section.key: section for section in seal.sections}
    return [
        {
            "section": section.key,
            "position": position,
            "title": section.title,
            "answers": {q.key: nested[q.key] for q in section.questions if q.key in nested},
            "trace": dict(sealed[section.key].content["trace"]),
            "salts": _write_salts(sealed[section.key]),
            "hash": bytes.fromhex(sealed[section.key].hash),
            "row_sites": _name_rows(section, nested, row_sites),
            "gaps": declared.get(section.key, []),
        }
        for position, section in enumerate(definition.sections)
    ]


def _name_rows(
    section: Section, nested: Mapping[str, Any], row_sites: Mapping[AnswerKey, str]
) -> dict[str, dict[str, str]]:
    """The name of the site of each row that has one, under its list and under each question of it."""
    named: dict[str, dict[str, str]] = {}
    for group in section.questions:
        names = {row: name for (key, row), name in row_sites.items() if key == group.key and row is not None}
        if names and group.key in nested:
            named |= dict.fromkeys([group.key, *(one.key for one in group.questions)], names)
    return named


def _write_salts(section: SealedSection) -> dict[str, Any]:
    """What is needed beside the trace to check the hash: salts, and the content in which texts are digests."""
    content = {name: part for name, part in section.content.items() if name != "trace"}
    return {
        "salt": section.salt,
        "content": content,
        "secrets": {digest: asdict(secret) for digest, secret in section.secrets.items()},
    }


def read_section(row: Any) -> SealedSection:
    """A stored section as it was sealed; `row` has section, trace, salts and hash."""
    return SealedSection(
        key=row.section,
        salt=row.salts["salt"],
        hash=row.hash.hex(),
        content={**row.salts["content"], "trace": row.trace},
        secrets={digest: Secret(**secret) for digest, secret in row.salts["secrets"].items()},
    )


def _list_files(definition: Definition, files: Sequence[AttachedFile]) -> dict[str, list[Mapping[str, str]]]:
    listed: dict[str, list[Mapping[str, str]]] = {}
    for file in files:
        section = definition.sections_by_question[file.question].key
        named = {"question": file.question, "row": file.row_id, "kind": file.kind}
        listed.setdefault(section, []).append(named | {"sha256": (file.sha256 or b"").hex()})
    return listed


def _write_evidence(definition: Definition, file: AttachedFile) -> dict[str, Any]:
    return {
        "section": definition.sections_by_question[file.question].key,
        "question": file.question,
        "row_id": file.row_id,
        "evidence_id": file.evidence_id,
    }
