from datetime import datetime
from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class ConfirmAccount(BaseModel):
    confirm_account: Union[
        "ConfirmAccountConfirmAccountAccountConfirmed",
        "ConfirmAccountConfirmAccountInvalidInput",
        "ConfirmAccountConfirmAccountConflict",
        "ConfirmAccountConfirmAccountNotAllowed",
        "ConfirmAccountConfirmAccountNotFound",
        "ConfirmAccountConfirmAccountRateLimited",
        "ConfirmAccountConfirmAccountUnauthenticated",
    ] = Field(alias="confirmAccount", discriminator="typename__")


class ConfirmAccountConfirmAccountAccountConfirmed(BaseModel):
    typename__: Literal["AccountConfirmed"] = Field(alias="__typename")
    token: str
    expires_at: datetime = Field(alias="expiresAt")


class ConfirmAccountConfirmAccountInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["ConfirmAccountConfirmAccountInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class ConfirmAccountConfirmAccountInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class ConfirmAccountConfirmAccountConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmAccountConfirmAccountNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmAccountConfirmAccountNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmAccountConfirmAccountRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmAccountConfirmAccountUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


ConfirmAccount.model_rebuild()
ConfirmAccountConfirmAccountInvalidInput.model_rebuild()
