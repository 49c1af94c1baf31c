from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import CampaignState


class WithdrawCampaign(BaseModel):
    withdraw_campaign: Union[
        "WithdrawCampaignWithdrawCampaignCampaignChanged",
        "WithdrawCampaignWithdrawCampaignInvalidInput",
        "WithdrawCampaignWithdrawCampaignConflict",
        "WithdrawCampaignWithdrawCampaignNotAllowed",
        "WithdrawCampaignWithdrawCampaignNotFound",
        "WithdrawCampaignWithdrawCampaignRateLimited",
        "WithdrawCampaignWithdrawCampaignUnauthenticated",
    ] = Field(alias="withdrawCampaign", discriminator="typename__")


class WithdrawCampaignWithdrawCampaignCampaignChanged(BaseModel):
    typename__: Literal["CampaignChanged"] = Field(alias="__typename")
    campaign: "WithdrawCampaignWithdrawCampaignCampaignChangedCampaign"


class WithdrawCampaignWithdrawCampaignCampaignChangedCampaign(BaseModel):
    id: str
    state: CampaignState


class WithdrawCampaignWithdrawCampaignInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["WithdrawCampaignWithdrawCampaignInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class WithdrawCampaignWithdrawCampaignInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class WithdrawCampaignWithdrawCampaignConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class WithdrawCampaignWithdrawCampaignNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class WithdrawCampaignWithdrawCampaignNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class WithdrawCampaignWithdrawCampaignRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class WithdrawCampaignWithdrawCampaignUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


WithdrawCampaign.model_rebuild()
WithdrawCampaignWithdrawCampaignCampaignChanged.model_rebuild()
WithdrawCampaignWithdrawCampaignInvalidInput.model_rebuild()
