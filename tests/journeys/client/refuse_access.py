from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import AccessOffer, AccessState


class RefuseAccess(BaseModel):
    refuse_access: Union[
        "RefuseAccessRefuseAccessAccessRefused",
        "RefuseAccessRefuseAccessInvalidInput",
        "RefuseAccessRefuseAccessConflict",
        "RefuseAccessRefuseAccessNotAllowed",
        "RefuseAccessRefuseAccessNotFound",
        "RefuseAccessRefuseAccessRateLimited",
        "RefuseAccessRefuseAccessUnauthenticated",
    ] = Field(alias="refuseAccess", discriminator="typename__")


class RefuseAccessRefuseAccessAccessRefused(BaseModel):
    typename__: Literal["AccessRefused"] = Field(alias="__typename")
    request: "RefuseAccessRefuseAccessAccessRefusedRequest"


class RefuseAccessRefuseAccessAccessRefusedRequest(BaseModel):
    state: AccessState
    reason: Optional[str]
    offer: Optional[AccessOffer]
    offer_text: Optional[str] = Field(alias="offerText")


class RefuseAccessRefuseAccessInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["RefuseAccessRefuseAccessInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class RefuseAccessRefuseAccessInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class RefuseAccessRefuseAccessConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RefuseAccessRefuseAccessNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RefuseAccessRefuseAccessNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RefuseAccessRefuseAccessRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RefuseAccessRefuseAccessUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


RefuseAccess.model_rebuild()
RefuseAccessRefuseAccessAccessRefused.model_rebuild()
RefuseAccessRefuseAccessInvalidInput.model_rebuild()
