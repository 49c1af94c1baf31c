"""Files and documents made to fill the memory, to hang, or to be read as something else; each with its refusal.

Run as a program it reads one document under a limit of memory: python -m tests.questionnaires.hostile NAME
"""

import json
import resource
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from questionnaires import reading
from questionnaires.faults import ReadingError
from tests.questionnaires import samples

MEMORY = 1 << 30
Make = Callable[[], str | bytes]


def limit_memory() -> None:
    """From now on this process gets no more than MEMORY bytes of address space."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def put(before: str, after: str, text: str = samples.QUESTIONNAIRE) -> str:
    """The sample with one part replaced."""
    assert before in text, before
    return text.replace(before, after, 1)


def title(written: str) -> str:
    """The sample under a title as it is written in YAML."""
    return put("title: Sample", f"title: {written}")


def limits(written: str) -> str:
    return put("max: 9000", f"max: {written}")


def ask(questions: str) -> str:
    """The sample with other questions in its first section, in flow style."""
    head, tail = samples.QUESTIONNAIRE.split("  - key: facts")[0], "  - {key: facts, title: Facts, questions: ["
    return f"{head}{tail}{questions}]}}\n"


def number_questions(count: int, start: int = 0) -> str:
    return ",".join(
        f"{{key: q_{i}, type: boolean, tier: micro, kind: fact, title: T, why: W}}" for i in range(start, start + count)
    )


def chain(questions: int, *, clauses: int = 2) -> str:
    """Each question hangs on the one before, several times over."""
    asked = [number_questions(1)]
    for i in range(1, questions):
        gate = ",".join([f"{{q: q_{i - 1}, op: eq, value: true}}"] * clauses)
        asked.append(f"{number_questions(1, i)[:-1]}, enable_when: {{all: [{gate}]}}}}")
    return ask(",".join(asked))


def laugh() -> str:
    """The billion laughs: ten of ten of ten, nine times over, in less than a thousand characters."""
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    return "\n".join(lines)


def write_options(count: int) -> str:
    return ", ".join(f"{{key: o{i}, title: Option {i}}}" for i in range(count))


WASTE = "options: [{key: paper, title: Paper}, {key: metal, title: Metal}, {key: none, title: None, exclusive: true}]"
CONDITION = "enable_when: {all: [{q: headcount, op: gte, value: 2}]}"
NOT_A_FORM = "in a form that readers disagree on; allowed: 12, -3 or 0.5"
TOO_MANY = "more than 60000 keys and values"

# What is written where the questionnaire sample 1.0.0 belongs, and a part of what is told.
QUESTIONNAIRES: dict[str, tuple[Make, str]] = {
    # Size.
    "a million questions": (lambda: ask(number_questions(1_000_000)), "the file has more than 4000000 bytes"),
    "150,000 empty questions": (lambda: ask("{}," * 150_000), TOO_MANY),
    "200,000 empty lists": (lambda: "a: [" + "[]," * 200_000 + "]", TOO_MANY),
    "400,000 values": (lambda: "a: [" + "a," * 400_000 + "]", TOO_MANY),
    "80,000 keys": (lambda: "".join(f"k{i}: v\n" for i in range(80_000)), TOO_MANY),
    "200,000 documents": (lambda: "---\n" * 200_000, TOO_MANY),
    "114,000 empty questions": (
        lambda: put("sections:", "sections:\n" + ("  - {questions: [" + "{}," * 1_900 + "]}\n") * 60), TOO_MANY,
    ),
    "2,700 questions": (
        lambda: put("sections:", "sections:\n" + "".join(
            f"  - {{key: s_{i}, title: S, questions: [{number_questions(900, 900 * i)}]}}\n" for i in range(3)
        )),
        "sections: 2712 questions; allowed: at most 2000",
    ),
    "1,999 faulty questions": (lambda: ask("{}," * 1_999), "more than 1000 errors; the others are not listed"),
    "a million options": (lambda: put(WASTE, f"options: [{write_options(1_000_000)}]"), "more than 4000000 bytes"),
    "200,000 empty options": (lambda: put(WASTE, "options: [" + "{}," * 200_000 + "]"), TOO_MANY),
    "2,001 options": (
        lambda: put(WASTE, f"options: [{write_options(2_001)}]"),
        "question waste: options: 2001 entries; allowed: at most 2000",
    ),
    "2,001 option sets": (
        lambda: put("option_sets:\n", "option_sets:\n" + "".join(f"  s{i}: []\n" for i in range(2_001))),
        "option_sets: 2002 entries; allowed: at most 2000",
    ),
    "3,000 clauses": (
        lambda: put(CONDITION, "enable_when: {all: [" + "{q: headcount, op: gte, value: 2}," * 3_000 + "]}"),
        "question fees_repaid: all: 3000 entries; allowed: at most 2000",
    ),
    "3,000 values in a clause": (
        lambda: put(CONDITION, "enable_when: {all: [{q: headcount, op: in, value: [" + "2," * 3_000 + "]}]}"),
        "question fees_repaid: value: 3000 entries; allowed: at most 2000",
    ),
    "a text of 10 MB": (lambda: title("x" * 10_000_000), "the file has more than 4000000 bytes"),
    "a text of 3 MB": (lambda: title("x" * 3_000_000), "characters; allowed: at most 1000000"),
    "a text of 0.9 MB": (lambda: title("x" * 900_000), "allowed: a text of 1 to 20000 characters"),
    "a text of 400,000 lines": (lambda: title('"' + "x\n" * 400_000 + '"'), "allowed: a text of 1 to 20000 characters"),
    "a text of 200,000 escapes": (lambda: title('"' + "\\x41" * 200_000 + '"'), "allowed: a text of 1 to 20000"),
    "0.9 MB of comments": (lambda: "#\n" * 450_000, '"questionnaire" is missing'),
    "0.9 MB of empty lines": (lambda: "\n" * 900_000 + "a: [", "not YAML in line 900001"),
    "900,000 lines of Windows": (lambda: "\r\n" * 900_000 + "a: [", "not YAML in line 900001"),
    "a questionnaire's key of 0.9 MB": (lambda: put("key: sample", f"key: {'x' * 900_000}"), 'key: "xxxx'),
    "a section's key of 0.7 MB with many faults": (
        lambda: put("key: facts", f"key: {'x' * 700_000}", ask("{}," * 1_999)),
        "more than 1000 errors; the others are not listed",
    ),
    "a key of 0.9 MB": (lambda: "? " + "x" * 900_000 + "\n: 1\n" + samples.QUESTIONNAIRE, 'unknown key "xxxx'),
    "25,000 unknown keys": (
        lambda: samples.QUESTIONNAIRE + "".join(f"k{i}: 1\n" for i in range(25_000)),
        "more than 1000 errors; the others are not listed",
    ),
    "the same key 25,000 times": (
        lambda: "a: 1\n" * 25_000, "more than 1000 errors; the others are not listed",
    ),
    # Nesting.
    "900,000 lists inside each other": (lambda: "a: " + "[" * 900_000, "nested deeper than 20 levels in line 1"),
    "200,000 mappings inside each other": (lambda: "{a: " * 200_000, "nested deeper than 20 levels in line 1"),
    "400,000 rows inside each other": (lambda: "- " * 400_000, "nested deeper than 20 levels in line 1"),
    "400,000 keys inside each other": (lambda: "? " * 400_000, "nested deeper than 20 levels in line 1"),
    "a thousand levels of indentation": (
        lambda: "\n".join(" " * i + "a:" for i in range(1_000)), "nested deeper than 20 levels in line 23",
    ),
    "groups inside groups": (
        lambda: ask("{key: g, type: group, questions: [" * 400 + "]}" * 400), "nested deeper than 20 levels",
    ),
    # What stands for something else.
    "a billion laughs": (laugh, "anchor &a9 in line 10; allowed: no anchors, write the value out"),
    "one long text a hundred thousand times": (
        lambda: f"a: &a {'x' * 100_000}\nb: [" + "*a," * 100_000 + "]",
        "more than 1000 errors; the others are not listed",
    ),
    "a list that contains itself": (lambda: "a: &a [*a]", "alias *a in line 1; allowed: no aliases"),
    "an alias of nothing": (lambda: "a: *nothing", "alias *nothing in line 1"),
    "a merge key": (lambda: put("key: sample", "<<: {key: other}\n  key: sample"), "merge key <<; allowed: no merging"),
    "a merge of an alias": (lambda: "a: &a {b: 1}\nc: {<<: *a}", "alias *a in line 2"),
    "a command of Python": (
        lambda: title("!!python/object/apply:os.system [echo]"),
        "tag python/object/apply:os.system in line 9; allowed: no tags",
    ),
    "a file to include": (lambda: title("!include /etc/passwd"), "tag !include in line 9; allowed: no tags"),
    "a set": (lambda: title("!!set {a, b}"), "tag set in line 9; allowed: no tags"),
    "bytes": (lambda: title("!!binary aGVsbG8="), "tag binary in line 9; allowed: no tags"),
    "a version of YAML": (lambda: "%YAML 1.1\n---\n" + samples.QUESTIONNAIRE, "directive in line 1; allowed: none"),
    "a tag of its own": (lambda: "%TAG ! tag:x,2026:\n--- !x\na: 1", "directive in line 1; allowed: none"),
    "a second document": (lambda: samples.QUESTIONNAIRE + "---\na: 1\n", "found another document"),
    "a duplicate key": (lambda: title("Sample\n  title: Other"), 'line 10: key "title" stands twice; allowed: once'),
    # Conditions.
    "two conditions in a circle": (
        lambda: ask(
            "{key: a1, type: boolean, tier: micro, kind: fact, title: T, why: W, "
            "enable_when: {all: [{q: b1, op: eq, value: true}]}},"
            "{key: b1, type: boolean, tier: micro, kind: fact, title: T, why: W, "
            "enable_when: {all: [{q: a1, op: eq, value: true}]}}"
        ),
        'question a1: enable_when: "b1" comes later or is inside a group',
    ),
    "a condition on itself": (
        lambda: put(CONDITION, "enable_when: {all: [{q: fees_repaid, op: eq, value: 'yes'}]}"),
        'question fees_repaid: enable_when: "fees_repaid" comes later or is inside a group',
    ),
    "a circle of 1,900 conditions": (
        lambda: put(
            "key: q_0, type: boolean",
            "key: q_0, enable_when: {all: [{q: q_1899, op: eq, value: true}]}, type: boolean",
            chain(1_900),
        ),
        'question q_0: enable_when: "q_1899" comes later or is inside a group',
    ),
    # Numbers.
    "an exponent": (lambda: limits("1e400"), f"number 1e400 {NOT_A_FORM}"),
    "an exponent of a billion": (lambda: limits("1.0e+999999999"), f"number 1.0e+999999999 {NOT_A_FORM}"),
    "a small exponent": (lambda: limits("1.0e-999999999"), f"number 1.0e-999999999 {NOT_A_FORM}"),
    "900,000 digits": (lambda: limits("9" * 900_000), f"number {'9' * 40} {NOT_A_FORM}"),
    "900,000 decimals": (lambda: limits("0." + "3" * 900_000), f"number 0.{'3' * 38} {NOT_A_FORM}"),
    "900,000 digits as a text": (
        lambda: limits('"' + "9" * 900_000 + '"'), "allowed: a number such as 12 or 0.5",
    ),
    "31 digits": (lambda: limits("9" * 31), f"number {'9' * 31} {NOT_A_FORM}"),
    "an octal number": (lambda: limits("0o17"), f"number 0o17 {NOT_A_FORM}"),
    "a hexadecimal number": (lambda: limits("0xFF"), f"number 0xFF {NOT_A_FORM}"),
    "underlines": (lambda: limits("9" + "_0" * 400_000), NOT_A_FORM),
    "endless": (lambda: limits(".inf"), f"number .inf {NOT_A_FORM}"),
    "not a number": (lambda: limits(".nan"), f"number .nan {NOT_A_FORM}"),
    "base sixty": (lambda: limits("1" + ":10" * 100_000), "allowed: a number such as 12 or 0.5"),
    "a meaning of many digits": (
        lambda: put("concept: workforce", f"meaning: {'9' * 29}, concept: workforce"),
        "allowed: a whole number from 0 to 1000000000",
    ),
    # Characters.
    "a text that reads backwards": (lambda: title('"Sam\\u202Eelp"'), "title: hidden characters U+202E"),
    "isolates": (lambda: title('"Sam\u2066ple\u2069"'), "title: hidden characters U+2066, U+2069"),
    "characters of tags": (lambda: title('"Sample\U000e0041"'), "title: hidden characters U+E0041"),
    "a letter that fills a place": (lambda: title('"Sample\u3164"'), "title: hidden characters U+3164"),
    "a NUL": (lambda: title("Sam\x00ple"), "not YAML in line 9: character U+0000; allowed: readable text"),
    "a NUL by escape": (lambda: title('"Sam\\0ple"'), "characters that cannot be stored"),
    "a half of a pair by escape": (lambda: title('"Sam\\ud800ple"'), "characters that cannot be stored"),
    "a half of a pair in bytes": (
        lambda: title("Sam").encode().replace(b"Sam", b"Sam\xed\xa0\x80", 1), "is not UTF-8; allowed: text in UTF-8",
    ),
    "a command for the terminal": (lambda: title('"\\e[2J"'), r"\x1b[2J"),
    "16 bits a character": (lambda: samples.QUESTIONNAIRE.encode("utf-16"), "byte 0 is not UTF-8"),
    "an overlong slash": (lambda: b"a: \xc0\xaf", "byte 3 is not UTF-8"),
    "only NULs": (lambda: b"\x00" * 1_000_000, "not YAML"),
    "compressed": (lambda: b"\x1f\x8b\x08\x00" + b"\xff" * 5_000, "byte 1 is not UTF-8"),
    "a workbook": (lambda: b"PK\x03\x04" + b"\x90" * 5_000, "is not UTF-8"),
    # Texts that make a slow pattern slow.
    "a concept without end": (
        lambda: put("workforce.headcount", "a." * 9_000 + "!"), 'question headcount: concept: "a.a.a.',
    ),
    "a key without end": (lambda: put("key: temporary", "key: " + "a_" * 9_000 + "!"), 'key: "a_a_a_'),
    "a version without end": (lambda: put("version: 1.0.0", "version: " + "1." * 9_000), 'version: "1.1.1.'),
    "a language without end": (lambda: put("locale: en", "locale: en" + "-Latn" * 4_000), 'locale: "en-Latn-Latn'),
}  # fmt: skip

POINTS = "points: {true: 0, false: 100}"

# What is written where profile 1 of the sample belongs, beside a questionnaire that is clean.
PROFILES: dict[str, tuple[Make, str]] = {
    "a million questions": (
        lambda: samples.PROFILE.split("questions:")[0] + "questions:\n"
        + "".join(f"  q_{i}: {{weight: 1}}\n" for i in range(1_000_000)),
        "the file has more than 4000000 bytes",
    ),
    "2,001 questions": (
        lambda: put("questions:", "questions:\n" + "\n".join(f"  q_{i}: {{}}" for i in range(2_001)), samples.PROFILE),
        "questions: 2005 entries; allowed: at most 2000",
    ),
    "20,000 points": (
        lambda: put(POINTS, "points: {" + ",".join(f"o{i}: 1" for i in range(20_000)) + "}", samples.PROFILE),
        "question exits_locked: points: 20000 entries; allowed: at most 2000",
    ),
    "100,000 points": (
        lambda: put(POINTS, "points: {" + ",".join(f"{i}: 1" for i in range(100_000)) + "}", samples.PROFILE), TOO_MANY,
    ),
    "1,999 unknown options": (
        lambda: put(POINTS, "points: {" + ",".join(f"o{i}: 1" for i in range(1_999)) + "}", samples.PROFILE),
        "more than 1000 errors; the others are not listed",
    ),
    "a weight of 900,000 digits": (
        lambda: put("weight: 3", "weight: " + "9" * 900_000, samples.PROFILE), NOT_A_FORM,
    ),
    "a weight with an exponent": (lambda: put("weight: 3", "weight: 1e99999999", samples.PROFILE), NOT_A_FORM),
    "a weight that is endless": (lambda: put("weight: 3", "weight: .inf", samples.PROFILE), NOT_A_FORM),
    "3,000 critical rules": (
        lambda: put("critical:\n", "critical:\n" + "  - {}\n" * 3_000, samples.PROFILE),
        "critical: 3002 entries; allowed: at most 2000",
    ),
    "a billion laughs": (laugh, "anchor &a9 in line 10; allowed: no anchors"),
    "a number of a profile of many digits": (
        lambda: put("number: 1", "number: " + "1" * 29, samples.PROFILE),
        "allowed: a whole number from 0 to 1000000000",
    ),
}  # fmt: skip


def _change(path: str, value: Any) -> dict[str, Any]:
    """The sample's document with another value at a path such as sections.0.title."""
    raw: Any = samples.make_document()
    *above, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner = raw
    for step in above:
        inner = inner[step]
    inner[last] = value
    whole: dict[str, Any] = raw
    return whole


def _nest(levels: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(levels):
        inner = [inner]
    return inner


def _loop() -> list[Any]:
    inner: list[Any] = []
    inner.append({"questions": inner})
    return inner


MIN = "sections.0.questions.0.min"

# What is not from a file: parsed JSON, or whatever another program hands over.
DOCUMENTS: dict[str, tuple[Callable[[], object], str]] = {
    "a million questions": (
        lambda: _change("sections.0.questions", [{"key": f"q_{i}"} for i in range(1_000_000)]),
        "sample 1.0.0: more than 100000 values; allowed: at most 100000",
    ),
    "50,000 sections": (lambda: _change("sections", [{}] * 50_000), "sections: 50000 entries; allowed: at most 2000"),
    "sections of many questions": (
        lambda: _change("sections", [{"questions": [{"key": "a"}] * 2_000}] * 2_000),
        "more than 100000 values; allowed: at most 100000",
    ),
    "30,000 options": (
        lambda: _change("sections.2.questions.1.options", [{"key": "a", "title": "A"}] * 30_000),
        "question waste: options: 30000 entries; allowed: at most 2000",
    ),
    "a million unknown keys": (
        lambda: samples.make_document() | dict.fromkeys(map(str, range(1_000_000))),
        "more than 100000 values",
    ),
    "25,000 unknown keys": (
        lambda: samples.make_document() | dict.fromkeys(map(str, range(90_000))),
        "more than 1000 errors; the others are not listed",
    ),
    "a text of 10 MB": (lambda: _change("sections.0.title", "x" * 10_000_000), "allowed: a text of 1 to 20000"),
    "a key of 10 MB": (lambda: samples.make_document() | {"x" * 10_000_000: 1}, 'unknown key "xxxx'),
    "a key of a section of 10 MB": (lambda: _change("sections.0.key", "x" * 10_000_000), 'key: "xxxx'),
    "a name that is a mapping": (
        lambda: _change("questionnaire.key", dict.fromkeys(range(90_000))), "? 1.0.0: key: a mapping is not allowed",
    ),
    "lists inside each other": (lambda: _change("sections", _nest(90_000)), "a list is not allowed"),
    "a list that contains itself": (lambda: _change("sections", _loop()), "more than 100000 values"),
    "a million digits": (lambda: _change(MIN, 1 << 3_400_000), "min: a number of more than 30 digits"),
    "a million digits as a text": (lambda: _change(MIN, "9" * 1_000_000), "allowed: a number such as 12 or 0.5"),
    "a large exponent": (lambda: _change(MIN, Decimal("1E+999999999")), "allowed: a number such as 12 or 0.5"),
    "a small exponent": (lambda: _change(MIN, Decimal("1E-999999999")), "allowed: a number such as 12 or 0.5"),
    "not a number": (lambda: _change(MIN, Decimal("sNaN")), "allowed: a number such as 12 or 0.5"),
    "an endless float": (lambda: _change(MIN, float("inf")), 'min: "inf" is not allowed'),
    "bytes": (lambda: _change("sections.0.title", b"Facts"), "title: \"b'Facts'\" is not allowed"),
    "a half of a pair": (lambda: _change("sections.0.title", "Fa\udc00cts"), "characters that cannot be stored"),
    "nothing": (lambda: None, "nothing is not allowed; allowed: a mapping with format"),
}  # fmt: skip


def list_faults(document: object) -> list[str]:
    try:
        reading.definition_from_document(document)
    except ReadingError as refused:
        return [str(fault) for fault in refused.faults]
    return []


def main() -> None:
    """Print what is wrong with the document that the command line names."""
    limit_memory()
    print(json.dumps(list_faults(DOCUMENTS[sys.argv[1]][0]())))


if __name__ == "__main__":
    main()
