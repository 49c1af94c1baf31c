from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import AccessState


class RequestAccess(BaseModel):
    request_access: Union[
        "RequestAccessRequestAccessAccessRequested",
        "RequestAccessRequestAccessInvalidInput",
        "RequestAccessRequestAccessConflict",
        "RequestAccessRequestAccessNotAllowed",
        "RequestAccessRequestAccessNotFound",
        "RequestAccessRequestAccessRateLimited",
        "RequestAccessRequestAccessUnauthenticated",
    ] = Field(alias="requestAccess", discriminator="typename__")


class RequestAccessRequestAccessAccessRequested(BaseModel):
    typename__: Literal["AccessRequested"] = Field(alias="__typename")
    joined: bool
    request: "RequestAccessRequestAccessAccessRequestedRequest"


class RequestAccessRequestAccessAccessRequestedRequest(BaseModel):
    id: str
    state: AccessState
    sections: list[str]


class RequestAccessRequestAccessInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["RequestAccessRequestAccessInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class RequestAccessRequestAccessInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class RequestAccessRequestAccessConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RequestAccessRequestAccessNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RequestAccessRequestAccessNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RequestAccessRequestAccessRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RequestAccessRequestAccessUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


RequestAccess.model_rebuild()
RequestAccessRequestAccessAccessRequested.model_rebuild()
RequestAccessRequestAccessInvalidInput.model_rebuild()
