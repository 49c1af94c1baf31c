from datetime import date
from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import RequestState, SupplierState


class ReadSuppliers(BaseModel):
    suppliers: "ReadSuppliersSuppliers"


class ReadSuppliersSuppliers(BaseModel):
    total_count: int = Field(alias="totalCount")
    edges: list["ReadSuppliersSuppliersEdges"]
    page_info: "ReadSuppliersSuppliersPageInfo" = Field(alias="pageInfo")


class ReadSuppliersSuppliersEdges(BaseModel):
    node: "ReadSuppliersSuppliersEdgesNode"


class ReadSuppliersSuppliersEdgesNode(BaseModel):
    id: str
    name: str
    country: Optional[str]
    state: SupplierState
    band: Optional[str]
    total: Optional[Decimal]
    request_state: Optional[RequestState] = Field(alias="requestState")
    due_on: Optional[date] = Field(alias="dueOn")


class ReadSuppliersSuppliersPageInfo(BaseModel):
    has_next_page: bool = Field(alias="hasNextPage")
    end_cursor: Optional[str] = Field(alias="endCursor")


ReadSuppliers.model_rebuild()
ReadSuppliersSuppliers.model_rebuild()
ReadSuppliersSuppliersEdges.model_rebuild()
