from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import AcceptOutcome


class AcceptBoth(BaseModel):
    accept_request: Union[
        "AcceptBothAcceptRequestRequestAccepted",
        "AcceptBothAcceptRequestInvalidInput",
        "AcceptBothAcceptRequestConflict",
        "AcceptBothAcceptRequestNotAllowed",
        "AcceptBothAcceptRequestNotFound",
        "AcceptBothAcceptRequestRateLimited",
        "AcceptBothAcceptRequestUnauthenticated",
    ] = Field(alias="acceptRequest", discriminator="typename__")


class AcceptBothAcceptRequestRequestAccepted(BaseModel):
    typename__: Literal["RequestAccepted"] = Field(alias="__typename")
    outcome: AcceptOutcome
    assessment: "AcceptBothAcceptRequestRequestAcceptedAssessment"
    request: "AcceptBothAcceptRequestRequestAcceptedRequest"


class AcceptBothAcceptRequestRequestAcceptedAssessment(BaseModel):
    id: str


class AcceptBothAcceptRequestRequestAcceptedRequest(BaseModel):
    extras: list["AcceptBothAcceptRequestRequestAcceptedRequestExtras"]


class AcceptBothAcceptRequestRequestAcceptedRequestExtras(BaseModel):
    id: str
    assessment: Optional[
        "AcceptBothAcceptRequestRequestAcceptedRequestExtrasAssessment"
    ]


class AcceptBothAcceptRequestRequestAcceptedRequestExtrasAssessment(BaseModel):
    id: str
    questionnaire: str
    version: str


class AcceptBothAcceptRequestInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["AcceptBothAcceptRequestInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class AcceptBothAcceptRequestInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class AcceptBothAcceptRequestConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptBothAcceptRequestNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptBothAcceptRequestNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptBothAcceptRequestRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptBothAcceptRequestUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


AcceptBoth.model_rebuild()
AcceptBothAcceptRequestRequestAccepted.model_rebuild()
AcceptBothAcceptRequestRequestAcceptedRequest.model_rebuild()
AcceptBothAcceptRequestRequestAcceptedRequestExtras.model_rebuild()
AcceptBothAcceptRequestInvalidInput.model_rebuild()
