from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class AddSite(BaseModel):
    add_site: Union[
        "AddSiteAddSiteSiteAdded",
        "AddSiteAddSiteInvalidInput",
        "AddSiteAddSiteConflict",
        "AddSiteAddSiteNotAllowed",
        "AddSiteAddSiteNotFound",
        "AddSiteAddSiteRateLimited",
        "AddSiteAddSiteUnauthenticated",
    ] = Field(alias="addSite", discriminator="typename__")


class AddSiteAddSiteSiteAdded(BaseModel):
    typename__: Literal["SiteAdded"] = Field(alias="__typename")
    site: "AddSiteAddSiteSiteAddedSite"


class AddSiteAddSiteSiteAddedSite(BaseModel):
    id: str
    name: str


class AddSiteAddSiteInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AddSiteAddSiteConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AddSiteAddSiteNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AddSiteAddSiteNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AddSiteAddSiteRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AddSiteAddSiteUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


AddSite.model_rebuild()
AddSiteAddSiteSiteAdded.model_rebuild()
