from pydantic import Field

from .base_model import BaseModel
from .enums import CampaignOutcome, SupplierState


class PreviewCampaign(BaseModel):
    campaign_preview: "PreviewCampaignCampaignPreview" = Field(alias="campaignPreview")


class PreviewCampaignCampaignPreview(BaseModel):
    supplier_count: int = Field(alias="supplierCount")
    outcomes: list["PreviewCampaignCampaignPreviewOutcomes"]
    states: list["PreviewCampaignCampaignPreviewStates"]


class PreviewCampaignCampaignPreviewOutcomes(BaseModel):
    outcome: CampaignOutcome
    count: int


class PreviewCampaignCampaignPreviewStates(BaseModel):
    state: SupplierState
    count: int


PreviewCampaign.model_rebuild()
PreviewCampaignCampaignPreview.model_rebuild()
