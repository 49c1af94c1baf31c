from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import WriteStatus


class ConfirmAnswers(BaseModel):
    confirm_answers: Union[
        "ConfirmAnswersConfirmAnswersAnswersSaved",
        "ConfirmAnswersConfirmAnswersInvalidInput",
        "ConfirmAnswersConfirmAnswersConflict",
        "ConfirmAnswersConfirmAnswersNotAllowed",
        "ConfirmAnswersConfirmAnswersNotFound",
        "ConfirmAnswersConfirmAnswersRateLimited",
        "ConfirmAnswersConfirmAnswersUnauthenticated",
    ] = Field(alias="confirmAnswers", discriminator="typename__")


class ConfirmAnswersConfirmAnswersAnswersSaved(BaseModel):
    typename__: Literal["AnswersSaved"] = Field(alias="__typename")
    change_number: int = Field(alias="changeNumber")
    results: list["ConfirmAnswersConfirmAnswersAnswersSavedResults"]


class ConfirmAnswersConfirmAnswersAnswersSavedResults(BaseModel):
    status: WriteStatus
    problem: Optional["ConfirmAnswersConfirmAnswersAnswersSavedResultsProblem"]


class ConfirmAnswersConfirmAnswersAnswersSavedResultsProblem(BaseModel):
    code: str
    message: str


class ConfirmAnswersConfirmAnswersInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["ConfirmAnswersConfirmAnswersInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class ConfirmAnswersConfirmAnswersInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class ConfirmAnswersConfirmAnswersConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmAnswersConfirmAnswersNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmAnswersConfirmAnswersNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmAnswersConfirmAnswersRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmAnswersConfirmAnswersUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


ConfirmAnswers.model_rebuild()
ConfirmAnswersConfirmAnswersAnswersSaved.model_rebuild()
ConfirmAnswersConfirmAnswersAnswersSavedResults.model_rebuild()
ConfirmAnswersConfirmAnswersInvalidInput.model_rebuild()
