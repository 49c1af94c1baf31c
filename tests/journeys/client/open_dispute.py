from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import DisputeState


class OpenDispute(BaseModel):
    open_dispute: Union[
        "OpenDisputeOpenDisputeDisputeOpened",
        "OpenDisputeOpenDisputeInvalidInput",
        "OpenDisputeOpenDisputeConflict",
        "OpenDisputeOpenDisputeNotAllowed",
        "OpenDisputeOpenDisputeNotFound",
        "OpenDisputeOpenDisputeRateLimited",
        "OpenDisputeOpenDisputeUnauthenticated",
    ] = Field(alias="openDispute", discriminator="typename__")


class OpenDisputeOpenDisputeDisputeOpened(BaseModel):
    typename__: Literal["DisputeOpened"] = Field(alias="__typename")
    dispute: "OpenDisputeOpenDisputeDisputeOpenedDispute"


class OpenDisputeOpenDisputeDisputeOpenedDispute(BaseModel):
    id: str
    state: DisputeState


class OpenDisputeOpenDisputeInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class OpenDisputeOpenDisputeConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class OpenDisputeOpenDisputeNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class OpenDisputeOpenDisputeNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class OpenDisputeOpenDisputeRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class OpenDisputeOpenDisputeUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


OpenDispute.model_rebuild()
OpenDisputeOpenDisputeDisputeOpened.model_rebuild()
