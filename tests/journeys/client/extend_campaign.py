from datetime import date
from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class ExtendCampaign(BaseModel):
    extend_campaign: Union[
        "ExtendCampaignExtendCampaignCampaignChanged",
        "ExtendCampaignExtendCampaignInvalidInput",
        "ExtendCampaignExtendCampaignConflict",
        "ExtendCampaignExtendCampaignNotAllowed",
        "ExtendCampaignExtendCampaignNotFound",
        "ExtendCampaignExtendCampaignRateLimited",
        "ExtendCampaignExtendCampaignUnauthenticated",
    ] = Field(alias="extendCampaign", discriminator="typename__")


class ExtendCampaignExtendCampaignCampaignChanged(BaseModel):
    typename__: Literal["CampaignChanged"] = Field(alias="__typename")
    campaign: "ExtendCampaignExtendCampaignCampaignChangedCampaign"


class ExtendCampaignExtendCampaignCampaignChangedCampaign(BaseModel):
    id: str
    due_on: date = Field(alias="dueOn")


class ExtendCampaignExtendCampaignInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["ExtendCampaignExtendCampaignInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class ExtendCampaignExtendCampaignInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class ExtendCampaignExtendCampaignConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ExtendCampaignExtendCampaignNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ExtendCampaignExtendCampaignNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ExtendCampaignExtendCampaignRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ExtendCampaignExtendCampaignUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


ExtendCampaign.model_rebuild()
ExtendCampaignExtendCampaignCampaignChanged.model_rebuild()
ExtendCampaignExtendCampaignInvalidInput.model_rebuild()
