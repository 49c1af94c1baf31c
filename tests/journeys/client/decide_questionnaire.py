from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class DecideQuestionnaire(BaseModel):
    decide_questionnaire: Union[
        "DecideQuestionnaireDecideQuestionnaireQuestionnaireDecided",
        "DecideQuestionnaireDecideQuestionnaireInvalidInput",
        "DecideQuestionnaireDecideQuestionnaireConflict",
        "DecideQuestionnaireDecideQuestionnaireNotAllowed",
        "DecideQuestionnaireDecideQuestionnaireNotFound",
        "DecideQuestionnaireDecideQuestionnaireRateLimited",
        "DecideQuestionnaireDecideQuestionnaireUnauthenticated",
    ] = Field(alias="decideQuestionnaire", discriminator="typename__")


class DecideQuestionnaireDecideQuestionnaireQuestionnaireDecided(BaseModel):
    typename__: Literal["QuestionnaireDecided"] = Field(alias="__typename")
    questionnaire: str
    version: str


class DecideQuestionnaireDecideQuestionnaireInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["DecideQuestionnaireDecideQuestionnaireInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class DecideQuestionnaireDecideQuestionnaireInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class DecideQuestionnaireDecideQuestionnaireConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DecideQuestionnaireDecideQuestionnaireNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DecideQuestionnaireDecideQuestionnaireNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DecideQuestionnaireDecideQuestionnaireRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DecideQuestionnaireDecideQuestionnaireUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


DecideQuestionnaire.model_rebuild()
DecideQuestionnaireDecideQuestionnaireInvalidInput.model_rebuild()
