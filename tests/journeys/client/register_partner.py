from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import RegistrationStep


class RegisterPartner(BaseModel):
    register_account: Union[
        "RegisterPartnerRegisterAccountAccountRegistered",
        "RegisterPartnerRegisterAccountInvalidInput",
        "RegisterPartnerRegisterAccountConflict",
        "RegisterPartnerRegisterAccountNotAllowed",
        "RegisterPartnerRegisterAccountNotFound",
        "RegisterPartnerRegisterAccountRateLimited",
        "RegisterPartnerRegisterAccountUnauthenticated",
    ] = Field(alias="registerAccount", discriminator="typename__")


class RegisterPartnerRegisterAccountAccountRegistered(BaseModel):
    typename__: Literal["AccountRegistered"] = Field(alias="__typename")
    next: RegistrationStep


class RegisterPartnerRegisterAccountInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RegisterPartnerRegisterAccountConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RegisterPartnerRegisterAccountNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RegisterPartnerRegisterAccountNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RegisterPartnerRegisterAccountRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RegisterPartnerRegisterAccountUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


RegisterPartner.model_rebuild()
