from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import RoleStatus


class ApplyAsPartner(BaseModel):
    apply_for_role: Union[
        "ApplyAsPartnerApplyForRoleRoleApplied",
        "ApplyAsPartnerApplyForRoleInvalidInput",
        "ApplyAsPartnerApplyForRoleConflict",
        "ApplyAsPartnerApplyForRoleNotAllowed",
        "ApplyAsPartnerApplyForRoleNotFound",
        "ApplyAsPartnerApplyForRoleRateLimited",
        "ApplyAsPartnerApplyForRoleUnauthenticated",
    ] = Field(alias="applyForRole", discriminator="typename__")


class ApplyAsPartnerApplyForRoleRoleApplied(BaseModel):
    typename__: Literal["RoleApplied"] = Field(alias="__typename")
    role: "ApplyAsPartnerApplyForRoleRoleAppliedRole"


class ApplyAsPartnerApplyForRoleRoleAppliedRole(BaseModel):
    status: RoleStatus


class ApplyAsPartnerApplyForRoleInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ApplyAsPartnerApplyForRoleConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ApplyAsPartnerApplyForRoleNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ApplyAsPartnerApplyForRoleNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ApplyAsPartnerApplyForRoleRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ApplyAsPartnerApplyForRoleUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


ApplyAsPartner.model_rebuild()
ApplyAsPartnerApplyForRoleRoleApplied.model_rebuild()
