from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class StartByOneself(BaseModel):
    start_assessment: Union[
        "StartByOneselfStartAssessmentAssessmentStarted",
        "StartByOneselfStartAssessmentInvalidInput",
        "StartByOneselfStartAssessmentConflict",
        "StartByOneselfStartAssessmentNotAllowed",
        "StartByOneselfStartAssessmentNotFound",
        "StartByOneselfStartAssessmentRateLimited",
        "StartByOneselfStartAssessmentUnauthenticated",
    ] = Field(alias="startAssessment", discriminator="typename__")


class StartByOneselfStartAssessmentAssessmentStarted(BaseModel):
    typename__: Literal["AssessmentStarted"] = Field(alias="__typename")
    assessment: "StartByOneselfStartAssessmentAssessmentStartedAssessment"


class StartByOneselfStartAssessmentAssessmentStartedAssessment(BaseModel):
    id: str
    questionnaire: str
    version: str


class StartByOneselfStartAssessmentInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["StartByOneselfStartAssessmentInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class StartByOneselfStartAssessmentInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class StartByOneselfStartAssessmentConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class StartByOneselfStartAssessmentNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class StartByOneselfStartAssessmentNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class StartByOneselfStartAssessmentRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class StartByOneselfStartAssessmentUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


StartByOneself.model_rebuild()
StartByOneselfStartAssessmentAssessmentStarted.model_rebuild()
StartByOneselfStartAssessmentInvalidInput.model_rebuild()
