"""Modules whose tests take seconds together: they run in `make test`, and keep `make check` under its three minutes.

Measured with `--durations=0`; single tests that take long by themselves have the mark `slow` where they stand.
"""

from pathlib import Path

HERE = Path(__file__).parent
LONG = frozenset(
    f"{room}/test_{name}.py"
    for room, names in {
        "graphql_schema": "file_routes",
        "graphql_schema/assessments": "bounds campaigns early_periods renewals skipped_versions spoken_changes"
        " teamwork upgrades",
        "graphql_schema/authoring": "drafts names translations visibility",
        "graphql_schema/identity": "account api_key organization",
        "graphql_schema/sharing": "access_requests changes receipts rescored share summaries suspension turns",
        "graphql_schema/suppliers": "invitations",
        "portal/assessments": "answers_model personal_hints publishing requests rescoring submissions",
        "portal/benchmarks": "releases traps",
        "portal/delivery": "reminders",
        "portal/demo": "like_the_service",
        "portal/directory/lists": "real_lists",
        "portal/reading": "suppliers",
        "questionnaires": "assurance_rules compiled content diligence javascript translation workbook",
    }.items()
    for name in names.split()
)


def is_long(path: Path) -> bool:
    """Whether a module is one of them."""
    return path.is_relative_to(HERE) and path.relative_to(HERE).as_posix() in LONG
