from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import OrganizationRole, RoleStatus


class ApplyForRole(BaseModel):
    apply_for_role: Union[
        "ApplyForRoleApplyForRoleRoleApplied",
        "ApplyForRoleApplyForRoleInvalidInput",
        "ApplyForRoleApplyForRoleConflict",
        "ApplyForRoleApplyForRoleNotAllowed",
        "ApplyForRoleApplyForRoleNotFound",
        "ApplyForRoleApplyForRoleRateLimited",
        "ApplyForRoleApplyForRoleUnauthenticated",
    ] = Field(alias="applyForRole", discriminator="typename__")


class ApplyForRoleApplyForRoleRoleApplied(BaseModel):
    typename__: Literal["RoleApplied"] = Field(alias="__typename")
    role: "ApplyForRoleApplyForRoleRoleAppliedRole"


class ApplyForRoleApplyForRoleRoleAppliedRole(BaseModel):
    role: OrganizationRole
    status: RoleStatus


class ApplyForRoleApplyForRoleInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["ApplyForRoleApplyForRoleInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class ApplyForRoleApplyForRoleInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class ApplyForRoleApplyForRoleConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ApplyForRoleApplyForRoleNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ApplyForRoleApplyForRoleNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ApplyForRoleApplyForRoleRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ApplyForRoleApplyForRoleUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


ApplyForRole.model_rebuild()
ApplyForRoleApplyForRoleRoleApplied.model_rebuild()
ApplyForRoleApplyForRoleInvalidInput.model_rebuild()
