from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class ConfirmPartner(BaseModel):
    confirm_account: Union[
        "ConfirmPartnerConfirmAccountAccountConfirmed",
        "ConfirmPartnerConfirmAccountInvalidInput",
        "ConfirmPartnerConfirmAccountConflict",
        "ConfirmPartnerConfirmAccountNotAllowed",
        "ConfirmPartnerConfirmAccountNotFound",
        "ConfirmPartnerConfirmAccountRateLimited",
        "ConfirmPartnerConfirmAccountUnauthenticated",
    ] = Field(alias="confirmAccount", discriminator="typename__")


class ConfirmPartnerConfirmAccountAccountConfirmed(BaseModel):
    typename__: Literal["AccountConfirmed"] = Field(alias="__typename")
    token: str


class ConfirmPartnerConfirmAccountInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmPartnerConfirmAccountConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmPartnerConfirmAccountNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmPartnerConfirmAccountNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmPartnerConfirmAccountRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmPartnerConfirmAccountUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


ConfirmPartner.model_rebuild()
