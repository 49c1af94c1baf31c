"""Who may do what to which row, told once more and from owners alone: what the policies are held against."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.hostile.probes import Who

Row = Mapping[str, Any]
Test = Callable[[Row, Who], bool]


def owns(*columns: str) -> Test:
    """The party stands in one of the columns."""
    return lambda row, who: (
        who.organization is not None and str(who.organization) in {row[column] for column in columns}
    )


def is_user(column: str) -> Test:
    return lambda row, who: who.user is not None and row[column] == str(who.user)


def anybody(row: Row, who: Who) -> bool:
    return True


def nobody(row: Row, who: Who) -> bool:
    return False


def is_of_nobody(row: Row, who: Who) -> bool:
    return row["organization_id"] is None


def either(*tests: Test) -> Test:
    return lambda row, who: any(test(row, who) for test in tests)


OWN = {
    "site": "organization_id", "supplier_record": "buyer_id", "supplier_name_token": "buyer_id",
    "supplier_contact": "buyer_id", "supplier_import": "buyer_id", "assessment": "supplier_id", "answer": "supplier_id",
    "answer_write": "supplier_id", "submission": "supplier_id", "submission_section": "supplier_id",
    "submission_evidence": "supplier_id", "result": "supplier_id", "evidence": "supplier_id",
    "evidence_link": "supplier_id", "relationship_card": "buyer_id", "benchmark_choice": "organization_id",
    "partner_terms": "organization_id", "idempotency_key": "organization_id", "organization_role": "organization_id",
    "group_member": "organization_id", "member": "organization_id", "invitation": "organization_id",
    "api_key": "organization_id", "release_contributor": "supplier_id",
}  # fmt: skip
PUBLIC = ("release", "release_cell")
# Reached by named functions, by the worker or by nobody: no grant, so no policy to look at.
CLOSED = (
    "benchmark_partition", "benchmark_policy", "contribution", "credential_attempt", "mail", "password_reset",
    "registration", "release_ledger", "trusted_document",
)  # fmt: skip


def make_rules(facts: "Facts") -> dict[str, dict[str, Test]]:
    """For each table its tests by command; a command without one is for nobody."""
    rules: dict[str, dict[str, Test]] = {
        name: dict.fromkeys(("select", "insert", "update", "delete"), owns(column)) for name, column in OWN.items()
    }
    for name, test in facts.shared.items():
        rules[name] = {**rules[name], "select": either(rules[name]["select"], test)}
    rules |= {name: {"select": anybody} for name in PUBLIC} | {name: {} for name in CLOSED}
    published = either(facts.is_public, facts.owns_questionnaire)
    rules |= {name: {"select": published} for name in ("questionnaire", "questionnaire_version", "scoring_profile")}
    own_and_published = {"insert": lambda row, who: owns("supplier_id")(row, who) and published(row, who)}
    own_drafts = {"delete": lambda row, who: owns("supplier_id")(row, who) and row["state"] == "draft"}
    rules["assessment"] = {**rules["assessment"], **own_and_published, **own_drafts}
    rules |= {
        "audit_event": {"select": owns("organization_id"), "insert": either(owns("organization_id"), is_of_nobody)},
        "outbox": {"insert": lambda row, who: row["relayed_at"] is None},
        "organization": {"select": either(owns("id"), facts.is_related), "update": owns("id")},
        "corporate_group": {"select": facts.is_in_group},
        "user_account": {"select": either(is_user("id"), facts.is_colleague), "update": is_user("id")},
        "session": {"select": is_user("user_id")},
        "request": {
            "select": owns("buyer_id", "supplier_id"),
            "update": owns("buyer_id", "supplier_id"),
            "insert": lambda row, who: owns("buyer_id")(row, who) and row["assessment_id"] is None,
        },
        "share": {
            "select": either(owns("supplier_id"), facts.is_live_for),
            "insert": owns("supplier_id"),
            "update": owns("supplier_id"),
        },
        "read_receipt": {"select": owns("supplier_id"), "insert": owns("reader_id")},
    }
    return rules


class Facts:
    """What the house is known to have: who is linked, who shares what with whom, who works where."""

    def __init__(self, organizations: Mapping[str, str], colleagues: Mapping[str, set[str]], shares: list[Row]) -> None:
        self.organizations = organizations  # names by id
        self.colleagues = colleagues  # users by organization
        self.shares = shares  # the live ones, as rows
        self.shared: dict[str, Test] = {}
        self.groups: dict[str, set[str]] = {}
        self.questionnaires: dict[str, str | None] = {}

    def is_related(self, row: Row, who: Who) -> bool:
        """Every supplier of the house is linked with every buyer, and nobody with anybody else."""
        pair = {self.organizations[row["id"]][0], self.organizations.get(str(who.organization), "-")[0]}
        return pair == {"s", "b"}

    def is_colleague(self, row: Row, who: Who) -> bool:
        return row["id"] in self.colleagues.get(str(who.organization), set())

    def is_in_group(self, row: Row, who: Who) -> bool:
        return str(who.organization) in self.groups.get(row["id"], set())

    def is_public(self, row: Row, who: Who) -> bool:
        return self.questionnaires[row.get("key") or row["questionnaire"]] is None

    def owns_questionnaire(self, row: Row, who: Who) -> bool:
        return self.questionnaires[row.get("key") or row["questionnaire"]] == str(who.organization)

    def is_live_for(self, row: Row, who: Who) -> bool:
        return any(row["id"] == one["id"] for one in self._list_shares(who))

    def _list_shares(self, who: Who) -> list[Row]:
        return [one for one in self.shares if one["buyer_id"] == str(who.organization)]

    def covers(self, column: str, test: Callable[[Row, Row], bool] = lambda share, row: True) -> Test:
        """A live share of the very submission, as the house has no following ones."""
        return lambda row, who: any(
            share["submission_id"] == row[column] and test(share, row) for share in self._list_shares(who)
        )
