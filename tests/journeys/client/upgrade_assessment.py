from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .fragments import CarriedDraft


class UpgradeAssessment(BaseModel):
    upgrade_assessment: Union[
        "UpgradeAssessmentUpgradeAssessmentAssessmentUpgraded",
        "UpgradeAssessmentUpgradeAssessmentInvalidInput",
        "UpgradeAssessmentUpgradeAssessmentConflict",
        "UpgradeAssessmentUpgradeAssessmentNotAllowed",
        "UpgradeAssessmentUpgradeAssessmentNotFound",
        "UpgradeAssessmentUpgradeAssessmentRateLimited",
        "UpgradeAssessmentUpgradeAssessmentUnauthenticated",
    ] = Field(alias="upgradeAssessment", discriminator="typename__")


class UpgradeAssessmentUpgradeAssessmentAssessmentUpgraded(BaseModel):
    typename__: Literal["AssessmentUpgraded"] = Field(alias="__typename")
    replaced_id: str = Field(alias="replacedId")
    assessment: "UpgradeAssessmentUpgradeAssessmentAssessmentUpgradedAssessment"


UpgradeAssessmentUpgradeAssessmentAssessmentUpgradedAssessment = CarriedDraft


class UpgradeAssessmentUpgradeAssessmentInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["UpgradeAssessmentUpgradeAssessmentInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class UpgradeAssessmentUpgradeAssessmentInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class UpgradeAssessmentUpgradeAssessmentConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class UpgradeAssessmentUpgradeAssessmentNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class UpgradeAssessmentUpgradeAssessmentNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class UpgradeAssessmentUpgradeAssessmentRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class UpgradeAssessmentUpgradeAssessmentUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


UpgradeAssessment.model_rebuild()
UpgradeAssessmentUpgradeAssessmentAssessmentUpgraded.model_rebuild()
UpgradeAssessmentUpgradeAssessmentInvalidInput.model_rebuild()
