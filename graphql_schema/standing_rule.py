"""Standing rules: an owner's yes to sharing each new submission with one buyer, until a day."""

import enum
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import strawberry

from graphql_schema import nodes, noun_nodes, paging, rules, selection
from graphql_schema.assessment import read_site_id
from graphql_schema.context import Info, Session
from graphql_schema.organization import ORGANIZATION
from graphql_schema.other_organization import OtherOrganization
from graphql_schema.share import SHARE, read_own
from portal import access, reading
from portal.assessments import standing_rules
from portal.reading.shares import RULE_TAG
from portal.reading.standing_rules import STANDING_RULE as RULE_NOUN
from portal.reading.standing_rules import STANDING_RULES

STANDING_RULE = nodes.NodeKind(RULE_TAG, "StandingRule", access.SUPPLIER)


@strawberry.enum(description="Whether a standing rule holds.")
class StandingRuleState(enum.Enum):
    STANDING = strawberry.enum_value("standing", description="It holds for what is submitted now.")
    ENDED = strawberry.enum_value("ended", description="No longer: its day has passed.")
    REVOKED = strawberry.enum_value("revoked", description="No longer: the supplier ended it.")
    REPLACED = strawberry.enum_value("replaced", description="No longer: a newer rule for the same took its place.")
    SUSPENDED = strawberry.enum_value(
        "suspended", description="No longer: one of the two was suspended, or is no buyer any more. It stays ended."
    )


@rules.type(
    access.SUPPLIER, description="What an owner agreed to share with one buyer of each submission to come; never more."
)
class StandingRule(nodes.Node):
    buyer: OtherOrganization | None = rules.field(description="Who may read.")
    questionnaire: str = rules.field(description="The questionnaire's key.")
    site_id: strawberry.ID | None = rules.field(
        description="The site it is about; null for the organization as a whole."
    )
    sections: list[str] = rules.field(description="Keys of the sections that go out beside the summary.")
    include_evidence: bool = rules.field(description="Whether the documents go out.")
    purpose: str = rules.field(description="What the buyer may use it for.")
    until: datetime = rules.field(description="Until when it holds, and when all that it shares ends.")
    statement: str = rules.field(description="What the owner agreed to, word for word.")
    state: StandingRuleState = rules.field(description="Whether it holds.")
    created_at: datetime = rules.field(description="When it was agreed to.")
    ended_at: datetime | None = rules.field(description="When it was ended before its day; null where it was not.")
    use_count: int = rules.field(description="How many shares it has made.")
    used_at: datetime | None = rules.field(description="When it made the last one; null where it made none.")


@rules.type(rules.AS_PARENT, description="A page of standing rules.")
class StandingRuleConnection(paging.Connection[StandingRule]):
    nodes: list[StandingRule] = rules.field(description="The rules of the page, in order.")


@rules.type(rules.AS_PARENT, description="What would go out by a rule, to be read before it is agreed to.")
class StandingRuleStatement:
    statement: str = rules.field(description="What will go out to whom until when, word for word.")
    agreement: str = rules.field(
        description="The mark of just this statement, 64 hexadecimal characters: to send it with `makeStandingRule` is "
        "the owner's yes."
    )


@strawberry.input(description="What to share of each new submission, with whom, until when.")
class StandingRuleInput:
    buyer_id: strawberry.ID = strawberry.field(description="A buyer you are linked with.")
    questionnaire: str = strawberry.field(description="The questionnaire's key.")
    site_id: strawberry.ID | None = strawberry.field(
        description="One of the own sites; null for the organization as a whole.", default=None
    )
    sections: list[str] = strawberry.field(
        description="Keys of the sections whose answers and trace go out; none is the summary alone.",
        default_factory=list,
    )
    include_evidence: bool = strawberry.field(
        description="Whether all documents go out, each with its question, those of sections not named too.",
        default=False,
    )
    purpose: str = strawberry.field(description="What the buyer may use it for, 1 to 500 characters.")
    until: datetime = strawberry.field(description="Until when, in the future and at most five years away.")


@strawberry.input(description="What to share of each new submission, and the owner's yes to just that.")
class MakeStandingRuleInput(StandingRuleInput):
    agreement: str = strawberry.field(
        description="The mark of the statement that the owner has read, from `standingRuleStatement` of the same input."
    )
    include_current: bool = strawberry.field(
        description="Whether what counts now is shared so as well; without it only what is submitted from now on.",
        default=False,
    )


@strawberry.input(description="Which rule to end.")
class EndStandingRuleInput:
    rule_id: strawberry.ID = strawberry.field(description="A StandingRule.")


@rules.type(rules.AS_PARENT, description="From now on each new submission is shared so.")
class StandingRuleMade:
    rule: StandingRule = rules.field(description="The rule.")
    share_id: strawberry.ID | None = rules.field(
        description="The share of what counts now, where that was asked for; null where there is none."
    )


@rules.type(rules.AS_PARENT, description="What is submitted from now on is not shared by it; what was shared stays.")
class StandingRuleEnded:
    rule: StandingRule = rules.field(description="The rule as it is now.")


def read_rule(input: StandingRuleInput) -> standing_rules.Rule:
    return standing_rules.Rule(
        buyer_id=nodes.decode_id(input.buyer_id, ORGANIZATION, path=("buyerId",)).id,
        questionnaire=input.questionnaire,
        site_id=read_site_id(input.site_id),
        sections=tuple(input.sections),
        include_evidence=input.include_evidence,
        purpose=input.purpose,
        until=input.until,
    )


def reads_rule(session: Session, actor: access.Actor, id: Any) -> Any:
    """How a member of a mutation's result reads a rule."""

    async def read(part: reading.Selected) -> Any:
        return await reading.read_one(session, actor, RULE_NOUN, part, id=id)

    return read


@nodes.loads(STANDING_RULE)
async def load_rules(info: Info, session: Session, actor: access.Actor, wanted: Sequence[nodes.NodeId]) -> list[Any]:
    return await noun_nodes.read_rows(info, session, actor, RULE_NOUN, wanted)


@strawberry.type
class StandingRuleQuery:
    @rules.query(access.SUPPLIER, description="What the organization has agreed to once, the newest first.")
    async def standing_rules(
        self,
        info: Info,
        first: paging.First = paging.PAGE,
        after: paging.After = None,
        standing: Annotated[
            bool | None, strawberry.argument(description="Only those that hold now, or only the others.")
        ] = None,
    ) -> StandingRuleConnection:
        selected = selection.read(info)
        async with info.context.reading() as (session, actor):
            page: Any = await reading.read_connection(session, actor, STANDING_RULES, selected)
            return page  # type: ignore[no-any-return]

    @rules.query(
        access.SUPPLIER,
        description="What exactly would go out by a standing rule; nothing is made. Problems: NOT_ACTIVE_BUYER, "
        "NOT_FOR_BUYER.",
    )
    async def standing_rule_statement(
        self, info: Info, input: Annotated[StandingRuleInput, strawberry.argument(description="What with whom.")]
    ) -> StandingRuleStatement:
        async with info.context.transaction() as (session, actor):
            found = await standing_rules.state_rule(session, actor, read_rule(input))
        return StandingRuleStatement(statement=found.text, agreement=found.agreement)


@strawberry.type
class StandingRuleMutation:
    @rules.mutation(
        access.SUPPLIER_OWNER,
        description="Agree once to share each new submission with a buyer, in the place of a rule for the same. A use "
        "is a SNAPSHOT share that names the rule, and a letter tells you. OTHER_STATEMENT: something else would go out "
        "than what was agreed to.",
    )
    async def make_standing_rule(
        self, info: Info, input: Annotated[MakeStandingRuleInput, strawberry.argument(description="What with whom.")]
    ) -> StandingRuleMade:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            made = await standing_rules.make_rule(
                session,
                actor,
                rule=read_rule(input),
                agreement=input.agreement,
                include_current=input.include_current,
            )
            shared = None if made.share_id is None else nodes.encode_id(SHARE, made.share_id, actor.organization)
            members = {"rule": reads_rule(session, actor, made.rule_id), "share_id": shared}
            return await reading.compose("StandingRuleMade", selected, members)  # type: ignore[return-value]

    @rules.mutation(
        access.SHARE_ENDER,
        description="End a standing rule at once; what it has shared stays until it is revoked or ends. A suspended "
        "supplier's owner may, too.",
    )
    async def end_standing_rule(
        self, info: Info, input: Annotated[EndStandingRuleInput, strawberry.argument(description="Which.")]
    ) -> StandingRuleEnded:
        selected = selection.read(info)
        async with info.context.transaction() as (session, actor):
            wanted = read_own(input.rule_id, STANDING_RULE, actor, "ruleId", "rule")
            await standing_rules.end_rule(session, actor, rule_id=wanted)
            members = {"rule": reads_rule(session, actor, wanted)}
            return await reading.compose("StandingRuleEnded", selected, members)  # type: ignore[return-value]
