"""How two versions of a questionnaire differ, what each change does to answers, and the least version step it needs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, TypeAlias

from questionnaires import canonical, document
from questionnaires.definition import Check, CheckRule, Clause, Condition, Definition, EvidenceRule, Question
from questionnaires.profile import Decay, QuestionScore

Step = Literal["none", "patch", "minor", "major"]
STEPS: tuple[Step, ...] = ("none", "patch", "minor", "major")
Seen: TypeAlias = Mapping[str, Any]

# Fields of a question by what a change of them is called. Those that are compared on their own are not here.
WORDS = ("title", "action")
NOTES = ("help", "why", "maps_to", "minutes", "probe")
LIMITS = ("min", "max", "decimals", "max_length", "repeat")
RULES = ("required", "not_applicable", "request_limit")
USES = ("kind", "concept", "benchmark", "indicator")
REMOVED = "question_removed"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change with a stable code that `reasons` tells, the step that it needs, and where it is.

    `question` is the key in the new version, or in the old one where it is gone.
    """

    code: str
    step: Step
    path: str
    question: str | None = None
    old: str = ""
    new: str = ""


@dataclass(frozen=True)
class Difference:
    """Everything that changed from one version to another, in the order of the new document."""

    old: Definition
    new: Definition
    changes: tuple[Change, ...]
    origins: Mapping[str, str]  # by the keys of the new version those of the same questions in the old one

    @cached_property
    def forth(self) -> Mapping[str, str]:
        """By the keys of the old version those of the same questions in the new one."""
        return {old: new for new, old in self.origins.items()}

    @cached_property
    def by_question(self) -> Mapping[str, tuple[Change, ...]]:
        """The changes of each question that the new version asks, by its key there."""
        found: dict[str, list[Change]] = {}
        for change in self.changes:
            if change.question is not None and change.code != REMOVED:
                found.setdefault(change.question, []).append(change)
        return {key: tuple(changes) for key, changes in found.items()}

    @property
    def least_step(self) -> Step:
        return max((change.step for change in self.changes), key=STEPS.index, default="none")

    @property
    def reasons(self) -> tuple[Change, ...]:
        """The changes that the least step is for."""
        return tuple(change for change in self.changes if change.step == self.least_step)

    @property
    def least_version(self) -> str:
        """The lowest version that the new content may have."""
        return raise_version(self.old.version, self.least_step)

    def find_old_key(self, key: str) -> str | None:
        """The key in the old version of a question of the new one; none where that did not ask it."""
        return self.origins.get(key)


def raise_version(version: str, step: Step) -> str:
    """The next version by a step; the same for none."""
    major, minor, patch = (int(part) for part in version.split("."))
    match step:
        case "major":
            return f"{major + 1}.0.0"
        case "minor":
            return f"{major}.{minor + 1}.0"
        case "patch":
            return f"{major}.{minor}.{patch + 1}"
        case "none":
            return version


def order_version(version: str) -> tuple[int, ...]:
    """MAJOR.MINOR.PATCH as numbers, so that 1.10.0 comes after 1.9.0."""
    return tuple(int(part) for part in version.split("."))


def is_step_enough(difference: Difference) -> bool:
    """Whether the new version's number tells its users enough."""
    return order_version(difference.new.version) >= order_version(difference.least_version)


def compare(old: Definition, new: Definition, between: Iterable[Definition] = ()) -> Difference:
    """Every change between two versions of one questionnaire. Raises ValueError for two questionnaires.

    Without the published versions `between` them a question that was renamed in one of those is taken for two, and
    what became of its meaning there is not known. Either of the two may be the later one.
    """
    if old.key != new.key:
        raise ValueError(f"{old.key} and {new.key} are two questionnaires, not two versions of one")
    way = sorted(between, key=lambda one: order_version(one.version))
    if order_version(old.version) > order_version(new.version):
        back = _trace([new, *way, old])
        trails = {trail.origin: dataclasses.replace(trail, origin=key) for key, trail in back.items()}
    else:
        trails = dict(_trace([old, *way, new]))
    comparison = _Comparison(old, new, trails)
    return Difference(old, new, tuple(comparison.run()), comparison.origins)


def trace_keys(versions: Sequence[Definition]) -> Mapping[str, str]:
    """By the keys of the last of these versions those of the same questions in the first one, the lowest version.

    A key that was gone in between stands for another question, unless a renaming says that it is the same.
    """
    return {key: trail.origin for key, trail in _trace(versions).items()}


@dataclass(frozen=True)
class _Trail:
    """A question of a first version on its way through later ones: as it was asked last, and what set it apart."""

    origin: str
    question: Question
    broken: frozenset[str] = frozenset()

    def go_on(self, question: Question) -> _Trail:
        """The same, asked once more."""
        broken = set(self.broken)
        if question.type != self.question.type:
            broken.add("type_changed")
        if question.meaning != self.question.meaning:
            broken.add("meaning_raised")
        return _Trail(self.origin, question, frozenset(broken))


def _trace(versions: Sequence[Definition]) -> Mapping[str, _Trail]:
    """The questions of the last version that the first one asked too, under whatever keys in between."""
    asked = {key: _Trail(key, question) for key, question in versions[0].questions.items()}
    names = {key: key for key in asked}  # every key that a question of the first version ever had
    latest = dict(asked)  # by the key in the first version
    for before, after in pairwise(versions):
        found = {key: asked[key].go_on(question) for key, question in after.questions.items() if key in asked}
        for one in after.renamed:
            is_new = one.to in after.questions and one.to not in before.questions and one.old not in after.questions
            origin = names.get(one.old)
            if origin is not None and is_new and all(trail.origin != origin for trail in found.values()):
                found[one.to] = latest[origin].go_on(after.questions[one.to])
        names = {key: origin for key, origin in names.items() if key not in after.questions}
        names |= {key: trail.origin for key, trail in found.items()}
        latest |= {trail.origin: trail for trail in found.values()}
        asked = found
    return asked


class _Comparison:
    def __init__(self, old: Definition, new: Definition, trails: Mapping[str, _Trail]) -> None:
        self.old = old
        self.new = new
        self.trails = trails
        self.origins = {key: trails[key].origin for key in new.questions if key in trails}
        self.forth = {old: new for new, old in self.origins.items() if new != old}
        self.kept = set(self.origins.values())

    def run(self) -> Iterator[Change]:
        yield from self._compare_header()
        yield from self._compare_named("tiers", self.old.tiers, self.new.tiers)
        yield from self._compare_named("pillars", self.old.pillars, self.new.pillars)
        yield from self._compare_sections()
        for question in self.new.questions.values():
            yield from self._compare_question(question)
        for key in self.old.questions:
            if key not in self.kept:
                yield Change(code=REMOVED, step="major", path=_find_path(self.old, key), question=key)
        yield from self._compare_checks()
        yield from self._compare_order()

    def _compare_header(self) -> Iterator[Change]:
        steps: Mapping[str, Step] = {"title": "patch", "description": "patch", "locale": "patch", "purpose": "major"}
        before, after = self.old.questionnaire, self.new.questionnaire
        for name, step in {**steps, "publisher": "major"}.items():
            if getattr(before, name) != getattr(after, name):
                yield _change(
                    "header_changed", step, f"questionnaire.{name}", getattr(before, name), getattr(after, name)
                )

    def _compare_named(self, place: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
        """Tiers and pillars: texts may change, a new one adds, one that is gone takes away."""
        kept = {one.key: one for one in before}
        code = place[:-1]
        for one in after:
            earlier = kept.pop(one.key, None)
            if earlier is None:
                yield _change(f"{code}_added", "minor", f"{place}.{one.key}", "", one.title)
            elif earlier != one:
                yield _change(f"{code}_reworded", "patch", f"{place}.{one.key}", earlier.title, one.title)
        for one in kept.values():
            yield _change(f"{code}_removed", "major", f"{place}.{one.key}", one.title, "")
        yield from _compare_places(place, before, after)

    def _compare_sections(self) -> Iterator[Change]:
        kept = {one.key: one for one in self.old.sections}
        for one in self.new.sections:
            earlier = kept.pop(one.key, None)
            path = f"sections.{one.key}"
            if earlier is None:
                yield _change("section_added", "patch", path, "", one.title)  # its questions are counted by themselves
                continue
            if (earlier.title, earlier.intro) != (one.title, one.intro):
                yield _change("section_reworded", "patch", path, earlier.title, one.title)
            if earlier.pillar != one.pillar:
                yield _change("section_moved", "minor", f"{path}.pillar", earlier.pillar or "", one.pillar or "")
        for one in kept.values():
            yield _change("section_removed", "patch", f"sections.{one.key}", one.title, "")

    def _compare_question(self, question: Question) -> Iterator[Change]:
        key, path = question.key, _find_path(self.new, question.key)
        old_key = self.origins.get(key)
        if old_key is None:
            yield Change(code="question_added", step="minor", path=path, question=key)
            return
        if old_key != key:
            yield Change(code="question_renamed", step="minor", path=path, question=key, old=old_key, new=key)
        for code, step, name, was, now in self._list_changes(self.old.questions[old_key], question):
            yield Change(code=code, step=step, path=f"{path}.{name}", question=key, old=was, new=now)

    def _list_changes(self, before: Question, after: Question) -> Iterator[tuple[str, Step, str, str, str]]:
        broken = self.trails[after.key].broken  # what changed and changed back has changed all the same
        is_moved = self._find_group(self.old, before) != self._find_group(self.new, after)
        if "type_changed" in broken or before.type != after.type or is_moved:
            yield "type_changed", "major", "type", before.type, after.type
            return
        if "meaning_raised" in broken or before.meaning != after.meaning:
            yield "meaning_raised", "major", "meaning", str(before.meaning), str(after.meaning)
        if before.unit != after.unit:
            yield "unit_changed", "major", "unit", before.unit or "", after.unit or ""
        if before.tier != after.tier:
            yield "tier_changed", "minor", "tier", before.tier, after.tier
        yield from self._compare_options(before, after)
        groups: tuple[tuple[str, Step, tuple[str, ...]], ...] = (
            ("limit_changed", "minor", LIMITS),
            ("rule_changed", "minor", RULES),
            ("condition_changed", "minor", ("enable_when",)),
            ("evidence_changed", "minor", ("evidence",)),
            ("use_changed", "minor", USES),
            ("reworded", "patch", WORDS),
            ("note_changed", "patch", NOTES),
        )
        for code, step, names in groups:
            for name in names:
                was, now = getattr(before, name), getattr(after, name)
                if self._rename(was) != now:
                    yield code, step, name, _spell(was), _spell(now)

    def _find_group(self, definition: Definition, question: Question) -> str | None:
        parent = definition.parents.get(question.key)
        if parent is None:
            return None
        return self.origins.get(parent.key, "") if definition is self.new else parent.key

    def _rename(self, value: Any) -> Any:
        """A condition of the old version with the keys of the new one: to follow a renaming is no change."""
        return rename_keys(value, self.forth) if self.forth else value

    def _compare_options(self, before: Question, after: Question) -> Iterator[tuple[str, Step, str, str, str]]:
        kept = {one.key: one for one in self.old.options(before)}
        options = self.new.options(after)
        if [one.key for one in options if one.key in kept] != [key for key in kept if key in {o.key for o in options}]:
            yield "options_reordered", "patch", "options", "", ""
        for one in options:
            earlier, name = kept.pop(one.key, None), f"options.{one.key}"
            if earlier is None:
                yield "option_added", "minor", name, "", one.title
            elif earlier.exclusive != one.exclusive:
                yield "option_changed", "minor", name, _spell(earlier.exclusive), _spell(one.exclusive)
            elif earlier != one:
                yield "option_reworded", "patch", name, earlier.title, one.title
        for one in kept.values():
            yield "option_removed", "major", f"options.{one.key}", one.title, ""

    def _compare_checks(self) -> Iterator[Change]:
        kept = {one.key: one for one in self.old.checks}
        for one in self.new.checks:
            earlier = kept.pop(one.key, None)
            path = f"checks.{one.key}"
            if earlier is None:
                yield _change("check_added", "minor", path, "", one.title)
            elif self._rename(earlier) != one:
                same = dataclasses.replace(self._rename(earlier), title=one.title) == one
                yield _change("check_reworded" if same else "check_changed", "patch" if same else "minor", path, "", "")
        for one in kept.values():
            yield _change("check_removed", "minor", f"checks.{one.key}", one.title, "")
        yield from _compare_places("checks", self.old.checks, self.new.checks)

    def _compare_order(self) -> Iterator[Change]:
        """Where questions that both have stand in another order or another section."""
        places = {key: section.key for key, section in self.new.sections_by_question.items()}
        before = {key: section.key for key, section in self.old.sections_by_question.items()}
        for key, place in places.items():
            old_place = before.get(self.origins.get(key, ""), place)
            if old_place != place:
                path = _find_path(self.new, key)
                pillars = (_find_pillar(self.old, old_place), _find_pillar(self.new, place))
                step: Step = "patch" if pillars[0] == pillars[1] else "minor"
                yield Change(code="question_moved", step=step, path=path, question=key, old=old_place, new=place)
        if list(self.origins.values()) != [key for key in self.old.questions if key in self.kept]:
            yield _change("questions_reordered", "patch", "sections", "", "")


def _compare_places(place: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    """Where what both have stands in another order."""
    old, new = [one.key for one in before], [one.key for one in after]
    if [key for key in old if key in new] != [key for key in new if key in old]:
        yield _change(f"{place}_reordered", "patch", place, "", "")


def _change(code: str, step: Step, path: str, old: str, new: str) -> Change:
    return Change(code=code, step=step, path=path, old=old, new=new)


def _find_path(definition: Definition, key: str) -> str:
    section, parent = definition.sections_by_question[key], definition.parents.get(key)
    inside = f"questions.{parent.key}.questions.{key}" if parent else f"questions.{key}"
    return f"sections.{section.key}.{inside}"


def _find_pillar(definition: Definition, section: str) -> str | None:
    return next((one.pillar for one in definition.sections if one.key == section), None)


def rename_keys(value: Any, forth: Mapping[str, str]) -> Any:
    """The same with other keys where a condition, a check or the age of an answer names a question."""
    if isinstance(value, Clause):
        return dataclasses.replace(value, q=forth.get(value.q, value.q))
    if isinstance(value, CheckRule):
        named = {name: getattr(value, name) for name in ("sum_rows", "value", "than")}
        moved = {name: forth.get(key, key) for name, key in named.items() if key is not None}
        return dataclasses.replace(value, sum=tuple(forth.get(key, key) for key in value.sum), **moved)
    if isinstance(value, Decay):
        return dataclasses.replace(value, date=forth.get(value.date, value.date))
    if isinstance(value, Condition | EvidenceRule | Check | QuestionScore):
        fields = [one.name for one in dataclasses.fields(value)]
        return dataclasses.replace(value, **{name: rename_keys(getattr(value, name), forth) for name in fields})
    if isinstance(value, tuple):
        return tuple(rename_keys(one, forth) for one in value)
    return value


def _spell(value: Any) -> str:
    """A value as the published document holds it, as text; nothing for none."""
    written = document.write_value(value)
    if written is None or isinstance(written, str):
        return written or ""
    return canonical.write_canonical(written).decode()
