"""Modules whose tests take seconds together: they run in `make test`, and keep `make check` under its three minutes.

Measured with `--durations=0`; single tests that take long by themselves have the mark `slow` where they stand.
"""

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
LONG = frozenset(
    f"{room}/test_{name}.py"
    for room, names in {
        "graphql_schema": "benchmark benchmark_buyers benchmark_partners benchmark_reads file_routes letter_answers",
        "graphql_schema/assessments": "bounds burden cadences campaigns corrections early_periods forms origins"
        " renewals skipped_versions spoken_changes teamwork upgrades",
        "graphql_schema/authoring": "drafts extras names translations visibility",
        "graphql_schema/identity": "account api_key organization sso sso_attacks",
        "graphql_schema/sharing": "access_requests changes gaps glass reading receipts rescored share standing_rules"
        " summaries suspension turns validity webhook_endpoints webhook_tries webhooks withdrawals",
        "graphql_schema/suppliers": "invitations",
        "portal/assessments": "answers_model personal_hints publishing requests rescoring submissions",
        "portal/benchmarks": "corrections indicators parts releases schedule traps",
        "portal/delivery": "author_letters reminders",
        "portal/delivery/webhooks": "guard",
        "portal/demo": "like_the_service",
        "portal/directory/lists": "real_lists",
        "portal/reading": "suppliers",
        "questionnaires": "assurance_rules compiled content diligence javascript own_files translation workbook",
    }.items()
    for name in names.split()
)


FIRST = (
    "hostile/tenants/test_tenants.py",
    "bench/test_bench.py",
    "hostile/test_isolation.py",
    "portal/commands/test_processes.py",
    "hostile/disclosure/test_eight_quarters.py",
    "hostile/test_database_walls.py",
    "questionnaires/test_hostile.py",
    "portal/demo/test_command.py",
    "portal/demo/test_data.py",
    "hostile/test_requests.py",
    "portal/commands/test_command_line.py",
    "portal/database/test_embedded_kills.py",
    "hostile/test_audit_acts.py",
    "bad_input/test_bad_input.py",
)
"""What one process runs for long begins first, however few its tests: at the end others would have nothing to do."""


@cache
def find_turn(path: Path) -> int:
    """When a module's turn comes; all others keep their order."""
    named = path.relative_to(HERE).as_posix() if path.is_relative_to(HERE) else ""
    return FIRST.index(named) if named in FIRST else len(FIRST)


@cache
def is_long(path: Path) -> bool:
    """Whether a module is one of them."""
    return path.is_relative_to(HERE) and path.relative_to(HERE).as_posix() in LONG
