from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class FoundPartner(BaseModel):
    found_organization: Union[
        "FoundPartnerFoundOrganizationOrganizationFounded",
        "FoundPartnerFoundOrganizationInvalidInput",
        "FoundPartnerFoundOrganizationConflict",
        "FoundPartnerFoundOrganizationNotAllowed",
        "FoundPartnerFoundOrganizationNotFound",
        "FoundPartnerFoundOrganizationRateLimited",
        "FoundPartnerFoundOrganizationUnauthenticated",
    ] = Field(alias="foundOrganization", discriminator="typename__")


class FoundPartnerFoundOrganizationOrganizationFounded(BaseModel):
    typename__: Literal["OrganizationFounded"] = Field(alias="__typename")
    organization: "FoundPartnerFoundOrganizationOrganizationFoundedOrganization"


class FoundPartnerFoundOrganizationOrganizationFoundedOrganization(BaseModel):
    id: str


class FoundPartnerFoundOrganizationInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class FoundPartnerFoundOrganizationConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class FoundPartnerFoundOrganizationNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class FoundPartnerFoundOrganizationNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class FoundPartnerFoundOrganizationRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class FoundPartnerFoundOrganizationUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


FoundPartner.model_rebuild()
FoundPartnerFoundOrganizationOrganizationFounded.model_rebuild()
