from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import OrganizationRole, RoleStatus


class DecideRole(BaseModel):
    decide_role: Union[
        "DecideRoleDecideRoleRoleDecided",
        "DecideRoleDecideRoleInvalidInput",
        "DecideRoleDecideRoleConflict",
        "DecideRoleDecideRoleNotAllowed",
        "DecideRoleDecideRoleNotFound",
        "DecideRoleDecideRoleRateLimited",
        "DecideRoleDecideRoleUnauthenticated",
    ] = Field(alias="decideRole", discriminator="typename__")


class DecideRoleDecideRoleRoleDecided(BaseModel):
    typename__: Literal["RoleDecided"] = Field(alias="__typename")
    application: "DecideRoleDecideRoleRoleDecidedApplication"


class DecideRoleDecideRoleRoleDecidedApplication(BaseModel):
    role: OrganizationRole
    status: RoleStatus


class DecideRoleDecideRoleInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["DecideRoleDecideRoleInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class DecideRoleDecideRoleInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class DecideRoleDecideRoleConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DecideRoleDecideRoleNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DecideRoleDecideRoleNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DecideRoleDecideRoleRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class DecideRoleDecideRoleUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


DecideRole.model_rebuild()
DecideRoleDecideRoleRoleDecided.model_rebuild()
DecideRoleDecideRoleInvalidInput.model_rebuild()
