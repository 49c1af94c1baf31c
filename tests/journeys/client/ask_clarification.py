from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import ClarificationState


class AskClarification(BaseModel):
    ask_clarification: Union[
        "AskClarificationAskClarificationClarificationAsked",
        "AskClarificationAskClarificationInvalidInput",
        "AskClarificationAskClarificationConflict",
        "AskClarificationAskClarificationNotAllowed",
        "AskClarificationAskClarificationNotFound",
        "AskClarificationAskClarificationRateLimited",
        "AskClarificationAskClarificationUnauthenticated",
    ] = Field(alias="askClarification", discriminator="typename__")


class AskClarificationAskClarificationClarificationAsked(BaseModel):
    typename__: Literal["ClarificationAsked"] = Field(alias="__typename")
    clarification: "AskClarificationAskClarificationClarificationAskedClarification"


class AskClarificationAskClarificationClarificationAskedClarification(BaseModel):
    id: str
    round: int
    state: ClarificationState


class AskClarificationAskClarificationInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["AskClarificationAskClarificationInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class AskClarificationAskClarificationInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class AskClarificationAskClarificationConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AskClarificationAskClarificationNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AskClarificationAskClarificationNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AskClarificationAskClarificationRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AskClarificationAskClarificationUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


AskClarification.model_rebuild()
AskClarificationAskClarificationClarificationAsked.model_rebuild()
AskClarificationAskClarificationInvalidInput.model_rebuild()
