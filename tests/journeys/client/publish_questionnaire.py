from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .fragments import OwnState


class PublishQuestionnaire(BaseModel):
    publish_questionnaire: Union[
        "PublishQuestionnairePublishQuestionnaireQuestionnairePublished",
        "PublishQuestionnairePublishQuestionnaireInvalidInput",
        "PublishQuestionnairePublishQuestionnaireConflict",
        "PublishQuestionnairePublishQuestionnaireNotAllowed",
        "PublishQuestionnairePublishQuestionnaireNotFound",
        "PublishQuestionnairePublishQuestionnaireRateLimited",
        "PublishQuestionnairePublishQuestionnaireUnauthenticated",
    ] = Field(alias="publishQuestionnaire", discriminator="typename__")


class PublishQuestionnairePublishQuestionnaireQuestionnairePublished(BaseModel):
    typename__: Literal["QuestionnairePublished"] = Field(alias="__typename")
    version: str
    questionnaire: (
        "PublishQuestionnairePublishQuestionnaireQuestionnairePublishedQuestionnaire"
    )


PublishQuestionnairePublishQuestionnaireQuestionnairePublishedQuestionnaire = OwnState


class PublishQuestionnairePublishQuestionnaireInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["PublishQuestionnairePublishQuestionnaireInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class PublishQuestionnairePublishQuestionnaireInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class PublishQuestionnairePublishQuestionnaireConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PublishQuestionnairePublishQuestionnaireNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PublishQuestionnairePublishQuestionnaireNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PublishQuestionnairePublishQuestionnaireRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PublishQuestionnairePublishQuestionnaireUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


PublishQuestionnaire.model_rebuild()
PublishQuestionnairePublishQuestionnaireQuestionnairePublished.model_rebuild()
PublishQuestionnairePublishQuestionnaireInvalidInput.model_rebuild()
