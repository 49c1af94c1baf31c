"""What reviewers stated of answers, beside the result: levels, gaps, shares of points, and what is disputed of it."""

import enum
from datetime import date, datetime
from decimal import Decimal

import strawberry

from graphql_schema import nodes, rules
from graphql_schema.other_organization import OtherOrganization
from portal import access
from portal.reading.assurance import DISPUTE_TAG, STATEMENT_TAG

STATEMENT = nodes.NodeKind(STATEMENT_TAG, "AssuranceStatement", access.ENGAGED)
DISPUTE = nodes.NodeKind(DISPUTE_TAG, "Dispute", access.ENGAGED)


@strawberry.enum(description="How an answer stands, from a mere claim to what somebody looked into.")
class AssuranceLevel(enum.Enum):
    DECLARED = strawberry.enum_value(
        "declared", description="Said by the supplier alone. A statement of this level takes back an earlier one."
    )
    DOCUMENTED = strawberry.enum_value("documented", description="Documents behind it show it.")
    VERIFIED = strawberry.enum_value("verified", description="Found to be so, by more than its documents.")
    CONTRADICTED = strawberry.enum_value("contradicted", description="Found not to be so.")


@strawberry.enum(description="What a reviewer makes of a document.")
class DocumentVerdict(enum.Enum):
    ACCEPTED = strawberry.enum_value("accepted", description="The finding rests on it.")
    CONTRADICTED = strawberry.enum_value("contradicted", description="What it says does not hold.")


@strawberry.enum(description="What became of a dispute.")
class DisputeState(enum.Enum):
    OPEN = strawberry.enum_value("open", description="The reviewer has not answered.")
    UPHELD = strawberry.enum_value("upheld", description="The reviewer stated the same level again.")
    CHANGED = strawberry.enum_value("changed", description="The reviewer stated another level.")
    WITHDRAWN = strawberry.enum_value("withdrawn", description="The supplier let it go, or `closedBecause`.")


@strawberry.enum(description="Why questions, a dispute or a review are over that no party ended.")
class ReviewEnd(enum.Enum):
    ORGANIZATION_CLOSED = strawberry.enum_value(
        "organization_closed", description="One of the organizations was closed: nobody is left to answer."
    )


@strawberry.enum(description="Which side of a dispute speaks.")
class DisputeSide(enum.Enum):
    SUPPLIER = strawberry.enum_value("supplier", description="The supplier.")
    REVIEWER = strawberry.enum_value("reviewer", description="The reviewer whose statement it is.")


@rules.type(
    rules.AS_PARENT,
    description="The shares of the earned points by standing, in percent of 0 to 100 that add up to 100 (0 each where"
    " no points were earned). The newest statement of each reviewer counts, and none is averaged: a contradiction is"
    " not outvoted, and what rests on a document that has expired is declared again. The score never depends on it.",
)
class AssuranceSummary:
    since: date = rules.field(description="The day from which it is so, in UTC.")
    declared: Decimal = rules.field(description="Percent of points that are only declared.")
    documented: Decimal = rules.field(description="Percent of points that are documented.")
    verified: Decimal = rules.field(description="Percent of points that are verified.")
    contradicted: Decimal = rules.field(description="Percent of points that are contradicted.")
    conflicts: int = rules.field(
        description="On how many answers reviewers disagree: one contradicts what another documented or verified."
    )
    profile_number: int = rules.field(description="The scoring profile whose points these are.")


@rules.type(rules.AS_PARENT, description="How one answer stands today, of those that some statement speaks of.")
class AnswerStanding:
    question: str = rules.field(description="The key of the question.")
    row_id: str | None = rules.field(description="The row of a group; null outside groups.")
    standing: AssuranceLevel = rules.field(description="How it stands.")
    in_conflict: bool = rules.field(description="Whether one reviewer contradicts what another documented or verified.")


@rules.type(rules.AS_PARENT, description="A word on a dispute.")
class DisputeComment:
    side: DisputeSide = rules.field(description="Who speaks.")
    body: str = rules.field(description="What was said.")
    made_at: datetime = rules.field(description="When.")


@rules.type(rules.AS_PARENT, description="A document that a supplier brings against a statement.")
class DisputeDocument:
    evidence_id: strawberry.ID = rules.field(
        description="Its id; `createEvidenceDownload` gives it to the two sides of the dispute."
    )


@rules.type(rules.AS_PARENT, description="A supplier disputes what a statement says of an answer; it stays for ever.")
class Dispute(nodes.Node):
    statement_id: strawberry.ID = rules.field(description="The statement.")
    submission_id: strawberry.ID | None = rules.field(description="The submission, for its supplier.")
    result_id: strawberry.ID | None = rules.field(description="The shared result, for whoever reads it now.")
    section: str = rules.field(description="The key of the section.")
    question: str = rules.field(description="The key of the question.")
    row_id: str | None = rules.field(description="The row of a group; null outside groups.")
    reason: str = rules.field(description="Why the supplier thinks that it is wrong.")
    documents: list[DisputeDocument] = rules.field(description="What it brings.", list_size=2)
    state: DisputeState = rules.field(description="What became of it.")
    opened_at: datetime = rules.field(description="When it was opened.")
    closed_at: datetime | None = rules.field(description="When it was decided or withdrawn.")
    closed_because: ReviewEnd | None = rules.field(
        description="Why it is over where neither side ended it; null otherwise."
    )
    decided_by_statement_id: strawberry.ID | None = rules.field(
        description="The statement by which the reviewer answered; null where there is none."
    )
    comments: list[DisputeComment] = rules.field(description="What both sides said, the first 100.", list_size=5)


@rules.type(rules.AS_PARENT, description="A document that a reviewer looked at, in the revision that was submitted.")
class FindingDocument:
    evidence_id: strawberry.ID = rules.field(description="Its id.")
    verdict: DocumentVerdict = rules.field(description="What the reviewer makes of it.")


@rules.type(rules.AS_PARENT, description="What a statement says of one answer; never changed.")
class AssuranceFinding:
    statement_id: strawberry.ID = rules.field(description="The statement that it is part of.")
    section: str = rules.field(description="The key of the section.")
    question: str = rules.field(description="The key of the question.")
    row_id: str | None = rules.field(description="The row of a group; null for all rows, and outside groups.")
    level: AssuranceLevel = rules.field(description="What was found.")
    basis: str = rules.field(description="What that rests on.")
    not_shown: str | None = rules.field(description="What the evidence does not show of the claim; null for nothing.")
    beyond: str | None = rules.field(description="What the evidence shows beyond the claim; null for nothing.")
    documents: list[FindingDocument] = rules.field(description="The documents looked at.", list_size=3)
    as_of: date = rules.field(description="The day that it is of.")
    made_at: datetime | None = rules.field(description="When it was stated.")
    is_third_party: bool = rules.field(
        description="Whether an engaged third party states it; otherwise a buyer's own reviewer."
    )
    reviewer: OtherOrganization | None = rules.field(
        description="Who states it; null for the reviewer of another buyer, who is not named."
    )
    is_superseded: bool = rules.field(
        description="Whether the same reviewer has stated something newer of the same answer, which counts instead."
    )
    disputes: list[Dispute] = rules.field(description="What the supplier disputes of it, for ever.", list_size=1)


@rules.type(
    access.ENGAGED, description="What one reviewer found on one submission; as far as the caller reads its sections."
)
class AssuranceStatement(nodes.Node):
    submission_id: strawberry.ID | None = rules.field(description="The submission, for its supplier.")
    result_id: strawberry.ID | None = rules.field(description="The shared result, for whoever reads it now.")
    reviewer: OtherOrganization | None = rules.field(
        description="Who states it; null for the reviewer of another buyer, who is not named."
    )
    is_third_party: bool = rules.field(
        description="Whether an engaged third party states it; otherwise a buyer's own reviewer."
    )
    as_of: date = rules.field(description="The day that it is of.")
    made_at: datetime = rules.field(description="When it was made.")
    remark: str | None = rules.field(
        description="What the reviewer says of the whole; null for who reads some of the sections that it speaks of."
    )
    findings: list[AssuranceFinding] = rules.field(
        description="What it says of each answer, the first 200.", list_size=10
    )


@rules.type(
    rules.AS_PARENT,
    description="What a reviewer stated of an answer on an earlier revision, and not anew since. A statement is of one"
    " submission for ever, so that this counts in no share of points of the newer one.",
)
class EarlierFinding:
    statement_id: strawberry.ID = rules.field(description="The statement, with its basis and the gaps that it names.")
    revision: int = rules.field(description="The revision that it was stated on.")
    section: str = rules.field(description="The key of the section.")
    question: str = rules.field(description="The key of the question.")
    row_id: str | None = rules.field(description="The row of a group; null for all rows, and outside groups.")
    level: AssuranceLevel = rules.field(description="What was found then; never DECLARED.")
    as_of: date = rules.field(description="The day that it is of.")
    is_third_party: bool = rules.field(
        description="Whether an engaged third party stated it; otherwise a buyer's own reviewer."
    )
    is_unchanged: bool = rules.field(
        description="Whether the answer says the same in this revision and stands on the same documents."
    )
