from datetime import datetime
from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import RegistrationStep


class RegisterSupplier(BaseModel):
    register_account: Union[
        "RegisterSupplierRegisterAccountAccountRegistered",
        "RegisterSupplierRegisterAccountInvalidInput",
        "RegisterSupplierRegisterAccountConflict",
        "RegisterSupplierRegisterAccountNotAllowed",
        "RegisterSupplierRegisterAccountNotFound",
        "RegisterSupplierRegisterAccountRateLimited",
        "RegisterSupplierRegisterAccountUnauthenticated",
    ] = Field(alias="registerAccount", discriminator="typename__")


class RegisterSupplierRegisterAccountAccountRegistered(BaseModel):
    typename__: Literal["AccountRegistered"] = Field(alias="__typename")
    next: RegistrationStep
    token: Optional[str]
    expires_at: Optional[datetime] = Field(alias="expiresAt")


class RegisterSupplierRegisterAccountInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["RegisterSupplierRegisterAccountInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class RegisterSupplierRegisterAccountInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class RegisterSupplierRegisterAccountConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RegisterSupplierRegisterAccountNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RegisterSupplierRegisterAccountNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RegisterSupplierRegisterAccountRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class RegisterSupplierRegisterAccountUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


RegisterSupplier.model_rebuild()
RegisterSupplierRegisterAccountInvalidInput.model_rebuild()
