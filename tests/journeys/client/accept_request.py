from decimal import Decimal
from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import AcceptOutcome, QuestionnaireTier, RequestState


class AcceptRequest(BaseModel):
    accept_request: Union[
        "AcceptRequestAcceptRequestRequestAccepted",
        "AcceptRequestAcceptRequestInvalidInput",
        "AcceptRequestAcceptRequestConflict",
        "AcceptRequestAcceptRequestNotAllowed",
        "AcceptRequestAcceptRequestNotFound",
        "AcceptRequestAcceptRequestRateLimited",
        "AcceptRequestAcceptRequestUnauthenticated",
    ] = Field(alias="acceptRequest", discriminator="typename__")


class AcceptRequestAcceptRequestRequestAccepted(BaseModel):
    typename__: Literal["RequestAccepted"] = Field(alias="__typename")
    outcome: AcceptOutcome
    request: "AcceptRequestAcceptRequestRequestAcceptedRequest"
    assessment: "AcceptRequestAcceptRequestRequestAcceptedAssessment"


class AcceptRequestAcceptRequestRequestAcceptedRequest(BaseModel):
    state: RequestState


class AcceptRequestAcceptRequestRequestAcceptedAssessment(BaseModel):
    id: str
    questionnaire: str
    version: str
    tier: QuestionnaireTier
    change_number: int = Field(alias="changeNumber")
    progress: "AcceptRequestAcceptRequestRequestAcceptedAssessmentProgress"


class AcceptRequestAcceptRequestRequestAcceptedAssessmentProgress(BaseModel):
    asked: int
    answered: int
    missing_count: int = Field(alias="missingCount")
    minutes_left: Decimal = Field(alias="minutesLeft")


class AcceptRequestAcceptRequestInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["AcceptRequestAcceptRequestInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class AcceptRequestAcceptRequestInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class AcceptRequestAcceptRequestConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptRequestAcceptRequestNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptRequestAcceptRequestNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptRequestAcceptRequestRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptRequestAcceptRequestUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


AcceptRequest.model_rebuild()
AcceptRequestAcceptRequestRequestAccepted.model_rebuild()
AcceptRequestAcceptRequestRequestAcceptedAssessment.model_rebuild()
AcceptRequestAcceptRequestInvalidInput.model_rebuild()
