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
    "submission_evidence": "supplier_id", "submission_origin": "supplier_id", "result": "supplier_id",
    "result_section": "supplier_id",
    "evidence": "supplier_id", "evidence_link": "supplier_id", "relationship_card": "buyer_id",
    "benchmark_choice": "organization_id", "partner_terms": "organization_id", "idempotency_key": "organization_id",
    "organization_role": "organization_id", "group_member": "organization_id", "member": "organization_id",
    "invitation": "organization_id", "api_key": "organization_id", "release_contributor": "supplier_id",
    "publisher": "organization_id", "questionnaire_draft": "owner_id", "answer_comment": "supplier_id",
    "assignment": "supplier_id", "sign_off": "supplier_id", "answer_push": "supplier_id",
    "pushed_answer": "supplier_id", "discarded_assessment": "supplier_id",
    "supplier_tag": "buyer_id", "supplier_segment": "buyer_id",
    "campaign": "buyer_id", "campaign_record": "buyer_id", "campaign_act": "buyer_id",
    "cadence": "buyer_id", "cadence_plan": "buyer_id",
    "webhook_endpoint": "organization_id", "webhook_secret": "organization_id", "webhook_delivery": "organization_id",
    "sso_connection": "organization_id", "sso_domain": "organization_id",
    "assurance_summary": "supplier_id", "assurance_section": "supplier_id",
}  # fmt: skip
PUBLIC = ("release", "release_cell", "operator_limit")
# Reached by named functions, by the worker or by nobody: no grant, so no policy to look at.
CLOSED = (
    "audit_block", "benchmark_partition", "benchmark_policy", "contribution", "credential_attempt", "mail",
    "password_reset", "buyer_news", "evidence_reminder", "gap_reminder", "registration", "release_ledger", "reminder",
    "reminder_plan", "second_factor", "recovery_code", "email_change", "erasure", "farewell", "result_reminder",
    "trusted_document", "upload_part", "sso_identity", "sso_sign_in",
)  # fmt: skip


def make_rules(facts: "Facts") -> dict[str, dict[str, Test]]:
    """For each table its tests by command; a command without one is for nobody."""
    rules: dict[str, dict[str, Test]] = {
        name: dict.fromkeys(("select", "insert", "update", "delete"), owns(column)) for name, column in OWN.items()
    }
    for name, test in facts.shared.items():
        rules[name] = {**rules[name], "select": either(rules[name]["select"], test)}
    rules |= {name: {"select": anybody} for name in PUBLIC} | {name: {} for name in CLOSED}
    published, own = facts.sees_questionnaire, facts.owns_questionnaire
    rules |= {
        "questionnaire": {"select": published, "insert": facts.may_add_questionnaire, "update": own},
        "questionnaire_version": {
            "select": facts.sees_version,
            "insert": lambda row, who: own(row, who) and row["approval"] in (None, "asked"),
            "update": own,
        },
        "scoring_profile": {"select": facts.sees_version, "insert": own},
        "questionnaire_translation": {
            "select": lambda row, who: (
                published(row, who) and (row["approval"] in (None, "approved") or row["was_shown"] or own(row, who))
            )
        },
    }
    asks_published = {"insert": lambda row, who: owns("buyer_id")(row, who) and published(row, who)}
    rules["campaign"] = {**rules["campaign"], **asks_published}
    rules["cadence"] = {**rules["cadence"], **asks_published}
    own_and_published = {"insert": lambda row, who: owns("supplier_id")(row, who) and published(row, who)}
    own_drafts = {"delete": lambda row, who: owns("supplier_id")(row, who) and row["state"] == "draft"}
    rules["assessment"] = {**rules["assessment"], **own_and_published, **own_drafts}
    rules |= {
        "audit_event": {
            "select": owns("organization_id", "concerns_id"),
            "insert": either(owns("organization_id"), is_of_nobody),
        },
        "outbox": {"insert": lambda row, who: row["relayed_at"] is None},
        "organization": {"select": either(owns("id"), facts.is_related), "update": owns("id")},
        "corporate_group": {"select": facts.is_in_group},
        "user_account": {"select": either(is_user("id"), facts.is_colleague), "update": is_user("id")},
        "session": {"select": is_user("user_id")},
        "request": {
            "select": owns("buyer_id", "supplier_id"),
            "update": owns("buyer_id", "supplier_id"),
            "insert": lambda row, who: (
                owns("buyer_id")(row, who) and row["assessment_id"] is None and published(row, who)
            ),
        },
        "share": {
            "select": either(owns("supplier_id"), facts.is_live_for),
            "insert": lambda row, who: (
                owns("supplier_id")(row, who)
                and published(row, who)
                and facts.is_for(row, row["buyer_id"])
                and facts.organizations[row["buyer_id"]][0] == "b"
            ),
            "update": owns("supplier_id"),
        },
        "read_receipt": {"select": owns("supplier_id"), "insert": owns("reader_id")},
        "change": {"select": owns("organization_id")},
        "result_feedback": {
            "select": owns("buyer_id", "supplier_id"),
            "insert": lambda row, who: facts.says_to(row, who),
            "update": lambda row, who: facts.says_to(row, who),
        },
        "contact_suggestion": {
            "select": owns("buyer_id", "supplier_id"),
            "insert": lambda row, who: row["request_id"] is not None and owns("supplier_id")(row, who),
            "update": owns("buyer_id"),
        },
        "wrong_contact": {
            "select": is_user("user_id"),
            "insert": lambda row, who: owns("supplier_id")(row, who) and is_user("user_id")(row, who),
        },
        "access_request": {
            "select": owns("buyer_id", "supplier_id"),
            "insert": lambda row, who: owns("buyer_id")(row, who) and row["state"] == "open",
            "update": lambda row, who: owns("buyer_id", "supplier_id")(row, who) and row["state"] == "open",
        },
        "standing_rule": {
            "select": owns("supplier_id"),
            "insert": lambda row, who: owns("supplier_id")(row, who) and facts.are_linked(row, who),
            "update": owns("supplier_id"),
        },
        "redaction_request": {
            "select": owns("buyer_id", "supplier_id"),
            "insert": lambda row, who: (
                owns("buyer_id")(row, who) and facts.shared["evidence"]({"id": row["evidence_id"]}, who)
            ),
            "update": owns("supplier_id"),
        },
    }
    return open_to_glass(rules | make_review_rules(facts) | {"glass": {"select": owns("organization_id")}}, facts)


# What an operator's open view shows besides: by table the columns of whose organization it must be.
GLASS = {
    "organization": ("id",), "organization_role": ("organization_id",), "member": ("organization_id",),
    "request": ("buyer_id", "supplier_id"), "assessment": ("supplier_id",), "answer": ("supplier_id",),
    "submission": ("supplier_id",), "result": ("supplier_id",), "evidence": ("supplier_id",),
    "share": ("supplier_id",), "webhook_delivery": ("organization_id",),
}  # fmt: skip


def open_to_glass(rules: dict[str, dict[str, Test]], facts: "Facts") -> dict[str, dict[str, Test]]:
    def sees(*columns: str) -> Test:
        return lambda row, who: who.looks_into is not None and str(who.looks_into) in {row[one] for one in columns}

    opened = {name: sees(*columns) for name, columns in GLASS.items()}
    opened["user_account"] = lambda row, who: row["id"] in facts.colleagues.get(str(who.looks_into), set())
    for name, test in opened.items():
        rules[name] = {**rules[name], "select": either(rules[name]["select"], test)}
    return rules


def make_review_rules(facts: "Facts") -> dict[str, dict[str, Test]]:
    """Of what is said of a submission beside its result."""
    supplier, covers, section = owns("supplier_id"), facts.reads, facts.reads_section

    def asks(row: Row, who: Who) -> bool:
        asker = row["asker_id"] if "asker_id" in row else facts.askers[row["clarification_id"]]
        return asker == str(who.organization) and (section if "section" in row else covers)(row, who)

    def replies(row: Row, who: Who) -> bool:
        is_open = row["clarification_id"] in facts.open_rounds
        return supplier(row, who) and row["reply"] is None and is_open

    def states(row: Row, who: Who) -> bool:
        is_open = (section if "section" in row else covers)(row, who)
        return owns("reviewer_id")(row, who) and is_open and row["is_third_party"] == facts.is_engaged(row, who)

    def proposes(row: Row, who: Who) -> bool:
        if not owns("proposer_id")(row, who) or facts.organizations[row["reviewer_id"]] != "p1":
            return False
        is_agreed = row["consented_at"] is not None
        return is_agreed if supplier(row, who) else not is_agreed and covers(row, who)

    def comments(row: Row, who: Who) -> bool:
        dispute = facts.disputes[row["dispute_id"]]
        is_party = owns("supplier_id", "reviewer_id")(dispute, who)
        return owns("author_id")(row, who) and is_party and either(supplier, section)(dispute, who)

    def is_open(test: Test) -> Test:
        return lambda row, who: row["state"] == "open" and test(row, who)

    return {
        "engagement": {"select": owns("supplier_id", "reviewer_id", "proposer_id"), "insert": proposes},
        "assurance_statement": {"select": either(supplier, facts.reads_a_finding), "insert": states},
        "assurance_finding": {"select": either(supplier, section), "insert": states},
        "clarification": {
            "select": either(supplier, asks),
            "insert": asks,
            "update": is_open(either(supplier, asks)),
        },
        "clarification_item": {"select": either(supplier, asks), "insert": asks, "update": replies},
        "dispute": {
            "select": either(supplier, section),
            "insert": supplier,
            "update": is_open(either(supplier, lambda row, who: owns("reviewer_id")(row, who) and section(row, who))),
        },
        "dispute_comment": {
            "select": lambda row, who: either(supplier, section)(facts.disputes[row["dispute_id"]], who),
            "insert": comments,
        },
    }


class Facts:
    """What the house is known to have: who is linked, who shares what with whom, who works where."""

    def __init__(self, organizations: Mapping[str, str], colleagues: Mapping[str, set[str]], shares: list[Row]) -> None:
        self.organizations = organizations  # names by id
        self.colleagues = colleagues  # users by organization
        self.shares = shares  # the live ones, as rows
        self.shared: dict[str, Test] = {}
        self.askers: dict[str, str] = {}  # by clarification
        self.open_rounds: set[str] = set()  # clarifications
        self.disputes: dict[str, Row] = {}
        self.findings: list[Row] = []
        self.groups: dict[str, set[str]] = {}
        self.questionnaires: dict[str, Row] = {}
        self.versions: dict[tuple[str, str], Row] = {}
        self.publishers: dict[str, str] = {}  # names by organization
        self.asked: set[tuple[str, str]] = set()  # questionnaires with the suppliers that were asked, or answer them
        self.answered: set[tuple[str, str | None, str]] = set()  # the same with the version, of those who answer

    def is_related(self, row: Row, who: Who) -> bool:
        """Every supplier is linked with every buyer; the first ones engaged the partner; nobody else is linked."""
        names = {self.organizations[row["id"]], self.organizations.get(str(who.organization), "-")}
        return {name[0] for name in names} == {"s", "b"} or names in ({"s1", "p1"}, {"b1", "p1"})

    def reads(self, row: Row, who: Who) -> bool:
        return self.covers("submission_id")(row, who)

    def reads_section(self, row: Row, who: Who) -> bool:
        return self.covers("submission_id", lambda share, one: one["section"] in share["sections"])(row, who)

    def reads_a_finding(self, row: Row, who: Who) -> bool:
        return any(self.reads_section(one, who) for one in self.findings if one["statement_id"] == row["id"])

    def is_engaged(self, row: Row, who: Who) -> bool:
        return self.covers("submission_id", lambda share, one: bool(share["sections_only"]))(row, who)

    def are_linked(self, row: Row, who: Who) -> bool:
        return self.organizations.get(row["buyer_id"], "-")[0] == "b" and self.is_related({"id": row["buyer_id"]}, who)

    def is_colleague(self, row: Row, who: Who) -> bool:
        return row["id"] in self.colleagues.get(str(who.organization), set())

    def is_in_group(self, row: Row, who: Who) -> bool:
        return str(who.organization) in self.groups.get(row["id"], set())

    def find_questionnaire(self, row: Row) -> Row:
        return self.questionnaires[row.get("key") or row["questionnaire"]]

    def owns_questionnaire(self, row: Row, who: Who) -> bool:
        return self.find_questionnaire(row)["owner_id"] == str(who.organization)

    def was_asked(self, row: Row, who: Who) -> bool:
        return (self.find_questionnaire(row)["key"], str(who.organization)) in self.asked

    def sees_questionnaire(self, row: Row, who: Who) -> bool:
        """What is public, one's own, what one is or was asked for, and of a buyer of the house what it connects."""
        found = self.find_questionnaire(row)
        is_supplier = self.organizations.get(str(who.organization), "-")[0] == "s"
        return (
            found["visibility"] == "public"
            or (found["visibility"] == "connected" and is_supplier)
            or self.owns_questionnaire(row, who)
            or self.was_asked(row, who)
        )

    def sees_version(self, row: Row, who: Who) -> bool:
        found = self.find_questionnaire(row)
        waits = found["owner_id"] is not None and found["visibility"] == "public"
        approved = self.versions[row["questionnaire"], row["version"]]["approval"] == "approved"
        answered = (row["questionnaire"], row["version"], str(who.organization)) in self.answered
        named = self.owns_questionnaire(row, who) or answered
        return self.sees_questionnaire(row, who) and (approved or named or not waits)

    def may_add_questionnaire(self, row: Row, who: Who) -> bool:
        name = self.publishers.get(str(who.organization))
        is_named = name is not None and row["key"].startswith(f"{name}--")
        return row["owner_id"] == str(who.organization) and is_named and row["visibility"] != "public"

    def is_for(self, row: Row, buyer: str) -> bool:
        found = self.find_questionnaire(row)
        return found["visibility"] == "public" or found["owner_id"] == buyer

    def is_live_for(self, row: Row, who: Who) -> bool:
        return any(row["id"] == one["id"] for one in self._list_shares(who))

    def _list_shares(self, who: Who) -> list[Row]:
        return [one for one in self.shares if one["buyer_id"] == str(who.organization)]

    def says_to(self, row: Row, who: Who) -> bool:
        """A buyer to a submission that is shared with it."""
        return row["buyer_id"] == str(who.organization) and any(
            share["submission_id"] == row["submission_id"] for share in self._list_shares(who)
        )

    def covers(self, column: str, test: Callable[[Row, Row], bool] = lambda share, row: True) -> Test:
        """A live share of the very submission, as the house has no following ones."""
        return lambda row, who: any(
            share["submission_id"] == row[column] and test(share, row) for share in self._list_shares(who)
        )
