from pydantic import Field

from .base_model import BaseModel


class StateStandingRule(BaseModel):
    standing_rule_statement: "StateStandingRuleStandingRuleStatement" = Field(
        alias="standingRuleStatement"
    )


class StateStandingRuleStandingRuleStatement(BaseModel):
    statement: str
    agreement: str


StateStandingRule.model_rebuild()
