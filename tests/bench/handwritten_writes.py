"""The hand-written endpoints that write: saving answers, and submitting."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from starlette.exceptions import HTTPException

from portal.database import ids
from questionnaires import answers as rules
from questionnaires import canonical, nesting, points, reading, scoring, sealing, submission, trace
from questionnaires.answers import Answer, Problem
from questionnaires.applicability import find_applicable
from questionnaires.definition import Definition
from questionnaires.profile import Profile

Connection = asyncpg.Connection
Caller = Mapping[str, Any]

LOCK = """
    SELECT a.*, v.content_hash, p.number AS profile_number, p.content_hash AS profile_hash, portal.clock() AS now
      FROM portal.assessment a
      JOIN portal.questionnaire_version v ON v.questionnaire = a.questionnaire AND v.version = a.version
      LEFT JOIN LATERAL (SELECT number, content_hash FROM portal.scoring_profile p
                          WHERE p.questionnaire = a.questionnaire AND p.version = a.version
                          ORDER BY number DESC LIMIT 1) p ON true
     WHERE a.supplier_id = $1 AND a.id = $2 FOR NO KEY UPDATE OF a
"""
KNOWN = """
    SELECT NULL::uuid AS write_id, a.question, a.row_id, a.revision, a.state, a.value, a.reason, a.comment, a.deleted,
           NULL AS outcome, NULL::bytea AS body_hash
      FROM unnest($3::text[], $4::text[]) AS wanted (question, row_id)
      JOIN portal.answer a ON a.question = wanted.question AND a.row_id = wanted.row_id
     WHERE a.supplier_id = $1 AND a.assessment_id = $2
     UNION ALL
    SELECT write_id, question, row_id, revision, state, value, reason, comment, deleted, outcome, body_hash
      FROM portal.answer_write WHERE supplier_id = $1 AND write_id = ANY ($5::uuid[])
"""
STORE = """
    WITH item AS (
        SELECT * FROM jsonb_to_recordset($3::jsonb) AS x (
            write_id uuid, question text, row_id text, base_revision integer, revision integer, outcome text,
            problem jsonb, state text, value jsonb, reason text, comment text, deleted boolean, number bigint,
            body_hash text, stands boolean)
    ), kept AS (
        INSERT INTO portal.answer AS a (supplier_id, assessment_id, question, row_id, state, value, reason, comment,
                                        deleted, revision, changed_at_number, changed_by, changed_at)
        SELECT $1, $2, question, row_id, state, value, reason, comment, deleted, revision, number, $4, portal.clock()
          FROM item WHERE stands
        ON CONFLICT (supplier_id, assessment_id, question, row_id) DO UPDATE SET
            state = excluded.state, value = excluded.value, reason = excluded.reason, comment = excluded.comment,
            deleted = excluded.deleted, revision = excluded.revision, changed_at_number = excluded.changed_at_number,
            changed_by = excluded.changed_by, changed_at = excluded.changed_at
    ), counted AS (
        UPDATE portal.assessment
           SET change_number = $5, updated_at = portal.clock(),
               team_number = team_number + (EXISTS (SELECT FROM item WHERE outcome = 'conflict'))::integer
         WHERE supplier_id = $1 AND id = $2
           AND (change_number <> $5 OR EXISTS (SELECT FROM item WHERE outcome = 'conflict'))
    ), told AS (
        INSERT INTO portal.outbox (id, topic, ids)
        SELECT $6, 'assessment.changed',
               json_build_object('supplier', $1::uuid, 'assessment', $2::uuid, 'change_number', $5::bigint)
         WHERE EXISTS (SELECT FROM item WHERE stands OR outcome = 'conflict')
    )
    INSERT INTO portal.answer_write (supplier_id, write_id, assessment_id, question, row_id, base_revision, revision,
                                     outcome, problem, state, value, reason, comment, deleted, body_hash, member_id)
    SELECT $1, write_id, $2, question, row_id, base_revision, revision, outcome, problem, state, value, reason, comment,
           deleted, decode(body_hash, 'hex'), $4
      FROM item
"""
DRAFT_ANSWERS = """
    SELECT question, row_id, state, value, reason FROM portal.answer
     WHERE supplier_id = $1 AND assessment_id = $2 AND NOT deleted
"""
DRAFT_FILES = """
    SELECT l.question, l.row_id, l.evidence_id, e.kind, e.sha256, e.issued_on, e.valid_until
      FROM portal.evidence_link l JOIN portal.evidence e ON e.supplier_id = l.supplier_id AND e.id = l.evidence_id
     WHERE l.supplier_id = $1 AND l.assessment_id = $2 AND e.state IN ('available', 'expired')
     ORDER BY l.question, l.row_id, l.evidence_id
"""
FREEZE = """
    WITH made AS (
        INSERT INTO portal.submission (supplier_id, id, assessment_id, revision, questionnaire, version, content_hash, tier,
                                       subject, subject_key, period_start, period_end, header, root_hash, submitted_by,
                                       submitted_at)
        SELECT supplier_id, $3, id, revision, questionnaire, version, $4, tier, subject, subject_key, period_start,
               period_end, $5::jsonb, $6, $7, $8
          FROM portal.assessment WHERE supplier_id = $1 AND id = $2
    ), sections AS (
        INSERT INTO portal.submission_section (supplier_id, submission_id, section, position, title, answers, trace, salts,
                                               hash)
        SELECT $1, $3, section, position, title, answers, trace, salts, decode(hash, 'hex')
          FROM jsonb_to_recordset($9::jsonb) AS x (section text, position integer, title text, answers jsonb, trace jsonb,
                                                   salts jsonb, hash text)
    ), results AS (
        INSERT INTO portal.result (supplier_id, submission_id, profile_number, tier_scored, is_own_tier, total, band,
                                   band_reason, coverage, pillars, critical, valid_until)
        SELECT $1, $3, profile_number, tier_scored, is_own_tier, total, band, band_reason, coverage, pillars, critical,
               valid_until
          FROM jsonb_to_recordset($10::jsonb) AS x (
               profile_number integer, tier_scored text, is_own_tier boolean, total integer, band text, band_reason text,
               coverage integer, pillars jsonb, critical jsonb, valid_until date)
    ), files AS (
        INSERT INTO portal.submission_evidence (supplier_id, submission_id, section, question, row_id, evidence_id)
        SELECT $1, $3, section, question, row_id, evidence_id
          FROM jsonb_to_recordset($11::jsonb) AS x (section text, question text, row_id text, evidence_id uuid)
    ), superseded AS (
        UPDATE portal.submission s SET state = 'superseded' FROM portal.assessment a
         WHERE a.supplier_id = $1 AND a.id = $2 AND s.supplier_id = $1 AND s.questionnaire = a.questionnaire
           AND s.subject_key = a.subject_key AND s.period_start = a.period_start AND s.period_end = a.period_end
           AND s.state = 'current' AND s.id <> $3
    ), closed AS (
        UPDATE portal.assessment SET state = 'submitted', submitted_at = $8, updated_at = $8
         WHERE supplier_id = $1 AND id = $2
    ), noted AS (
        INSERT INTO portal.audit_event (id, organization_id, actor_id, action, object_kind, object_id, detail)
        SELECT $12, $1, $7, 'assessment.submitted', 'submission', $3::text,
               jsonb_build_object('root_hash', encode($6::bytea, 'hex'))
    )
    INSERT INTO portal.outbox (id, topic, ids) VALUES
        ($13, 'assessment.submitted', json_build_object('supplier', $1::uuid, 'assessment', $2::uuid, 'submission', $3::uuid)),
        ($14, 'assessment.changed', json_build_object('supplier', $1::uuid, 'assessment', $2::uuid))
"""
_definitions: dict[str, Definition] = {}
_profiles: dict[str, Profile] = {}


async def save_answers(connection: Connection, caller: Caller, assessment: UUID, sent: list[dict[str, Any]]) -> bytes:
    """Save each answer by its base revision; a repeated write gives what it gave before."""
    supplier = caller["organization_id"]
    row = await _lock(connection, supplier, assessment)
    definition = await _load_definition(connection, row["content_hash"])
    places = {(one["question"], one.get("rowId") or "") for one in sent}
    known = await connection.fetch(
        KNOWN,
        supplier,
        assessment,
        [one[0] for one in places],
        [one[1] for one in places],
        [one["writeId"] for one in sent],
    )
    earlier = {str(one["write_id"]): one for one in known if one["write_id"] is not None}
    current = {(one["question"], one["row_id"]): _read_current(one) for one in known if one["write_id"] is None}
    number, items, results = row["change_number"], [], []
    for one in sent:
        body_hash = hashlib.sha256(orjson.dumps([str(assessment), one], option=orjson.OPT_SORT_KEYS)).hexdigest()
        replay = earlier.get(one["writeId"])
        place = (one["question"], one.get("rowId") or "")
        standing = current.get(place, {"revision": 0, "content": None})
        if replay is not None:
            status, revision, problem, content = _replay(replay, body_hash)
        else:
            status, revision, problem, content = _judge(definition, row["state"], one, standing)
            if status == "saved":
                number += 1
                current[place] = standing = {"revision": revision, "content": content}
            stored = content or {"state": None, "value": None, "reason": None, "comment": None}
            items.append(
                stored
                | {"write_id": one["writeId"], "question": place[0], "row_id": place[1], "revision": revision}
                | {"base_revision": one["baseRevision"], "outcome": status, "problem": problem, "number": number}
                | {"body_hash": body_hash, "stands": status == "saved", "deleted": one.get("deleted", False)}
            )
        results.append((one, status, revision, problem, standing))
    last = {(item["question"], item["row_id"]): item for item in items if item["stands"]}
    for item in items:
        item["stands"] = last.get((item["question"], item["row_id"])) is item
    if items:
        text = orjson.dumps(items).decode()
        await connection.execute(STORE, supplier, assessment, text, caller["user_id"], number, ids.new_id())
    return orjson.dumps({"changeNumber": number, "results": [_write_result(*one) for one in results]})


async def _lock(connection: Connection, supplier: UUID, assessment: UUID) -> Mapping[str, Any]:
    row: Mapping[str, Any] | None = await connection.fetchrow(LOCK, supplier, assessment)
    if row is None:
        raise HTTPException(404)
    return row


def _read_current(row: Mapping[str, Any]) -> dict[str, Any]:
    value = None if row["value"] is None else orjson.loads(row["value"])
    content = {"state": row["state"], "value": value, "reason": row["reason"], "comment": row["comment"]}
    return {"revision": row["revision"], "content": None if row["deleted"] else content}


def _replay(row: Mapping[str, Any], body_hash: str) -> tuple[str, int | None, Any, Any]:
    if row["body_hash"].hex() != body_hash:
        return "refused", None, {"code": "write_id_reused"}, None
    return row["outcome"], row["revision"], None, None


def _judge(
    definition: Definition, state: str, one: dict[str, Any], standing: dict[str, Any]
) -> tuple[str, int | None, Any, Any]:
    checked = rules.check_saved(
        definition,
        one["question"],
        row_id=one.get("rowId"),
        state=one.get("state", "value"),
        value=one.get("value"),
        reason=one.get("reason"),
    )
    if isinstance(checked, Problem):
        return "refused", None, {"code": checked.code, "parameters": dict(checked.parameters)}, None
    value = list(checked.value) if isinstance(checked.value, tuple) else checked.value
    content = {"state": checked.state, "value": value, "reason": checked.reason or None, "comment": one.get("comment")}
    revision = standing["revision"]
    if content == standing["content"]:
        return "unchanged", revision, None, content
    if state == "submitted":
        return "pending", None, None, content
    if one["baseRevision"] != revision:
        return "conflict", revision, None, content
    return "saved", revision + 1, None, content


def _write_result(
    one: dict[str, Any], status: str, revision: int | None, problem: Any, standing: dict[str, Any]
) -> dict[str, Any]:
    content = standing["content"]
    shown = content and {"state": content["state"].upper(), "value": {"choice": content["value"]}}
    current = {"question": one["question"], "revision": standing["revision"], "content": shown}
    refused = problem and {"code": problem["code"].upper()}
    return {
        "writeId": one["writeId"], "status": status.upper(), "revision": revision, "problem": refused, "current": current
    }  # fmt: skip


async def submit(connection: Connection, caller: Caller, assessment: UUID, expected: int) -> bytes:
    """Freeze, seal and score a complete draft, all of it in one statement."""
    supplier = caller["organization_id"]
    row = await _lock(connection, supplier, assessment)
    if row["state"] != "draft" or row["change_number"] != expected:
        raise HTTPException(409)
    definition = await _load_definition(connection, row["content_hash"])
    profile = await _load_profile(connection, definition, row)
    found = await connection.fetch(DRAFT_ANSWERS, supplier, assessment)
    files = await connection.fetch(DRAFT_FILES, supplier, assessment)
    applicability = find_applicable(definition, row["tier"], rules.index_answers(map(_read_answer, found)))
    day = row["now"].date()
    if submission.check_submission(applicability, day=day, attachments=[_read_file(one) for one in files], staff=250):
        raise HTTPException(422)
    kept = applicability.keep_enabled()
    files = [one for one in files if (one["question"], one["row_id"] or None) in applicability.enabled_keys]
    result = scoring.score_answers(definition, profile, row["tier"], kept, day)
    whole = trace.write_trace(result, definition, profile)
    nested = nesting.write_nested(definition, kept)
    made = ids.new_id()
    seal = sealing.seal_submission(
        definition,
        header=_write_header(row, made, whole["summary"]),
        nested=nested,
        trace=whole,
        files=_group_files(definition, files),
        draw_salt=lambda: secrets.token_bytes(16),
    )
    results = _list_results(definition, result)
    parts = (_list_sections(definition, nested, seal), results, _list_evidence(definition, files))
    keys = (ids.new_id(), ids.new_id(), ids.new_id())
    header, root = orjson.dumps(dict(seal.header)).decode(), bytes.fromhex(seal.root)
    texts = [orjson.dumps(part).decode() for part in parts]
    await connection.execute(
        FREEZE,
        supplier,
        assessment,
        made,
        row["content_hash"],
        header,
        root,
        caller["user_id"],
        row["now"],
        *texts,
        *keys,
    )
    return _write_submitted(row, seal.root, results[0], row["now"])


def _read_answer(row: Mapping[str, Any]) -> Answer:
    value = None if row["value"] is None else orjson.loads(row["value"])
    value = tuple(value) if isinstance(value, list) else value
    key, reason = row["row_id"] or None, row["reason"] or ""
    return Answer(question=row["question"], row_id=key, state=row["state"], value=value, reason=reason)


def _read_file(row: Mapping[str, Any]) -> submission.Attachment:
    return submission.Attachment(
        question=row["question"],
        row_id=row["row_id"] or None,
        kind=row["kind"],
        issued_on=row["issued_on"],
        valid_until=row["valid_until"],
    )


def _write_header(row: Mapping[str, Any], made: UUID, summary: Mapping[str, Any]) -> dict[str, Any]:
    plain = ("questionnaire", "version", "content_hash", "profile_hash", "tier", "subject")
    return {name: row[name] for name in plain} | {
        "submission": str(made),
        "supplier": str(row["supplier_id"]),
        "profile": row["profile_number"],
        "subject_key": str(row["subject_key"]),
        "period_start": row["period_start"].isoformat(),
        "period_end": row["period_end"].isoformat(),
        "submitted_on": row["now"].date().isoformat(),
        "summary": dict(summary),
    }


def _group_files(definition: Definition, files: list[Any]) -> dict[str, list[Mapping[str, str]]]:
    grouped: dict[str, list[Mapping[str, str]]] = {}
    for one in files:
        named = {"question": one["question"], "row": one["row_id"], "kind": one["kind"], "sha256": one["sha256"].hex()}
        grouped.setdefault(definition.sections_by_question[one["question"]].key, []).append(named)
    return grouped


def _list_sections(definition: Definition, nested: Mapping[str, Any], seal: sealing.Seal) -> list[dict[str, Any]]:
    sealed = {section.key: section for section in seal.sections}
    listed = []
    for position, section in enumerate(definition.sections):
        own = sealed[section.key]
        rest = {name: part for name, part in own.content.items() if name != "trace"}
        digests = {digest: {"salt": one.salt, "text": one.text} for digest, one in own.secrets.items()}
        listed.append(
            {
                "section": section.key,
                "position": position,
                "title": section.title,
                "answers": {q.key: nested[q.key] for q in section.questions if q.key in nested},
                "trace": dict(own.content["trace"]),
                "salts": {"salt": own.salt, "content": rest, "secrets": digests},
                "hash": own.hash,
            }
        )
    return listed


def _list_results(definition: Definition, result: Any) -> list[dict[str, Any]]:
    titles = {pillar.key: pillar.title for pillar in definition.pillars}
    rows = []
    for scored in (result, *result.lower):
        own = scored is result
        rows.append(
            {
                "profile_number": result.profile,
                "tier_scored": scored.tier,
                "is_own_tier": own,
                "total": None if scored.total is None else points.count_hundredths(scored.total),
                "band": result.band if own else None,
                "band_reason": result.band_reason if own else None,
                "coverage": points.count_hundredths(scored.coverage * 100),
                "pillars": [_write_pillar(one, titles) for one in scored.pillars],
                "critical": [{"rule": one.rule, "section": one.section} for one in result.fired] if own else [],
                "valid_until": result.valid_until,
            }
        )
    return rows


def _write_pillar(pillar: Any, titles: Mapping[str, str]) -> dict[str, Any]:
    score = None if pillar.score is None else points.count_hundredths(pillar.score)
    weight = points.count_hundredths(pillar.weight)
    return {"key": pillar.key, "title": titles[pillar.key], "score": score, "weight": weight, "reason": pillar.state}


def _list_evidence(definition: Definition, files: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "section": definition.sections_by_question[one["question"]].key,
            "question": one["question"],
            "row_id": one["row_id"],
            "evidence_id": str(one["evidence_id"]),
        }
        for one in files
    ]


def _write_submitted(row: Mapping[str, Any], root: str, result: dict[str, Any], moment: datetime) -> bytes:
    pillars = [{"key": one["key"], "score": _spell(one["score"])} for one in result["pillars"]]
    scored = {"total": _spell(result["total"]), "band": result["band"], "pillars": pillars}
    shown = {"revision": row["revision"], "state": "CURRENT", "rootHash": root, "result": scored}
    shown["submittedAt"] = moment.isoformat().replace("+00:00", "Z")
    return orjson.dumps({"submission": shown, "assessment": {"state": "SUBMITTED"}})


def _spell(hundredths: int | None) -> str | None:
    return None if hundredths is None else f"{hundredths // 100}.{hundredths % 100:02d}"


async def _load_definition(connection: Connection, content_hash: str) -> Definition:
    if content_hash not in _definitions:
        query = "SELECT document FROM portal.questionnaire_version WHERE content_hash = $1"
        document = orjson.loads(await connection.fetchval(query, content_hash))
        _definitions[canonical.hash_document(document)] = reading.definition_from_document(document)
    return _definitions[content_hash]


async def _load_profile(connection: Connection, definition: Definition, row: Mapping[str, Any]) -> Profile:
    content_hash = row["profile_hash"]
    if content_hash not in _profiles:
        query = "SELECT document FROM portal.scoring_profile WHERE questionnaire = $1 AND version = $2 AND number = $3"
        document = await connection.fetchval(query, row["questionnaire"], row["version"], row["profile_number"])
        _profiles[content_hash] = reading.profile_from_document(orjson.loads(document), definition)
    return _profiles[content_hash]
