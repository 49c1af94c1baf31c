"""Questionnaires compiled beside the interpreter: what applies, the check, the preview of a score, and rescoring.

Both answer in turn, in slices of a few calls, for the same made-up responses: to one questionnaire of 500 questions with
300 conditions, and to the shipped one at each of its tiers. Then many stored assessments of both are rescored from a
file to a file. Figures are processor time of one thread. Before, some answers of both are compared.
"""

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import orjson

from questionnaires import nesting, reading, scoring, submission, trace
from questionnaires.answers import Answer, Answers, index_answers, may_decline
from questionnaires.applicability import find_applicable
from questionnaires.compiled import CompiledProfile, CompiledVersion
from questionnaires.definition import TIERS, Definition, Question, Tier
from questionnaires.profile import Profile
from tests.bench.responses import find_packaged
from tests.questionnaires import generation

CASE = "scoring"
DAY = date(2026, 1, 15)
QUESTIONS, CONDITIONS = 500, 300
RESPONSES = 300  # different ones for each subject, asked for in turn
COMPARED = 30  # of them, before anything is measured
STRIDE = 13  # calls of the compiled form in a slice
PLAIN_STRIDE = 3  # and of the interpreter
OTHERWISE = 0.05  # of the answers are unknown, declined or not applicable
RESCORED: Tier = "basic"
DIFFERENT = 5000  # assessments in a file; more than that come again
BIG_SHARE = 20  # of the big questionnaire, so many times fewer are rescored: their traces fill a disk
HEAD = (
    "                                                           compiled         interpreter    times\n"
    "case                                                       ms  us/quest.     ms  us/quest.  as fast"
)


@dataclass(frozen=True)
class Subject:
    """A questionnaire with a profile at a tier, and responses to it: as answers, and as the JSON that is stored."""

    name: str
    definition: Definition
    profile: Profile
    tier: Tier
    responses: Sequence[Answers]
    stored: Sequence[bytes]

    @property
    def questions(self) -> int:
        at = TIERS.index(self.tier)
        return sum(TIERS.index(question.tier) <= at for question in self.definition.questions.values())


@dataclass(frozen=True)
class Pair:
    """The same work by the compiled form and by the interpreter, for the response of a number."""

    name: str
    compiled: Callable[[int], object]
    plain: Callable[[int], object]


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure and print everything."""
    rng = Random(20261129)
    print(f"\n{HEAD}", flush=True)
    lines = []
    for subject in list_subjects(rng, RESPONSES):
        for pair in list_pairs(subject):
            compare(pair, COMPARED)
            lines.append(_describe(subject, pair, *measure(pair, RESPONSES, options.duration / 4)))
            print(write_line(lines[-1]), flush=True)
    shipped, count = find_packaged(), options.rescored
    subjects = [
        (f"{shipped.definition.key} {RESCORED}", shipped.definition, shipped.profiles[-1], count),
        (f"{QUESTIONS} questions", *make_big(rng), max(1, count // BIG_SHARE)),
    ]
    return {"cases": lines, "rescored": [rescore(rng, *subject) for subject in subjects]}


def list_subjects(rng: Random, responses: int) -> list[Subject]:
    """The big one, and the newest shipped one at each tier."""
    shipped = find_packaged()
    definition, profile = shipped.definition, shipped.profiles[-1]
    tiers = [(f"{definition.key} {tier}", definition, profile, tier) for tier in definition.tier_keys]
    wanted = [(f"{QUESTIONS} questions", *make_big(rng), RESCORED), *tiers]
    return [make_subject(rng, *one, responses) for one in wanted]


def make_big(rng: Random) -> tuple[Definition, Profile]:
    """500 questions in ten sections and five pillars, 300 of them with a condition on earlier ones."""
    conditional = set(rng.sample(range(1, QUESTIONS), CONDITIONS))
    made: list[dict[str, Any]] = []
    for number in range(QUESTIONS):
        question = generation.make_question(rng, f"q_{number}", f"pillar_{number // 100}", ["basic"], [])
        if question["type"] in ("group", "text"):
            question |= {"type": "date"}
            question.pop("repeat", None)
        if number in conditional:
            clauses = [generation.make_clause(rng, rng.choice(made)) for _ in range(rng.randint(1, 2))]
            question["enable_when"] = {"any": clauses}
        made.append(question)
    raw = {
        "format": "questionnaire/1",
        "questionnaire": {
            "key": "made-up",
            "publisher": "portal",
            "version": "1.0.0",
            "locale": "en",
            "purpose": "pulse",
            "title": "Made up",
            "description": "For the bench.",
        },
        "tiers": [{"key": "basic", "title": "Basic"}],
        "pillars": [{"key": f"pillar_{at}", "title": "Pillar"} for at in range(5)],
        "sections": [
            {"key": f"s_{at}", "title": "S", "pillar": f"pillar_{at // 2}", "questions": made[at * 50 : at * 50 + 50]}
            for at in range(10)
        ],
    }
    definition = reading.definition_from_document(raw)
    return definition, reading.profile_from_document(generation.make_profile(rng, raw), definition)


def make_subject(
    rng: Random, name: str, definition: Definition, profile: Profile, tier: Tier, responses: int
) -> Subject:
    """With responses as they are submitted: what is asked is answered, most of it with a value."""
    found = [find_applicable(definition, tier, answer_all(rng, definition)).keep_enabled() for _ in range(responses)]
    stored = [orjson.dumps(nesting.write_nested(definition, answers)) for answers in found]
    return Subject(name, definition, profile, tier, found, stored)


def answer_all(rng: Random, definition: Definition) -> Answers:
    """An answer to every question, one or two rows to every group."""
    found: list[Answer] = []
    for question in (question for section in definition.sections for question in section.questions):
        if question.type != "group":
            found.append(_answer(rng, definition, question, None))
            continue
        for row in ("r1", "r2")[: rng.randint(1, 2)]:
            found.append(Answer(question=question.key, row_id=row, state="value", value=True))
            found += [_answer(rng, definition, child, row) for child in question.questions]
    return index_answers(found)


def _answer(rng: Random, definition: Definition, question: Question, row: str | None) -> Answer:
    is_otherwise = rng.random() < OTHERWISE
    while True:
        answer = generation.make_answer(rng, definition, question, row)
        can_be_kept = answer.state != "declined" or may_decline(question)
        if answer.state == "value" or (is_otherwise and can_be_kept):
            return answer


def list_pairs(subject: Subject) -> list[Pair]:
    """What is measured of each subject."""
    definition, profile, tier = subject.definition, subject.profile, subject.tier
    responses, version = subject.responses, CompiledVersion(subject.definition)
    compiled, scorer = version.at(tier), CompiledProfile(version, profile)

    def check(number: int) -> object:
        return submission.check_submission(find_applicable(definition, tier, responses[number]), day=DAY)

    def preview(number: int) -> object:
        return scoring.score_answers(definition, profile, tier, responses[number], DAY)

    return [
        Pair("applicability and check", lambda number: compiled.check_submission(responses[number], day=DAY), check),
        Pair("score preview", lambda number: scorer.score_answers(tier, responses[number], DAY), preview),
        Pair(
            "rescoring, JSON to JSON",
            lambda number: score_stored(scorer, tier, subject.stored[number]),
            lambda number: score_plainly(definition, profile, tier, subject.stored[number]),
        ),
    ]


def score_stored(scorer: CompiledProfile, tier: Tier, stored: bytes) -> bytes:
    """From stored answers to a whole trace: total, pillars, band, and a line for every measure."""
    return scorer.score_stored(tier, [stored.decode()], DAY).join().encode()


def score_plainly(definition: Definition, profile: Profile, tier: Tier, stored: bytes) -> bytes:
    """The same by the interpreter."""
    answers = nesting.read_nested(definition, orjson.loads(stored))[0]
    return orjson.dumps(
        trace.write_trace(scoring.score_answers(definition, profile, tier, answers, DAY), definition, profile)
    )


def compare(pair: Pair, responses: int) -> None:
    """Both must say the same of every response."""
    for number in range(responses):
        if pair.compiled(number) != pair.plain(number):
            raise AssertionError(f"{pair.name}: the compiled form says something else of response {number}")


def measure(pair: Pair, responses: int, seconds: float) -> tuple[float, float, float]:
    """Processor seconds of a call of each, the medians of slices in turn, and the median of their ratios.

    The compiled form has met each response before, as when many are scored one after the other.
    """
    _take(pair.compiled, range(responses))
    gc.collect()
    slices: list[tuple[float, float]] = []
    end = time.perf_counter() + seconds
    while not slices or time.perf_counter() < end:
        start = len(slices) * STRIDE
        numbers = [(start + step) % responses for step in range(STRIDE)]
        slices.append((_take(pair.compiled, numbers), _take(pair.plain, numbers[:PLAIN_STRIDE])))
    fast, slow = (statistics.median(side) for side in zip(*slices, strict=True))
    return fast, slow, statistics.median(plainly / quickly for quickly, plainly in slices)


def _take(work: Callable[[int], object], numbers: Sequence[int]) -> float:
    started = time.thread_time()
    for number in numbers:
        work(number)
    return (time.thread_time() - started) / len(numbers)


def rescore(rng: Random, name: str, definition: Definition, profile: Profile, count: int) -> dict[str, Any]:
    """So many stored assessments, from a file of lines to a file of lines, beside reading and writing alone."""
    different = min(count, DIFFERENT)
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        stored, scored = Path(folder) / "stored.jsonl", Path(folder) / "scored.jsonl"
        lines = [make_subject(rng, "", definition, profile, RESCORED, 1).stored[0] + b"\n" for _ in range(different)]
        with stored.open("wb") as file:
            file.writelines(lines[number % different] for number in range(count))
        scorer = CompiledProfile(CompiledVersion(definition), profile)
        started, spent = time.perf_counter(), time.process_time()
        with stored.open("rb") as source, scored.open("wb") as target:
            for line in source:
                target.write(score_stored(scorer, RESCORED, line.rstrip()) + b"\n")
        seconds, cpu = time.perf_counter() - started, time.process_time() - spent
        with scored.open("rb") as file:
            if sum(1 for _ in file) != count:
                raise AssertionError("Not every assessment was rescored.")
        figures = {
            "subject": name,
            "assessments": count,
            "different": different,
            "tier": RESCORED,
            "seconds": round(seconds, 2),
            "cpu_s": round(cpu, 2),
            "ms_each": round(1e3 * cpu / count, 3),
            "least_cpu_s": round(_read_and_write(stored, scored, Path(folder) / "copied.jsonl"), 2),
            "read_mb": round(stored.stat().st_size / 1e6, 1),
            "written_mb": round(scored.stat().st_size / 1e6, 1),
        }
    print(
        f"{count} stored assessments ({name}) rescored from file to file in {figures['seconds']} s "
        f"({figures['cpu_s']} s of one core, {figures['ms_each']} ms each; reading the JSON and writing the same lines "
        f"alone {figures['least_cpu_s']} s; {figures['read_mb']} MB read, {figures['written_mb']} MB written).",
        flush=True,
    )
    return figures


def _read_and_write(stored: Path, scored: Path, target: Path) -> float:
    """Processor seconds of reading what is stored, and writing what was scored, with nothing between."""
    took = 0.0
    with stored.open("rb") as source, scored.open("rb") as made, target.open("wb") as copied:
        for line in made:
            started = time.process_time()
            orjson.loads(source.readline())
            copied.write(line)
            took += time.process_time() - started
    return took


def _describe(subject: Subject, pair: Pair, fast: float, slow: float, ratio: float) -> dict[str, Any]:
    return {
        "subject": subject.name,
        "case": pair.name,
        "questions": subject.questions,
        "compiled_ms": round(1e3 * fast, 3),
        "interpreter_ms": round(1e3 * slow, 3),
        "compiled_us_per_question": round(1e6 * fast / subject.questions, 2),
        "interpreter_us_per_question": round(1e6 * slow / subject.questions, 2),
        "times_as_fast": round(ratio, 1),
    }


def write_line(one: dict[str, Any]) -> str:
    """One case as people read it."""
    name = f"{one['subject']}, {one['case']}"
    compiled = f"{one['compiled_ms']:9.3f}{one['compiled_us_per_question']:9.2f}"
    plain = f"{one['interpreter_ms']:9.2f}{one['interpreter_us_per_question']:9.1f}"
    return f"{name:<54}{compiled}{plain}{one['times_as_fast']:9.1f}"
