from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class ClaimName(BaseModel):
    claim_publisher_name: Union[
        "ClaimNameClaimPublisherNamePublisherNameClaimed",
        "ClaimNameClaimPublisherNameInvalidInput",
        "ClaimNameClaimPublisherNameConflict",
        "ClaimNameClaimPublisherNameNotAllowed",
        "ClaimNameClaimPublisherNameNotFound",
        "ClaimNameClaimPublisherNameRateLimited",
        "ClaimNameClaimPublisherNameUnauthenticated",
    ] = Field(alias="claimPublisherName", discriminator="typename__")


class ClaimNameClaimPublisherNamePublisherNameClaimed(BaseModel):
    typename__: Literal["PublisherNameClaimed"] = Field(alias="__typename")
    name: str


class ClaimNameClaimPublisherNameInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["ClaimNameClaimPublisherNameInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class ClaimNameClaimPublisherNameInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class ClaimNameClaimPublisherNameConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ClaimNameClaimPublisherNameNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ClaimNameClaimPublisherNameNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ClaimNameClaimPublisherNameRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ClaimNameClaimPublisherNameUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


ClaimName.model_rebuild()
ClaimNameClaimPublisherNameInvalidInput.model_rebuild()
