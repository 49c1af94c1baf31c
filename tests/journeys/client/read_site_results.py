from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import SiteComparison


class ReadSiteResults(BaseModel):
    site_results: "ReadSiteResultsSiteResults" = Field(alias="siteResults")


class ReadSiteResultsSiteResults(BaseModel):
    compared_count: int = Field(alias="comparedCount")
    not_compared_count: int = Field(alias="notComparedCount")
    median: Optional[Decimal]
    worst: Optional["ReadSiteResultsSiteResultsWorst"]
    sites: list["ReadSiteResultsSiteResultsSites"]


class ReadSiteResultsSiteResultsWorst(BaseModel):
    name: Optional[str]
    total: Optional[Decimal]


class ReadSiteResultsSiteResultsSites(BaseModel):
    site_id: Optional[str] = Field(alias="siteId")
    name: Optional[str]
    total: Optional[Decimal]
    band: Optional[str]
    comparison: SiteComparison


ReadSiteResults.model_rebuild()
ReadSiteResultsSiteResults.model_rebuild()
