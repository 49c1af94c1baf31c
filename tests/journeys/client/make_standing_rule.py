from datetime import datetime
from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import StandingRuleState


class MakeStandingRule(BaseModel):
    make_standing_rule: Union[
        "MakeStandingRuleMakeStandingRuleStandingRuleMade",
        "MakeStandingRuleMakeStandingRuleInvalidInput",
        "MakeStandingRuleMakeStandingRuleConflict",
        "MakeStandingRuleMakeStandingRuleNotAllowed",
        "MakeStandingRuleMakeStandingRuleNotFound",
        "MakeStandingRuleMakeStandingRuleRateLimited",
        "MakeStandingRuleMakeStandingRuleUnauthenticated",
    ] = Field(alias="makeStandingRule", discriminator="typename__")


class MakeStandingRuleMakeStandingRuleStandingRuleMade(BaseModel):
    typename__: Literal["StandingRuleMade"] = Field(alias="__typename")
    share_id: Optional[str] = Field(alias="shareId")
    rule: "MakeStandingRuleMakeStandingRuleStandingRuleMadeRule"


class MakeStandingRuleMakeStandingRuleStandingRuleMadeRule(BaseModel):
    id: str
    state: StandingRuleState
    statement: str
    until: datetime


class MakeStandingRuleMakeStandingRuleInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["MakeStandingRuleMakeStandingRuleInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class MakeStandingRuleMakeStandingRuleInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class MakeStandingRuleMakeStandingRuleConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class MakeStandingRuleMakeStandingRuleNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class MakeStandingRuleMakeStandingRuleNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class MakeStandingRuleMakeStandingRuleRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class MakeStandingRuleMakeStandingRuleUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


MakeStandingRule.model_rebuild()
MakeStandingRuleMakeStandingRuleStandingRuleMade.model_rebuild()
MakeStandingRuleMakeStandingRuleInvalidInput.model_rebuild()
