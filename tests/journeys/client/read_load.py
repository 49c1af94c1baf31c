from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel


class ReadLoad(BaseModel):
    request_load: "ReadLoadRequestLoad" = Field(alias="requestLoad")


class ReadLoadRequestLoad(BaseModel):
    year: "ReadLoadRequestLoadYear"
    now: "ReadLoadRequestLoadNow"
    buyers: list["ReadLoadRequestLoadBuyers"]
    limit_minutes: Optional[int] = Field(alias="limitMinutes")
    optional_count: int = Field(alias="optionalCount")


class ReadLoadRequestLoadYear(BaseModel):
    requests: int
    responses: int
    questions: int
    minutes: Decimal


class ReadLoadRequestLoadNow(BaseModel):
    requests: int
    minutes: Decimal


class ReadLoadRequestLoadBuyers(BaseModel):
    buyer_name: Optional[str] = Field(alias="buyerName")
    year: "ReadLoadRequestLoadBuyersYear"


class ReadLoadRequestLoadBuyersYear(BaseModel):
    requests: int
    minutes: Decimal


ReadLoad.model_rebuild()
ReadLoadRequestLoad.model_rebuild()
ReadLoadRequestLoadBuyers.model_rebuild()
