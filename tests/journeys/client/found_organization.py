from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class FoundOrganization(BaseModel):
    found_organization: Union[
        "FoundOrganizationFoundOrganizationOrganizationFounded",
        "FoundOrganizationFoundOrganizationInvalidInput",
        "FoundOrganizationFoundOrganizationConflict",
        "FoundOrganizationFoundOrganizationNotAllowed",
        "FoundOrganizationFoundOrganizationNotFound",
        "FoundOrganizationFoundOrganizationRateLimited",
        "FoundOrganizationFoundOrganizationUnauthenticated",
    ] = Field(alias="foundOrganization", discriminator="typename__")


class FoundOrganizationFoundOrganizationOrganizationFounded(BaseModel):
    typename__: Literal["OrganizationFounded"] = Field(alias="__typename")
    organization: "FoundOrganizationFoundOrganizationOrganizationFoundedOrganization"


class FoundOrganizationFoundOrganizationOrganizationFoundedOrganization(BaseModel):
    id: str
    name: str


class FoundOrganizationFoundOrganizationInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["FoundOrganizationFoundOrganizationInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class FoundOrganizationFoundOrganizationInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class FoundOrganizationFoundOrganizationConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class FoundOrganizationFoundOrganizationNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class FoundOrganizationFoundOrganizationNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class FoundOrganizationFoundOrganizationRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class FoundOrganizationFoundOrganizationUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


FoundOrganization.model_rebuild()
FoundOrganizationFoundOrganizationOrganizationFounded.model_rebuild()
FoundOrganizationFoundOrganizationInvalidInput.model_rebuild()
