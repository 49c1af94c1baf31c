from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class EndAccess(BaseModel):
    end_access: Union[
        "EndAccessEndAccessAccessEnded",
        "EndAccessEndAccessInvalidInput",
        "EndAccessEndAccessConflict",
        "EndAccessEndAccessNotAllowed",
        "EndAccessEndAccessNotFound",
        "EndAccessEndAccessRateLimited",
        "EndAccessEndAccessUnauthenticated",
    ] = Field(alias="endAccess", discriminator="typename__")


class EndAccessEndAccessAccessEnded(BaseModel):
    typename__: Literal["AccessEnded"] = Field(alias="__typename")
    ended_count: int = Field(alias="endedCount")
    ended_rule_count: int = Field(alias="endedRuleCount")


class EndAccessEndAccessInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["EndAccessEndAccessInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class EndAccessEndAccessInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class EndAccessEndAccessConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class EndAccessEndAccessNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class EndAccessEndAccessNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class EndAccessEndAccessRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class EndAccessEndAccessUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


EndAccess.model_rebuild()
EndAccessEndAccessInvalidInput.model_rebuild()
