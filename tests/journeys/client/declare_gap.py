from datetime import date
from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import WriteStatus


class DeclareGap(BaseModel):
    save_answers: Union[
        "DeclareGapSaveAnswersAnswersSaved",
        "DeclareGapSaveAnswersDraftDiscarded",
        "DeclareGapSaveAnswersInvalidInput",
        "DeclareGapSaveAnswersConflict",
        "DeclareGapSaveAnswersNotAllowed",
        "DeclareGapSaveAnswersNotFound",
        "DeclareGapSaveAnswersRateLimited",
        "DeclareGapSaveAnswersUnauthenticated",
    ] = Field(alias="saveAnswers", discriminator="typename__")


class DeclareGapSaveAnswersAnswersSaved(BaseModel):
    typename__: Literal["AnswersSaved"] = Field(alias="__typename")
    change_number: int = Field(alias="changeNumber")
    results: list["DeclareGapSaveAnswersAnswersSavedResults"]


class DeclareGapSaveAnswersAnswersSavedResults(BaseModel):
    status: WriteStatus
    revision: Optional[int]
    problem: Optional["DeclareGapSaveAnswersAnswersSavedResultsProblem"]
    warning: Optional["DeclareGapSaveAnswersAnswersSavedResultsWarning"]
    current: "DeclareGapSaveAnswersAnswersSavedResultsCurrent"


class DeclareGapSaveAnswersAnswersSavedResultsProblem(BaseModel):
    code: str
    message: str


class DeclareGapSaveAnswersAnswersSavedResultsWarning(BaseModel):
    code: str
    message: str


class DeclareGapSaveAnswersAnswersSavedResultsCurrent(BaseModel):
    content: Optional["DeclareGapSaveAnswersAnswersSavedResultsCurrentContent"]


class DeclareGapSaveAnswersAnswersSavedResultsCurrentContent(BaseModel):
    plan: Optional["DeclareGapSaveAnswersAnswersSavedResultsCurrentContentPlan"]


class DeclareGapSaveAnswersAnswersSavedResultsCurrentContentPlan(BaseModel):
    text: str
    due_on: date = Field(alias="dueOn")
    owner_id: str = Field(alias="ownerId")
    since: date
    submitted_due_on: Optional[date] = Field(alias="submittedDueOn")
    is_extended: bool = Field(alias="isExtended")


class DeclareGapSaveAnswersDraftDiscarded(BaseModel):
    typename__: Literal["DraftDiscarded"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DeclareGapSaveAnswersInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["DeclareGapSaveAnswersInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class DeclareGapSaveAnswersInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class DeclareGapSaveAnswersConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DeclareGapSaveAnswersNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DeclareGapSaveAnswersNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DeclareGapSaveAnswersRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DeclareGapSaveAnswersUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


DeclareGap.model_rebuild()
DeclareGapSaveAnswersAnswersSaved.model_rebuild()
DeclareGapSaveAnswersAnswersSavedResults.model_rebuild()
DeclareGapSaveAnswersAnswersSavedResultsCurrent.model_rebuild()
DeclareGapSaveAnswersAnswersSavedResultsCurrentContent.model_rebuild()
DeclareGapSaveAnswersInvalidInput.model_rebuild()
