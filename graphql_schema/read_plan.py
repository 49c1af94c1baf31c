"""How the process that answers reads: statements kept, and how often they and the database's JSON could be used."""

import strawberry

from graphql_schema import rules
from graphql_schema.context import Info
from portal import access
from portal.reading import reads


@rules.type(access.OPERATOR, description="Counts of the process that answers, since it started.")
class ReadPlans:
    kept: int = rules.field(description="Compiled statements in memory; each fits every value and every caller alike.")
    most: int = rules.field(description="How many may be kept; the one unused for longest gives way.")
    hits: int = rules.field(description="Reads whose statement was there.")
    misses: int = rules.field(description="Reads whose statement had to be compiled.")
    whole: int = rules.field(description="Reads whose JSON went from the database into the answer as it stood.")
    decoded: int = rules.field(description="Reads that ordinary execution completed.")


@strawberry.type
class ReadPlanQuery:
    @rules.query(access.OPERATOR, description="How the process that answers reads from the database.")
    async def read_plans(self, info: Info) -> ReadPlans:
        plans, finishes = reads.PLANS, reads.FINISHES
        return ReadPlans(
            kept=len(plans),
            most=plans.most,
            hits=plans.hits,
            misses=plans.misses,
            whole=finishes.whole,
            decoded=finishes.decoded,
        )
