"""A questionnaire as its author sent it, read strictly: what it is, and everything that is wrong with it, as data."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from portal import errors
from portal.authoring import house_rules, spreadsheets
from questionnaires import lint, profile_lint, reading
from questionnaires.definition import Definition
from questionnaires.faults import Fault, FaultList, make_printable
from questionnaires.profile import Profile, ProfileHeader
from questionnaires.reading import TextFormat

Part = Literal["questionnaire", "profile"]
SourceFormat = TextFormat | Literal["xlsform"]
MOST_FINDINGS = 200
# YAML is read letter by letter: half as much of it takes as long as the whole of a request's body as JSON.
MOST_CHARACTERS: dict[SourceFormat, int] = {"yaml": 500_000, "json": 1_000_000, "xlsform": 1_000_000}
# One at a time: a large text takes seconds, and everybody else's calls go on meanwhile.
READERS = ThreadPoolExecutor(1, thread_name_prefix="questionnaire")


@dataclass(frozen=True, kw_only=True)
class Source:
    """The texts of a version and of its scoring profile, if there is one; an XLSForm is a workbook in Base64."""

    format: SourceFormat
    text: str
    profile_format: TextFormat | None = None
    profile_text: str | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """An error or warning: in which text, where, at which question, in which line of a YAML text."""

    part: Part
    severity: Literal["error", "warning"]
    path: tuple[str, ...]
    question: str | None
    line: int | None
    message: str


@dataclass(frozen=True)
class Inspected:
    """What could be read, with its findings; both values hold stand-ins where there are errors."""

    definition: Definition
    profile: Profile | None
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Whether it may be published and tried."""
        return not any(finding.severity == "error" for finding in self.findings)


def read_profile_format(form: SourceFormat, field: str) -> TextFormat:
    """The format of a scoring profile; raises InvalidInput for what holds none."""
    if form == "xlsform":
        words = "An XLSForm holds no scoring profile; write it as YAML or JSON."
        raise errors.InvalidInput(words, code="PROFILE_FORMAT", path=(field,))
    return form


def check_size(source: Source) -> None:
    """Raise InvalidInput for texts that are too long to be read in good time."""
    given = (("text", source.format, source.text), ("profile_text", source.profile_format, source.profile_text))
    problems = [
        errors.FieldProblem((name,), "TOO_LONG", f"This has {len(text)} characters; at most {most:,} are allowed.")
        for name, form, text in given
        if text is not None and len(text) > (most := MOST_CHARACTERS[form or "yaml"])
    ]
    if (source.profile_format is None) != (source.profile_text is None):
        words = "Give the profile's text and its format, or neither."
        problems.append(errors.FieldProblem(("profile_text",), "BOTH", words))
    if problems:
        raise errors.InvalidInput("This cannot be read.", problems=problems)


async def inspect_source(source: Source, publisher: str) -> Inspected:
    """Read and check both texts beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(READERS, _inspect, source, publisher)


def _read_questionnaire(source: Source, publisher: str) -> tuple[Definition, FaultList]:
    """The one place where a format becomes a definition: a further one is another branch."""
    if source.format == "xlsform":
        return spreadsheets.inspect_form(source.text, publisher)
    return reading.inspect_questionnaire_text(source.text, source.format, most_questions=house_rules.MOST_QUESTIONS)


def _inspect(source: Source, publisher: str) -> Inspected:
    definition, faults = _read_questionnaire(source, publisher)
    if definition.key:  # else nothing of it could be read, which is told already
        house_rules.check_definition(definition, publisher, faults)
    profile, own = None, FaultList("profile")
    if source.profile_text is not None and source.profile_format is not None:
        profile, own = reading.inspect_profile_text(source.profile_text, source.profile_format, definition, faults)
        house_rules.check_profile(profile, own)
    return _gather(definition, profile, faults, own)


async def inspect_profile(definition: Definition, form: TextFormat, text: str) -> tuple[Profile, list[Finding]]:
    """Read and check a scoring profile by itself, beside the event loop."""

    def inspect() -> tuple[Profile, list[Finding]]:
        profile, faults = reading.inspect_profile_text(text, form, definition)
        house_rules.check_profile(profile, faults)
        return profile, list_findings(definition, "profile", faults.faults)

    return await asyncio.get_running_loop().run_in_executor(READERS, inspect)


async def inspect_values(definition: Definition, profile: Profile | None, publisher: str) -> Inspected:
    """Check what was read before by the rules of now, beside the event loop."""
    run = asyncio.get_running_loop().run_in_executor
    return await run(READERS, _check, definition, profile, publisher)


def _check(definition: Definition, profile: Profile | None, publisher: str) -> Inspected:
    faults, own = FaultList("questionnaire"), FaultList("profile")
    lint.lint_definition(definition, faults)
    house_rules.check_definition(definition, publisher, faults)
    if profile is not None and list_measures(definition):
        profile_lint.lint_profile(profile, definition, own)
        house_rules.check_profile(profile, own)
    return _gather(definition, profile, faults, own)


def list_measures(definition: Definition) -> list[str]:
    """The questions that are scored."""
    return [key for key, question in definition.questions.items() if question.kind == "measure"]


def _gather(definition: Definition, profile: Profile | None, faults: FaultList, own: FaultList) -> Inspected:
    findings = [*list_findings(definition, "questionnaire", faults.faults)]
    findings += list_findings(definition, "profile", own.faults)
    # A question that could not be read has "measure" as a stand-in.
    if profile is None and set(list_measures(definition)) - lint.list_unread(definition, faults):
        words = "there is no scoring profile; allowed without one: questionnaires of facts only"
        findings.append(make_error("profile", (), words))
    elif profile is None:
        profile = make_empty_profile(definition)
    findings.sort(key=lambda finding: finding.severity)  # errors first
    if len(findings) > MOST_FINDINGS:
        more = make_error("questionnaire", (), f"{len(findings) - MOST_FINDINGS} more findings are not shown")
        findings = [*findings[:MOST_FINDINGS], more]
    return Inspected(definition, profile, tuple(findings))


def make_empty_profile(definition: Definition) -> Profile:
    """The profile of a questionnaire of facts: nothing is scored, and a submission holds for a year."""
    return Profile(
        format="scoring-profile/1",
        profile=ProfileHeader(questionnaire=definition.key, version=definition.version, number=1),
        validity_days=365,
        max_na_share=Decimal(100),
        pillars={pillar.key: Decimal(1) for pillar in definition.pillars},
        questions={},
        bands=(),
    )


def list_findings(definition: Definition, part: Part, faults: Sequence[Fault]) -> list[Finding]:
    """Faults of a text as data."""
    return [
        Finding(
            part=part,
            severity=fault.severity,
            path=tuple(make_printable(str(step)) for step in fault.path),
            question=_find_question(definition, part, fault.path),
            line=fault.line,
            message=f"{fault.where}: {fault.message}" if fault.where else fault.message,
        )
        for fault in faults
    ]


def make_error(part: Part, path: tuple[str, ...], message: str) -> Finding:
    """An error that no fault of a reader or lint stands for."""
    return Finding(part=part, severity="error", path=path, question=None, line=None, message=message)


def _find_question(definition: Definition, part: Part, path: tuple[str | int, ...]) -> str | None:
    """The key of the question that a path leads to or into."""
    match part, path:
        case "profile", ("questions", str(key), *_):
            return make_printable(key)
        case "questionnaire", ("sections", int(s), "questions", int(q), *rest):
            try:
                question = definition.sections[s].questions[q]
                match rest:
                    case ("questions", int(c), *_):
                        question = question.questions[c]
            except IndexError:
                return None
            return make_printable(question.key) or None
    return None
