from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class DiscardAssessment(BaseModel):
    discard_assessment: Union[
        "DiscardAssessmentDiscardAssessmentAssessmentDiscarded",
        "DiscardAssessmentDiscardAssessmentInvalidInput",
        "DiscardAssessmentDiscardAssessmentConflict",
        "DiscardAssessmentDiscardAssessmentNotAllowed",
        "DiscardAssessmentDiscardAssessmentNotFound",
        "DiscardAssessmentDiscardAssessmentRateLimited",
        "DiscardAssessmentDiscardAssessmentUnauthenticated",
    ] = Field(alias="discardAssessment", discriminator="typename__")


class DiscardAssessmentDiscardAssessmentAssessmentDiscarded(BaseModel):
    typename__: Literal["AssessmentDiscarded"] = Field(alias="__typename")


class DiscardAssessmentDiscardAssessmentInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DiscardAssessmentDiscardAssessmentConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DiscardAssessmentDiscardAssessmentNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DiscardAssessmentDiscardAssessmentNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DiscardAssessmentDiscardAssessmentRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DiscardAssessmentDiscardAssessmentUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


DiscardAssessment.model_rebuild()
