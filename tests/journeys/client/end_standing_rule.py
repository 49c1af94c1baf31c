from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import StandingRuleState


class EndStandingRule(BaseModel):
    end_standing_rule: Union[
        "EndStandingRuleEndStandingRuleStandingRuleEnded",
        "EndStandingRuleEndStandingRuleInvalidInput",
        "EndStandingRuleEndStandingRuleConflict",
        "EndStandingRuleEndStandingRuleNotAllowed",
        "EndStandingRuleEndStandingRuleNotFound",
        "EndStandingRuleEndStandingRuleRateLimited",
        "EndStandingRuleEndStandingRuleUnauthenticated",
    ] = Field(alias="endStandingRule", discriminator="typename__")


class EndStandingRuleEndStandingRuleStandingRuleEnded(BaseModel):
    typename__: Literal["StandingRuleEnded"] = Field(alias="__typename")
    rule: "EndStandingRuleEndStandingRuleStandingRuleEndedRule"


class EndStandingRuleEndStandingRuleStandingRuleEndedRule(BaseModel):
    state: StandingRuleState
    use_count: int = Field(alias="useCount")


class EndStandingRuleEndStandingRuleInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["EndStandingRuleEndStandingRuleInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class EndStandingRuleEndStandingRuleInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class EndStandingRuleEndStandingRuleConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class EndStandingRuleEndStandingRuleNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class EndStandingRuleEndStandingRuleNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class EndStandingRuleEndStandingRuleRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class EndStandingRuleEndStandingRuleUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


EndStandingRule.model_rebuild()
EndStandingRuleEndStandingRuleStandingRuleEnded.model_rebuild()
EndStandingRuleEndStandingRuleInvalidInput.model_rebuild()
