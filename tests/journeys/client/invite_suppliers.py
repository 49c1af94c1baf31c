from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel


class InviteSuppliers(BaseModel):
    invite_suppliers: Union[
        "InviteSuppliersInviteSuppliersSuppliersInvited",
        "InviteSuppliersInviteSuppliersInvalidInput",
        "InviteSuppliersInviteSuppliersConflict",
        "InviteSuppliersInviteSuppliersNotAllowed",
        "InviteSuppliersInviteSuppliersNotFound",
        "InviteSuppliersInviteSuppliersRateLimited",
        "InviteSuppliersInviteSuppliersUnauthenticated",
    ] = Field(alias="inviteSuppliers", discriminator="typename__")


class InviteSuppliersInviteSuppliersSuppliersInvited(BaseModel):
    typename__: Literal["SuppliersInvited"] = Field(alias="__typename")
    invited_count: int = Field(alias="invitedCount")
    lines: list["InviteSuppliersInviteSuppliersSuppliersInvitedLines"]


class InviteSuppliersInviteSuppliersSuppliersInvitedLines(BaseModel):
    email: Optional[str]
    problem: Optional["InviteSuppliersInviteSuppliersSuppliersInvitedLinesProblem"]


class InviteSuppliersInviteSuppliersSuppliersInvitedLinesProblem(BaseModel):
    code: str
    message: str


class InviteSuppliersInviteSuppliersInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["InviteSuppliersInviteSuppliersInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class InviteSuppliersInviteSuppliersInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class InviteSuppliersInviteSuppliersConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class InviteSuppliersInviteSuppliersNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class InviteSuppliersInviteSuppliersNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class InviteSuppliersInviteSuppliersRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class InviteSuppliersInviteSuppliersUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


InviteSuppliers.model_rebuild()
InviteSuppliersInviteSuppliersSuppliersInvited.model_rebuild()
InviteSuppliersInviteSuppliersSuppliersInvitedLines.model_rebuild()
InviteSuppliersInviteSuppliersInvalidInput.model_rebuild()
