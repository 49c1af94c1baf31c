from datetime import datetime
from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import ShareState


class RevokeShare(BaseModel):
    revoke_share: Union[
        "RevokeShareRevokeShareShareRevoked",
        "RevokeShareRevokeShareInvalidInput",
        "RevokeShareRevokeShareConflict",
        "RevokeShareRevokeShareNotAllowed",
        "RevokeShareRevokeShareNotFound",
        "RevokeShareRevokeShareRateLimited",
        "RevokeShareRevokeShareUnauthenticated",
    ] = Field(alias="revokeShare", discriminator="typename__")


class RevokeShareRevokeShareShareRevoked(BaseModel):
    typename__: Literal["ShareRevoked"] = Field(alias="__typename")
    share: "RevokeShareRevokeShareShareRevokedShare"


class RevokeShareRevokeShareShareRevokedShare(BaseModel):
    state: ShareState
    revoked_at: Optional[datetime] = Field(alias="revokedAt")


class RevokeShareRevokeShareInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["RevokeShareRevokeShareInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class RevokeShareRevokeShareInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class RevokeShareRevokeShareConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RevokeShareRevokeShareNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RevokeShareRevokeShareNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RevokeShareRevokeShareRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RevokeShareRevokeShareUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


RevokeShare.model_rebuild()
RevokeShareRevokeShareShareRevoked.model_rebuild()
RevokeShareRevokeShareInvalidInput.model_rebuild()
