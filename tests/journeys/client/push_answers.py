from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import PushRefusal, SitePushState, WriteStatus
from .fragments import SavedContent


class PushAnswers(BaseModel):
    push_answers: Union[
        "PushAnswersPushAnswersAnswersPushed",
        "PushAnswersPushAnswersInvalidInput",
        "PushAnswersPushAnswersConflict",
        "PushAnswersPushAnswersNotAllowed",
        "PushAnswersPushAnswersNotFound",
        "PushAnswersPushAnswersRateLimited",
        "PushAnswersPushAnswersUnauthenticated",
    ] = Field(alias="pushAnswers", discriminator="typename__")


class PushAnswersPushAnswersAnswersPushed(BaseModel):
    typename__: Literal["AnswersPushed"] = Field(alias="__typename")
    sites: list["PushAnswersPushAnswersAnswersPushedSites"]
    not_pushed: list["PushAnswersPushAnswersAnswersPushedNotPushed"] = Field(
        alias="notPushed"
    )


class PushAnswersPushAnswersAnswersPushedSites(BaseModel):
    site_id: str = Field(alias="siteId")
    state: SitePushState
    assessment_id: Optional[str] = Field(alias="assessmentId")
    results: list["PushAnswersPushAnswersAnswersPushedSitesResults"]


class PushAnswersPushAnswersAnswersPushedSitesResults(BaseModel):
    question: str
    status: WriteStatus
    revision: Optional[int]
    content: Optional["PushAnswersPushAnswersAnswersPushedSitesResultsContent"]
    was: Optional["PushAnswersPushAnswersAnswersPushedSitesResultsWas"]


PushAnswersPushAnswersAnswersPushedSitesResultsContent = SavedContent


class PushAnswersPushAnswersAnswersPushedSitesResultsWas(BaseModel):
    content: "PushAnswersPushAnswersAnswersPushedSitesResultsWasContent"


PushAnswersPushAnswersAnswersPushedSitesResultsWasContent = SavedContent


class PushAnswersPushAnswersAnswersPushedNotPushed(BaseModel):
    site_id: Optional[str] = Field(alias="siteId")
    question: str
    reason: PushRefusal


class PushAnswersPushAnswersInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PushAnswersPushAnswersConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PushAnswersPushAnswersNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PushAnswersPushAnswersNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PushAnswersPushAnswersRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PushAnswersPushAnswersUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


PushAnswers.model_rebuild()
PushAnswersPushAnswersAnswersPushed.model_rebuild()
PushAnswersPushAnswersAnswersPushedSites.model_rebuild()
PushAnswersPushAnswersAnswersPushedSitesResults.model_rebuild()
PushAnswersPushAnswersAnswersPushedSitesResultsWas.model_rebuild()
