from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel


class StartAssessment(BaseModel):
    start_assessment: Union[
        "StartAssessmentStartAssessmentAssessmentStarted",
        "StartAssessmentStartAssessmentInvalidInput",
        "StartAssessmentStartAssessmentConflict",
        "StartAssessmentStartAssessmentNotAllowed",
        "StartAssessmentStartAssessmentNotFound",
        "StartAssessmentStartAssessmentRateLimited",
        "StartAssessmentStartAssessmentUnauthenticated",
    ] = Field(alias="startAssessment", discriminator="typename__")


class StartAssessmentStartAssessmentAssessmentStarted(BaseModel):
    typename__: Literal["AssessmentStarted"] = Field(alias="__typename")
    assessment: "StartAssessmentStartAssessmentAssessmentStartedAssessment"


class StartAssessmentStartAssessmentAssessmentStartedAssessment(BaseModel):
    id: str
    site_id: Optional[str] = Field(alias="siteId")


class StartAssessmentStartAssessmentInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class StartAssessmentStartAssessmentConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class StartAssessmentStartAssessmentNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class StartAssessmentStartAssessmentNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class StartAssessmentStartAssessmentRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class StartAssessmentStartAssessmentUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


StartAssessment.model_rebuild()
StartAssessmentStartAssessmentAssessmentStarted.model_rebuild()
