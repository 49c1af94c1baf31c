from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .fragments import CarriedDraft


class RenewAssessment(BaseModel):
    renew_assessment: Union[
        "RenewAssessmentRenewAssessmentAssessmentRenewed",
        "RenewAssessmentRenewAssessmentInvalidInput",
        "RenewAssessmentRenewAssessmentConflict",
        "RenewAssessmentRenewAssessmentNotAllowed",
        "RenewAssessmentRenewAssessmentNotFound",
        "RenewAssessmentRenewAssessmentRateLimited",
        "RenewAssessmentRenewAssessmentUnauthenticated",
    ] = Field(alias="renewAssessment", discriminator="typename__")


class RenewAssessmentRenewAssessmentAssessmentRenewed(BaseModel):
    typename__: Literal["AssessmentRenewed"] = Field(alias="__typename")
    is_started: bool = Field(alias="isStarted")
    assessment: "RenewAssessmentRenewAssessmentAssessmentRenewedAssessment"


RenewAssessmentRenewAssessmentAssessmentRenewedAssessment = CarriedDraft


class RenewAssessmentRenewAssessmentInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["RenewAssessmentRenewAssessmentInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class RenewAssessmentRenewAssessmentInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class RenewAssessmentRenewAssessmentConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RenewAssessmentRenewAssessmentNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RenewAssessmentRenewAssessmentNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RenewAssessmentRenewAssessmentRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RenewAssessmentRenewAssessmentUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


RenewAssessment.model_rebuild()
RenewAssessmentRenewAssessmentAssessmentRenewed.model_rebuild()
RenewAssessmentRenewAssessmentInvalidInput.model_rebuild()
