from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import FeedbackState


class GiveFeedback(BaseModel):
    give_feedback: Union[
        "GiveFeedbackGiveFeedbackFeedbackGiven",
        "GiveFeedbackGiveFeedbackInvalidInput",
        "GiveFeedbackGiveFeedbackConflict",
        "GiveFeedbackGiveFeedbackNotAllowed",
        "GiveFeedbackGiveFeedbackNotFound",
        "GiveFeedbackGiveFeedbackRateLimited",
        "GiveFeedbackGiveFeedbackUnauthenticated",
    ] = Field(alias="giveFeedback", discriminator="typename__")


class GiveFeedbackGiveFeedbackFeedbackGiven(BaseModel):
    typename__: Literal["FeedbackGiven"] = Field(alias="__typename")
    feedback: "GiveFeedbackGiveFeedbackFeedbackGivenFeedback"


class GiveFeedbackGiveFeedbackFeedbackGivenFeedback(BaseModel):
    state: Optional[FeedbackState]
    text: Optional[str]
    is_owed: bool = Field(alias="isOwed")


class GiveFeedbackGiveFeedbackInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["GiveFeedbackGiveFeedbackInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class GiveFeedbackGiveFeedbackInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class GiveFeedbackGiveFeedbackConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class GiveFeedbackGiveFeedbackNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class GiveFeedbackGiveFeedbackNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class GiveFeedbackGiveFeedbackRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class GiveFeedbackGiveFeedbackUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


GiveFeedback.model_rebuild()
GiveFeedbackGiveFeedbackFeedbackGiven.model_rebuild()
GiveFeedbackGiveFeedbackInvalidInput.model_rebuild()
