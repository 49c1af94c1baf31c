from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import RegistrationStep


class RegisterBuyer(BaseModel):
    register_account: Union[
        "RegisterBuyerRegisterAccountAccountRegistered",
        "RegisterBuyerRegisterAccountInvalidInput",
        "RegisterBuyerRegisterAccountConflict",
        "RegisterBuyerRegisterAccountNotAllowed",
        "RegisterBuyerRegisterAccountNotFound",
        "RegisterBuyerRegisterAccountRateLimited",
        "RegisterBuyerRegisterAccountUnauthenticated",
    ] = Field(alias="registerAccount", discriminator="typename__")


class RegisterBuyerRegisterAccountAccountRegistered(BaseModel):
    typename__: Literal["AccountRegistered"] = Field(alias="__typename")
    next: RegistrationStep


class RegisterBuyerRegisterAccountInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["RegisterBuyerRegisterAccountInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class RegisterBuyerRegisterAccountInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class RegisterBuyerRegisterAccountConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RegisterBuyerRegisterAccountNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RegisterBuyerRegisterAccountNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RegisterBuyerRegisterAccountRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RegisterBuyerRegisterAccountUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


RegisterBuyer.model_rebuild()
RegisterBuyerRegisterAccountInvalidInput.model_rebuild()
