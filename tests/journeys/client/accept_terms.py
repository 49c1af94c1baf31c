from datetime import datetime
from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class AcceptTerms(BaseModel):
    accept_partner_terms: Union[
        "AcceptTermsAcceptPartnerTermsPartnerTermsAccepted",
        "AcceptTermsAcceptPartnerTermsInvalidInput",
        "AcceptTermsAcceptPartnerTermsConflict",
        "AcceptTermsAcceptPartnerTermsNotAllowed",
        "AcceptTermsAcceptPartnerTermsNotFound",
        "AcceptTermsAcceptPartnerTermsRateLimited",
        "AcceptTermsAcceptPartnerTermsUnauthenticated",
    ] = Field(alias="acceptPartnerTerms", discriminator="typename__")


class AcceptTermsAcceptPartnerTermsPartnerTermsAccepted(BaseModel):
    typename__: Literal["PartnerTermsAccepted"] = Field(alias="__typename")
    version: str
    accepted_at: datetime = Field(alias="acceptedAt")


class AcceptTermsAcceptPartnerTermsInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptTermsAcceptPartnerTermsConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptTermsAcceptPartnerTermsNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptTermsAcceptPartnerTermsNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptTermsAcceptPartnerTermsRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AcceptTermsAcceptPartnerTermsUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


AcceptTerms.model_rebuild()
