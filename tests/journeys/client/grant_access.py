from datetime import datetime
from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import AccessState, ShareState


class GrantAccess(BaseModel):
    grant_access: Union[
        "GrantAccessGrantAccessAccessGranted",
        "GrantAccessGrantAccessInvalidInput",
        "GrantAccessGrantAccessConflict",
        "GrantAccessGrantAccessNotAllowed",
        "GrantAccessGrantAccessNotFound",
        "GrantAccessGrantAccessRateLimited",
        "GrantAccessGrantAccessUnauthenticated",
    ] = Field(alias="grantAccess", discriminator="typename__")


class GrantAccessGrantAccessAccessGranted(BaseModel):
    typename__: Literal["AccessGranted"] = Field(alias="__typename")
    request: "GrantAccessGrantAccessAccessGrantedRequest"
    share: "GrantAccessGrantAccessAccessGrantedShare"


class GrantAccessGrantAccessAccessGrantedRequest(BaseModel):
    state: AccessState
    granted_sections: list[str] = Field(alias="grantedSections")
    granted_evidence: bool = Field(alias="grantedEvidence")


class GrantAccessGrantAccessAccessGrantedShare(BaseModel):
    id: str
    state: ShareState
    until: Optional[datetime]


class GrantAccessGrantAccessInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["GrantAccessGrantAccessInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class GrantAccessGrantAccessInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class GrantAccessGrantAccessConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class GrantAccessGrantAccessNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class GrantAccessGrantAccessNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class GrantAccessGrantAccessRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class GrantAccessGrantAccessUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


GrantAccess.model_rebuild()
GrantAccessGrantAccessAccessGranted.model_rebuild()
GrantAccessGrantAccessInvalidInput.model_rebuild()
