from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel


class PreviewRequests(BaseModel):
    preview_requests: "PreviewRequestsPreviewRequests" = Field(alias="previewRequests")


class PreviewRequestsPreviewRequests(BaseModel):
    count: int
    over_limit_count: int = Field(alias="overLimitCount")
    lines: list["PreviewRequestsPreviewRequestsLines"]


class PreviewRequestsPreviewRequestsLines(BaseModel):
    supplier_id: str = Field(alias="supplierId")
    year_minutes: Decimal = Field(alias="yearMinutes")
    minutes: Decimal
    limit_minutes: Optional[int] = Field(alias="limitMinutes")
    is_over_limit: bool = Field(alias="isOverLimit")
    problem: Optional["PreviewRequestsPreviewRequestsLinesProblem"]


class PreviewRequestsPreviewRequestsLinesProblem(BaseModel):
    code: str
    message: str


PreviewRequests.model_rebuild()
PreviewRequestsPreviewRequests.model_rebuild()
PreviewRequestsPreviewRequestsLines.model_rebuild()
