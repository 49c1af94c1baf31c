from datetime import datetime
from typing import Literal, Optional, Union
from uuid import UUID

from pydantic import Field

from .base_model import BaseModel
from .enums import WriteStatus
from .fragments import SavedContent


class SaveAnswers(BaseModel):
    save_answers: Union[
        "SaveAnswersSaveAnswersAnswersSaved",
        "SaveAnswersSaveAnswersDraftDiscarded",
        "SaveAnswersSaveAnswersInvalidInput",
        "SaveAnswersSaveAnswersConflict",
        "SaveAnswersSaveAnswersNotAllowed",
        "SaveAnswersSaveAnswersNotFound",
        "SaveAnswersSaveAnswersRateLimited",
        "SaveAnswersSaveAnswersUnauthenticated",
    ] = Field(alias="saveAnswers", discriminator="typename__")


class SaveAnswersSaveAnswersAnswersSaved(BaseModel):
    typename__: Literal["AnswersSaved"] = Field(alias="__typename")
    change_number: int = Field(alias="changeNumber")
    results: list["SaveAnswersSaveAnswersAnswersSavedResults"]


class SaveAnswersSaveAnswersAnswersSavedResults(BaseModel):
    write_id: UUID = Field(alias="writeId")
    status: WriteStatus
    revision: Optional[int]
    problem: Optional["SaveAnswersSaveAnswersAnswersSavedResultsProblem"]
    current: "SaveAnswersSaveAnswersAnswersSavedResultsCurrent"
    yours: Optional["SaveAnswersSaveAnswersAnswersSavedResultsYours"]


class SaveAnswersSaveAnswersAnswersSavedResultsProblem(BaseModel):
    code: str
    message: str


class SaveAnswersSaveAnswersAnswersSavedResultsCurrent(BaseModel):
    question: str
    revision: int
    content: Optional["SaveAnswersSaveAnswersAnswersSavedResultsCurrentContent"]


SaveAnswersSaveAnswersAnswersSavedResultsCurrentContent = SavedContent
SaveAnswersSaveAnswersAnswersSavedResultsYours = SavedContent


class SaveAnswersSaveAnswersDraftDiscarded(BaseModel):
    typename__: Literal["DraftDiscarded"] = Field(alias="__typename")
    discard: "SaveAnswersSaveAnswersDraftDiscardedDiscard"
    results: list["SaveAnswersSaveAnswersDraftDiscardedResults"]
    code: str
    message: str
    path: list[str]


class SaveAnswersSaveAnswersDraftDiscardedDiscard(BaseModel):
    discarded_at: datetime = Field(alias="discardedAt")
    discarded_by: Optional["SaveAnswersSaveAnswersDraftDiscardedDiscardDiscardedBy"] = (
        Field(alias="discardedBy")
    )
    newest_id: Optional[str] = Field(alias="newestId")


class SaveAnswersSaveAnswersDraftDiscardedDiscardDiscardedBy(BaseModel):
    name: Optional[str]


class SaveAnswersSaveAnswersDraftDiscardedResults(BaseModel):
    write_id: UUID = Field(alias="writeId")
    yours: Optional["SaveAnswersSaveAnswersDraftDiscardedResultsYours"]


SaveAnswersSaveAnswersDraftDiscardedResultsYours = SavedContent


class SaveAnswersSaveAnswersInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["SaveAnswersSaveAnswersInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class SaveAnswersSaveAnswersInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class SaveAnswersSaveAnswersConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SaveAnswersSaveAnswersNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SaveAnswersSaveAnswersNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SaveAnswersSaveAnswersRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SaveAnswersSaveAnswersUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


SaveAnswers.model_rebuild()
SaveAnswersSaveAnswersAnswersSaved.model_rebuild()
SaveAnswersSaveAnswersAnswersSavedResults.model_rebuild()
SaveAnswersSaveAnswersAnswersSavedResultsCurrent.model_rebuild()
SaveAnswersSaveAnswersDraftDiscarded.model_rebuild()
SaveAnswersSaveAnswersDraftDiscardedDiscard.model_rebuild()
SaveAnswersSaveAnswersDraftDiscardedResults.model_rebuild()
SaveAnswersSaveAnswersInvalidInput.model_rebuild()
