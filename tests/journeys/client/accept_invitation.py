from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel


class AcceptInvitation(BaseModel):
    accept_supplier_invitation: Union[
        "AcceptInvitationAcceptSupplierInvitationSupplierInvitationAccepted",
        "AcceptInvitationAcceptSupplierInvitationInvalidInput",
        "AcceptInvitationAcceptSupplierInvitationConflict",
        "AcceptInvitationAcceptSupplierInvitationNotAllowed",
        "AcceptInvitationAcceptSupplierInvitationNotFound",
        "AcceptInvitationAcceptSupplierInvitationRateLimited",
        "AcceptInvitationAcceptSupplierInvitationUnauthenticated",
    ] = Field(alias="acceptSupplierInvitation", discriminator="typename__")


class AcceptInvitationAcceptSupplierInvitationSupplierInvitationAccepted(BaseModel):
    typename__: Literal["SupplierInvitationAccepted"] = Field(alias="__typename")
    organization: (
        "AcceptInvitationAcceptSupplierInvitationSupplierInvitationAcceptedOrganization"
    )


class AcceptInvitationAcceptSupplierInvitationSupplierInvitationAcceptedOrganization(
    BaseModel
):
    id: str
    name: str
    country: Optional[str]


class AcceptInvitationAcceptSupplierInvitationInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["AcceptInvitationAcceptSupplierInvitationInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class AcceptInvitationAcceptSupplierInvitationInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class AcceptInvitationAcceptSupplierInvitationConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptInvitationAcceptSupplierInvitationNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptInvitationAcceptSupplierInvitationNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptInvitationAcceptSupplierInvitationRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptInvitationAcceptSupplierInvitationUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


AcceptInvitation.model_rebuild()
AcceptInvitationAcceptSupplierInvitationSupplierInvitationAccepted.model_rebuild()
AcceptInvitationAcceptSupplierInvitationInvalidInput.model_rebuild()
