"""The parts of a questionnaire as frozen values, with the field names of the published format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Literal, TypeAlias

TIERS = ("micro", "basic", "standard", "advanced")

Tier = Literal["micro", "basic", "standard", "advanced"]
QuestionType = Literal["boolean", "choice", "multi_choice", "integer", "decimal", "percent", "date", "text", "group"]
NUMBERS: frozenset[str] = frozenset({"integer", "decimal", "percent"})
CHOICES: frozenset[str] = frozenset({"choice", "multi_choice"})
SCORABLE: frozenset[str] = NUMBERS | CHOICES | {"boolean"}

Operator = Literal["eq", "in", "gt", "gte", "lt", "lte", "answered", "includes_any", "includes_all"]
Comparison = Literal["eq", "gt", "gte", "lt", "lte"]
Ask = Literal["necessary", "voluntary", "unknown"]
EvidenceKind = Literal["policy", "procedure", "record", "certificate", "report", "contract", "photo"]

# A value as it is stored and published: numbers are canonical decimal strings, dates ISO strings, options their keys.
Value: TypeAlias = bool | str | tuple[str, ...]

KEY = r"[a-z][a-z0-9_]{1,63}"
SHORT_KEY = r"[a-z][a-z0-9_]{0,63}"
QUESTIONNAIRE_KEY = r"[a-z][a-z0-9-]{1,63}"
VERSION = r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})"
CONCEPT = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+"
LOCALE = r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?"


_KEY = {"pattern": KEY}


@dataclass(frozen=True, kw_only=True)
class Header:
    """Identity of a version: the key is for ever, the version is MAJOR.MINOR.PATCH."""

    key: str = field(metadata={"pattern": QUESTIONNAIRE_KEY})
    publisher: str = field(metadata={"pattern": QUESTIONNAIRE_KEY})
    version: str = field(metadata={"pattern": VERSION})
    locale: str = field(metadata={"pattern": LOCALE})
    purpose: Literal["self_assessment", "spot_check", "pulse"]
    title: str
    description: str
    supersedes: str | None = field(default=None, metadata={"pattern": VERSION})


@dataclass(frozen=True, kw_only=True)
class TierText:
    key: Tier
    title: str
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Pillar:
    key: str = field(metadata=_KEY)
    title: str
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option of a choice; an exclusive one cannot be combined with others in a multi_choice."""

    key: str = field(metadata={"pattern": SHORT_KEY})
    title: str
    help: str = ""
    exclusive: bool = False


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One comparison with the answer of an earlier question; `answered` takes no value but true."""

    q: str
    op: Operator
    value: Value = True


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Flat: either all clauses or any clause; exactly one of the two is given."""

    all: tuple[Clause, ...] = ()
    any: tuple[Clause, ...] = ()

    @property
    def clauses(self) -> tuple[Clause, ...]:
        return self.all or self.any


@dataclass(frozen=True, kw_only=True)
class NotApplicable:
    allowed: bool
    help: str = ""


@dataclass(frozen=True, kw_only=True)
class EvidenceRule:
    """What may be attached, and when submission demands it; max_age_days counts from the day of issue."""

    accept: tuple[EvidenceKind, ...]
    required_from: Tier | None = None
    required_when: Condition | None = None
    max_age_days: int | None = None
    hint: str = ""

    @property
    def demanded(self) -> bool:
        return self.required_from is not None or self.required_when is not None


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A clause of a standard that the question maps to, after the set relations used for crosswalks."""

    standard: str
    ref: str
    relation: Literal["equal", "subset", "superset", "intersects"]


@dataclass(frozen=True, kw_only=True)
class RequestLimit:
    """Whether firms of up to 10 and up to 1,000 staff must be able to decline (voluntary)."""

    up_to_10: Ask
    up_to_1000: Ask


@dataclass(frozen=True, kw_only=True)
class Indicator:
    name: str
    unit: str
    direction: Literal["up", "down", "neutral"]


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What a visitor should ask and look for."""

    ask: str
    look: str


@dataclass(frozen=True, kw_only=True)
class Repeat:
    min: int
    max: int


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question with its passport; `minutes` is the time one answer takes."""

    key: str = field(metadata=_KEY)
    type: QuestionType
    tier: Tier
    kind: Literal["measure", "fact"]
    title: str
    help: str = ""
    action: str = ""
    required: bool = False
    meaning: int = 1
    concept: str | None = field(default=None, metadata={"pattern": CONCEPT})
    unit: str | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    decimals: int | None = None
    max_length: int | None = None
    options: tuple[Option, ...] = ()
    options_ref: str | None = None
    not_applicable: NotApplicable | None = None
    enable_when: Condition | None = None
    evidence: EvidenceRule | None = None
    why: str = ""
    maps_to: tuple[Reference, ...] = ()
    request_limit: RequestLimit | None = None
    benchmark: bool = False
    indicator: Indicator | None = None
    probe: Probe | None = None
    minutes: Decimal = Decimal(1)
    repeat: Repeat | None = None
    questions: tuple[Question, ...] = ()

    @property
    def allows_not_applicable(self) -> bool:
        return self.not_applicable is not None and self.not_applicable.allowed


@dataclass(frozen=True, kw_only=True)
class Section:
    key: str = field(metadata=_KEY)
    title: str
    intro: str = ""
    pillar: str | None = None
    questions: tuple[Question, ...]


@dataclass(frozen=True, kw_only=True)
class Jump:
    """How far a change against last year goes before it is asked about: beyond each limit that is given.

    Without a limit any change is. `factor` counts up and down alike; `amount` is in the unit, of a date in days.
    """

    factor: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class CheckRule:
    """Left side (sum, sum_rows or value) compared by `op` with a question or a fixed number, or with last year's."""

    op: Comparison | None = None
    sum: tuple[str, ...] = ()
    sum_rows: str | None = None
    value: str | None = None
    than: str | None = None
    than_value: Decimal | None = None
    jump: Jump | None = None

    @property
    def questions(self) -> tuple[str, ...]:
        named = (*self.sum, self.sum_rows, self.value, self.than)
        return tuple(key for key in named if key is not None)


@dataclass(frozen=True, kw_only=True)
class Check:
    """What must hold between answers; a broken one asks for a comment and never touches the score.

    `when` and `unless` limit the rule. Without a rule, the answers that `when` names do not go together.
    """

    key: str = field(metadata=_KEY)
    severity: Literal["warning", "error"]
    tier: Tier
    title: str
    rule: CheckRule | None = None
    when: Condition | None = None
    unless: Condition | None = None

    @property
    def questions(self) -> tuple[str, ...]:
        """What the rule compares; without a rule, what the conditions name."""
        if self.rule is not None:
            return self.rule.questions
        conditions = [condition for condition in (self.when, self.unless) if condition]
        return tuple(dict.fromkeys(clause.q for condition in conditions for clause in condition.clauses))


@dataclass(frozen=True, kw_only=True)
class Renaming:
    old: str = field(metadata={"alias": "from", "pattern": KEY})
    to: str = field(metadata=_KEY)


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A questionnaire version as a whole, in document order."""

    format: Literal["questionnaire/1"]
    questionnaire: Header
    tiers: tuple[TierText, ...]
    pillars: tuple[Pillar, ...]
    sections: tuple[Section, ...]
    option_sets: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    renamed: tuple[Renaming, ...] = ()

    @property
    def key(self) -> str:
        return self.questionnaire.key

    @property
    def version(self) -> str:
        return self.questionnaire.version

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Every question by key, children of groups included, in document order."""
        return {question.key: question for _, question, _ in self.walk()}

    @cached_property
    def sections_by_question(self) -> Mapping[str, Section]:
        return {question.key: section for section, question, _ in self.walk()}

    @cached_property
    def parents(self) -> Mapping[str, Question]:
        """The group of each child question."""
        return {question.key: parent for _, question, parent in self.walk() if parent is not None}

    @cached_property
    def tier_keys(self) -> tuple[Tier, ...]:
        return tuple(tier.key for tier in self.tiers)

    def walk(self) -> Iterator[tuple[Section, Question, Question | None]]:
        """Section, question and its group (or None), in document order, a group before its children."""
        for section in self.sections:
            for question in section.questions:
                yield section, question, None
                for child in question.questions:
                    yield section, child, question

    def options(self, question: Question) -> tuple[Option, ...]:
        """The options of a choice, its own or those of its option set."""
        if question.options_ref is not None:
            return self.option_sets.get(question.options_ref, ())
        return question.options


def contains(tier: Tier, other: Tier) -> bool:
    """Whether `tier` asks what `other` asks: tiers nest."""
    return TIERS.index(other) <= TIERS.index(tier)
