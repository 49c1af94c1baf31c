from datetime import date
from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import AssuranceLevel


class MakeStatement(BaseModel):
    make_statement: Union[
        "MakeStatementMakeStatementStatementMade",
        "MakeStatementMakeStatementInvalidInput",
        "MakeStatementMakeStatementConflict",
        "MakeStatementMakeStatementNotAllowed",
        "MakeStatementMakeStatementNotFound",
        "MakeStatementMakeStatementRateLimited",
        "MakeStatementMakeStatementUnauthenticated",
    ] = Field(alias="makeStatement", discriminator="typename__")


class MakeStatementMakeStatementStatementMade(BaseModel):
    typename__: Literal["StatementMade"] = Field(alias="__typename")
    statement: "MakeStatementMakeStatementStatementMadeStatement"


class MakeStatementMakeStatementStatementMadeStatement(BaseModel):
    id: str
    as_of: date = Field(alias="asOf")
    findings: list["MakeStatementMakeStatementStatementMadeStatementFindings"]


class MakeStatementMakeStatementStatementMadeStatementFindings(BaseModel):
    question: str
    level: AssuranceLevel


class MakeStatementMakeStatementInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["MakeStatementMakeStatementInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class MakeStatementMakeStatementInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class MakeStatementMakeStatementConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class MakeStatementMakeStatementNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class MakeStatementMakeStatementNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class MakeStatementMakeStatementRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class MakeStatementMakeStatementUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


MakeStatement.model_rebuild()
MakeStatementMakeStatementStatementMade.model_rebuild()
MakeStatementMakeStatementStatementMadeStatement.model_rebuild()
MakeStatementMakeStatementInvalidInput.model_rebuild()
