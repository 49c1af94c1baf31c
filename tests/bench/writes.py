"""The measured cases that write: each side has drafts of its own, and both must leave the same rows behind."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import orjson

from tests.bench import load, responses, world
from tests.bench.load import Generator, WrongAnswer
from tests.bench.reads import ask_portal, compare, read_data
from tests.bench.world import DRAFT, ORGANIZATION, SAVED, World

SAVE = """
mutation Save($input: SaveAnswersInput!) {
  saveAnswers(input: $input) {
    __typename
    ... on AnswersSaved {
      changeNumber
      results {
        writeId status revision problem { code }
        current { question revision content { state value { choice } } }
      }
    }
    ... on Problem { code message }
  }
}
"""
SUBMIT = """
mutation Submit($input: SubmitAssessmentInput!) {
  submitAssessment(input: $input) {
    __typename
    ... on AssessmentSubmitted {
      submission { revision state rootHash submittedAt result { total band pillars { key score } } }
      assessment { state }
    }
    ... on Problem { code message }
  }
}
"""
# What a write leaves behind, without ids, times, salts and what depends on them.
LEFT_BY_SAVE = """
    SELECT json_build_object(
        'answers', (SELECT json_agg(json_build_array(question, row_id, state, value, reason, comment, deleted, revision,
                                                     changed_at_number, changed_by IS NOT NULL) ORDER BY question)
                      FROM portal.answer WHERE supplier_id = $1 AND assessment_id = $2),
        'writes', (SELECT json_agg(json_build_array(question, row_id, base_revision, revision, outcome, problem, state, value,
                                                    reason, comment, deleted, length(body_hash), member_id IS NOT NULL)
                                   ORDER BY received_at, question)
                     FROM portal.answer_write WHERE supplier_id = $1 AND assessment_id = $2),
        'assessment', (SELECT json_build_array(state, change_number, updated_at > created_at)
                         FROM portal.assessment WHERE supplier_id = $1 AND id = $2),
        'events', (SELECT json_agg(json_build_array(topic, ids - 'supplier' - 'assessment') ORDER BY created_at)
                     FROM portal.outbox WHERE ids ->> 'assessment' = $2::text))
"""
LEFT_BY_SUBMIT = """
    SELECT json_build_object(
        'submission', json_build_array(s.questionnaire, s.version, s.content_hash, s.tier, s.subject, s.revision, s.state,
                                       s.period_start, s.period_end, s.submitted_by IS NOT NULL,
                                       s.header - 'submission' - 'supplier' - 'subject_key'),
        'sections', (SELECT json_agg(json_build_array(section, position, title, answers, trace,
                                                      (SELECT json_agg(k) FROM jsonb_object_keys(salts) k)) ORDER BY position)
                       FROM portal.submission_section x WHERE x.supplier_id = $1 AND x.submission_id = s.id),
        'results', (SELECT json_agg(json_build_array(profile_number, tier_scored, is_own_tier, total, band, band_reason,
                                                     coverage, pillars, critical, valid_until) ORDER BY tier_scored)
                      FROM portal.result x WHERE x.supplier_id = $1 AND x.submission_id = s.id),
        'evidence', (SELECT json_agg(json_build_array(section, question, row_id) ORDER BY question)
                       FROM portal.submission_evidence x WHERE x.supplier_id = $1 AND x.submission_id = s.id),
        'assessment', (SELECT json_build_array(a.state, a.submitted_at = s.submitted_at, a.updated_at = s.submitted_at)
                         FROM portal.assessment a WHERE a.supplier_id = $1 AND a.id = $2),
        'trail', (SELECT json_agg(json_build_array(action, object_kind, actor_id IS NOT NULL, detail - 'root_hash',
                                                   detail ->> 'root_hash' = encode(s.root_hash, 'hex')))
                    FROM portal.audit_event WHERE object_id = s.id::text),
        'events', (SELECT json_agg(json_build_array(topic, (SELECT json_agg(k) FROM jsonb_object_keys(ids) k)) ORDER BY topic)
                     FROM portal.outbox WHERE ids ->> 'assessment' = $2::text))
      FROM portal.submission s WHERE s.supplier_id = $1 AND s.assessment_id = $2
"""


@dataclass
class Draft:
    """One assessment as the load generator knows it."""

    number: int
    supplier: int
    node_id: str
    key: str
    change_number: int = 0
    turns: int = 0
    revisions: dict[str, int] = field(default_factory=dict)

    @property
    def token(self) -> str:
        return world.make_token(self.supplier)


def make_draft(made: World, kind: int, number: int) -> Draft:
    supplier, key = made.supplier_of(number), world.make_id(kind, number)
    node_id = world.make_node_id("asmt", world.make_id(ORGANIZATION, supplier), key)
    return Draft(number, supplier, node_id, str(key))


class Saves:
    """Saves one answer after the other, each on the revision that the one before made."""

    def __init__(self, drafts: list[Draft], *, by_hand: bool) -> None:
        self.idle = deque(drafts)
        self.by_hand = by_hand
        self.questions = responses.list_steady_choices(responses.find_packaged().definition)
        self.acknowledged = 0

    def take(self) -> tuple[bytes, Any]:
        draft = self.idle.popleft()
        turn, place = divmod(draft.turns, len(self.questions))
        question, options = self.questions[place]
        draft.turns += 1
        request = self.write(draft, question, options[turn % 2], draft.revisions.get(question, 1))
        return request, (draft, question)

    def write(self, draft: Draft, question: str, option: str, base: int) -> bytes:
        one = {"writeId": str(uuid4()), "question": question, "baseRevision": base}
        if self.by_hand:
            body = orjson.dumps({"assessmentId": draft.key, "answers": [one | {"value": option}]})
            return load.write_request("POST", "/answers", draft.token, body)
        sent = {"assessmentId": draft.node_id, "answers": [one | {"value": {"choice": option}}]}
        return ask_portal(draft.token, SAVE, input=sent)

    def give(self, tag: Any, body: bytes) -> None:
        draft, question = tag
        (result,) = self.read(body)["results"]
        if result["status"] not in ("SAVED", "UNCHANGED"):
            raise WrongAnswer(f"An answer was not saved: {body!r}")
        draft.revisions[question] = result["revision"]
        self.acknowledged += result["status"] == "SAVED"
        self.idle.append(draft)

    def read(self, body: bytes) -> dict[str, Any]:
        if self.by_hand:
            answer: dict[str, Any] = orjson.loads(body)
            return answer
        saved: dict[str, Any] = read_data(body)["saveAnswers"]
        return {name: part for name, part in saved.items() if name != "__typename"}


class Submissions:
    """Submits drafts; each can be submitted once, so more must be made between runs."""

    def __init__(self, made: World, *, by_hand: bool) -> None:
        self.made = made
        self.by_hand = by_hand
        self.waiting: deque[Draft] = deque()
        self.acknowledged = 0

    async def fill_up(self, least: int) -> None:
        missing = least - len(self.waiting)
        if missing > 0:
            numbers = await self.made.add_drafts(missing)
            await self.add(numbers)

    async def add(self, numbers: range) -> None:
        admin = await self.made.connect()
        try:
            counts = dict(
                await admin.fetch(
                    "SELECT id::text, change_number FROM portal.assessment WHERE id = ANY ($1)",
                    [world.make_id(DRAFT, number) for number in numbers],
                )
            )
        finally:
            await admin.close()
        for number in numbers:
            draft = make_draft(self.made, DRAFT, number)
            draft.change_number = counts[draft.key]
            self.waiting.append(draft)

    def take(self) -> tuple[bytes, Any] | None:
        if not self.waiting:
            return None
        return self.write(self.waiting.popleft()), None

    def write(self, draft: Draft) -> bytes:
        if self.by_hand:
            body = orjson.dumps({"assessmentId": draft.key, "expectedChangeNumber": draft.change_number})
            return load.write_request("POST", "/submissions", draft.token, body)
        sent = {"assessmentId": draft.node_id, "expectedChangeNumber": draft.change_number}
        return ask_portal(draft.token, SUBMIT, input=sent)

    def give(self, tag: Any, body: bytes) -> None:
        self.read(body)
        self.acknowledged += 1

    def read(self, body: bytes) -> dict[str, Any]:
        made: dict[str, Any] = orjson.loads(body) if self.by_hand else read_data(body)["submitAssessment"]
        if "submission" not in made:
            raise WrongAnswer(f"A draft was not submitted: {body!r}")
        return {name: made[name] for name in ("submission", "assessment")}


def make_saves(made: World) -> tuple[Saves, Saves]:
    """The drafts to save to, half of them for each side."""
    drafts = [make_draft(made, SAVED, number) for number in range(made.suppliers)]
    half = len(drafts) // 2
    return Saves(drafts[:half], by_hand=False), Saves(drafts[half:], by_hand=True)


async def check_saves(portal: Generator, handwritten: Generator, made: World) -> None:
    """The same writes to two equal drafts: saved, unchanged, in conflict, refused; equal answers and rows."""
    ours, theirs = Saves([], by_hand=False), Saves([], by_hand=True)
    pair = await _make_twins(made)
    question, (first, second) = ours.questions[0]
    for option, base in ((first, 1), (second, 1), (first, 1), (second, 0), (first, 0), ("no such option", 1)):
        mine = ours.read(await portal.ask(ours.write(pair[0], question, option, base)))
        other = theirs.read(await handwritten.ask(theirs.write(pair[1], question, option, base)))
        compare("saving an answer", _forget(mine, "writeId"), _forget(other, "writeId"))
    await _compare_rows(made, LEFT_BY_SAVE, pair, "rows after saving")


async def check_submissions(portal: Generator, handwritten: Generator, made: World) -> None:
    """Two equal drafts submitted: equal answers and rows."""
    ours, theirs = Submissions(made, by_hand=False), Submissions(made, by_hand=True)
    pair = await _make_twins(made)
    mine = ours.read(await portal.ask(ours.write(pair[0])))
    other = theirs.read(await handwritten.ask(theirs.write(pair[1])))
    fresh = ("rootHash", "submittedAt")
    compare("submitting", _forget(mine, *fresh), _forget(other, *fresh))
    await _compare_rows(made, LEFT_BY_SUBMIT, pair, "rows after submitting")


async def check_counts(made: World, saves: tuple[Saves, Saves], submitted: tuple[Submissions, Submissions]) -> None:
    """What was acknowledged is there, no more and no less."""
    admin = await made.connect()
    try:
        for side in saves:
            keys = [draft.key for draft in side.idle]
            kept = (
                "SELECT count(*) FROM portal.answer_write WHERE assessment_id = ANY ($1::uuid[]) AND outcome = 'saved'"
            )
            compare("saved answers", side.acknowledged, await admin.fetchval(kept, keys))
        numbers = [world.make_id(DRAFT, number) for number in range(made.drafts)]
        kept = "SELECT count(*) FROM portal.submission WHERE assessment_id = ANY ($1)"
        checked = 2  # by check_submissions
        compare(
            "submissions", sum(side.acknowledged for side in submitted) + checked, await admin.fetchval(kept, numbers)
        )
    finally:
        await admin.close()


async def _make_twins(made: World) -> tuple[Draft, Draft]:
    """Two fresh drafts of two suppliers that share their response, for as many suppliers as there are responses."""
    numbers = await made.add_drafts(world.TEMPLATES + 1)
    helper = Submissions(made, by_hand=False)
    await helper.add(numbers)
    by_template: dict[int, Draft] = {}
    for draft in helper.waiting:
        template = (draft.supplier - 1) % world.TEMPLATES
        if template in by_template:
            return by_template[template], draft
        by_template[template] = draft
    raise WrongAnswer("No two suppliers share a response: there are too few of them.")


async def _compare_rows(made: World, query: str, pair: tuple[Draft, Draft], what: str) -> None:
    admin = await made.connect()
    try:
        found = [
            orjson.loads(await admin.fetchval(query, world.make_id(ORGANIZATION, one.supplier), one.key))
            for one in pair
        ]
    finally:
        await admin.close()
    compare(what, *found)


def _forget(value: Any, *names: str) -> Any:
    if isinstance(value, dict):
        return {name: _forget(one, *names) for name, one in value.items() if name not in names}
    return [_forget(one, *names) for one in value] if isinstance(value, list) else value
