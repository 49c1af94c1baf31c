from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import CampaignState


class CreateCampaign(BaseModel):
    create_campaign: Union[
        "CreateCampaignCreateCampaignCampaignCreated",
        "CreateCampaignCreateCampaignInvalidInput",
        "CreateCampaignCreateCampaignConflict",
        "CreateCampaignCreateCampaignNotAllowed",
        "CreateCampaignCreateCampaignNotFound",
        "CreateCampaignCreateCampaignRateLimited",
        "CreateCampaignCreateCampaignUnauthenticated",
    ] = Field(alias="createCampaign", discriminator="typename__")


class CreateCampaignCreateCampaignCampaignCreated(BaseModel):
    typename__: Literal["CampaignCreated"] = Field(alias="__typename")
    campaign: "CreateCampaignCreateCampaignCampaignCreatedCampaign"


class CreateCampaignCreateCampaignCampaignCreatedCampaign(BaseModel):
    id: str
    state: CampaignState
    supplier_count: int = Field(alias="supplierCount")


class CreateCampaignCreateCampaignInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["CreateCampaignCreateCampaignInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class CreateCampaignCreateCampaignInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class CreateCampaignCreateCampaignConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateCampaignCreateCampaignNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateCampaignCreateCampaignNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateCampaignCreateCampaignRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateCampaignCreateCampaignUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


CreateCampaign.model_rebuild()
CreateCampaignCreateCampaignCampaignCreated.model_rebuild()
CreateCampaignCreateCampaignInvalidInput.model_rebuild()
