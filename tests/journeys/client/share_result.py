from datetime import datetime
from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import ShareMode, ShareState


class ShareResult(BaseModel):
    share_result: Union[
        "ShareResultShareResultResultShared",
        "ShareResultShareResultInvalidInput",
        "ShareResultShareResultConflict",
        "ShareResultShareResultNotAllowed",
        "ShareResultShareResultNotFound",
        "ShareResultShareResultRateLimited",
        "ShareResultShareResultUnauthenticated",
    ] = Field(alias="shareResult", discriminator="typename__")


class ShareResultShareResultResultShared(BaseModel):
    typename__: Literal["ResultShared"] = Field(alias="__typename")
    fulfilled_request_ids: list[str] = Field(alias="fulfilledRequestIds")
    share: "ShareResultShareResultResultSharedShare"


class ShareResultShareResultResultSharedShare(BaseModel):
    id: str
    state: ShareState
    mode: ShareMode
    sections: list[str]
    include_evidence: bool = Field(alias="includeEvidence")
    until: Optional[datetime]
    buyer: Optional["ShareResultShareResultResultSharedShareBuyer"]


class ShareResultShareResultResultSharedShareBuyer(BaseModel):
    name: str


class ShareResultShareResultInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["ShareResultShareResultInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class ShareResultShareResultInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class ShareResultShareResultConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ShareResultShareResultNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ShareResultShareResultNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ShareResultShareResultRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ShareResultShareResultUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


ShareResult.model_rebuild()
ShareResultShareResultResultShared.model_rebuild()
ShareResultShareResultResultSharedShare.model_rebuild()
ShareResultShareResultInvalidInput.model_rebuild()
