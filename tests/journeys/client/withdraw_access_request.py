from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import AccessState


class WithdrawAccessRequest(BaseModel):
    withdraw_access_request: Union[
        "WithdrawAccessRequestWithdrawAccessRequestAccessRequestWithdrawn",
        "WithdrawAccessRequestWithdrawAccessRequestInvalidInput",
        "WithdrawAccessRequestWithdrawAccessRequestConflict",
        "WithdrawAccessRequestWithdrawAccessRequestNotAllowed",
        "WithdrawAccessRequestWithdrawAccessRequestNotFound",
        "WithdrawAccessRequestWithdrawAccessRequestRateLimited",
        "WithdrawAccessRequestWithdrawAccessRequestUnauthenticated",
    ] = Field(alias="withdrawAccessRequest", discriminator="typename__")


class WithdrawAccessRequestWithdrawAccessRequestAccessRequestWithdrawn(BaseModel):
    typename__: Literal["AccessRequestWithdrawn"] = Field(alias="__typename")
    request: "WithdrawAccessRequestWithdrawAccessRequestAccessRequestWithdrawnRequest"


class WithdrawAccessRequestWithdrawAccessRequestAccessRequestWithdrawnRequest(
    BaseModel
):
    state: AccessState


class WithdrawAccessRequestWithdrawAccessRequestInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["WithdrawAccessRequestWithdrawAccessRequestInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class WithdrawAccessRequestWithdrawAccessRequestInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class WithdrawAccessRequestWithdrawAccessRequestConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class WithdrawAccessRequestWithdrawAccessRequestNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class WithdrawAccessRequestWithdrawAccessRequestNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class WithdrawAccessRequestWithdrawAccessRequestRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class WithdrawAccessRequestWithdrawAccessRequestUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


WithdrawAccessRequest.model_rebuild()
WithdrawAccessRequestWithdrawAccessRequestAccessRequestWithdrawn.model_rebuild()
WithdrawAccessRequestWithdrawAccessRequestInvalidInput.model_rebuild()
