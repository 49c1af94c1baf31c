from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import CampaignOutcome


class ReadCampaignSuppliers(BaseModel):
    campaign_suppliers: "ReadCampaignSuppliersCampaignSuppliers" = Field(
        alias="campaignSuppliers"
    )


class ReadCampaignSuppliersCampaignSuppliers(BaseModel):
    nodes: list["ReadCampaignSuppliersCampaignSuppliersNodes"]


class ReadCampaignSuppliersCampaignSuppliersNodes(BaseModel):
    supplier_id: str = Field(alias="supplierId")
    supplier_name: str = Field(alias="supplierName")
    outcome: Optional[CampaignOutcome]


ReadCampaignSuppliers.model_rebuild()
ReadCampaignSuppliersCampaignSuppliers.model_rebuild()
