"""What is said of a submission beside its result, for its supplier."""

from graphql_schema import rules
from graphql_schema.assurance import AnswerStanding, AssuranceStatement, AssuranceSummary, Dispute, EarlierFinding
from graphql_schema.clarification import Clarification
from portal import access


@rules.type(access.SUPPLIER, description="What reviewers stated and asked of a submission; its score stays as it is.")
class SubmissionReview:
    assurance: AssuranceSummary | None = rules.field(
        description="The shares of points by standing today; null where nobody has stated anything of this revision:"
        " `earlierFindings` has what was stated before."
    )
    earlier_findings: list[EarlierFinding] = rules.field(
        description="What was stated on earlier revisions and not anew since, the first 200.", list_size=10
    )
    standings: list[AnswerStanding] = rules.field(
        description="How each answer stands that somebody spoke of.", list_size=10
    )
    statements: list[AssuranceStatement] = rules.field(description="All statements, the newest first.", list_size=3)
    clarifications: list[Clarification] = rules.field(description="All rounds, the newest first.", list_size=2)
    disputes: list[Dispute] = rules.field(description="All disputes, the newest first.", list_size=2)
