from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel


class ReadBurden(BaseModel):
    received_requests: "ReadBurdenReceivedRequests" = Field(alias="receivedRequests")


class ReadBurdenReceivedRequests(BaseModel):
    nodes: list["ReadBurdenReceivedRequestsNodes"]


class ReadBurdenReceivedRequestsNodes(BaseModel):
    id: str
    is_optional: bool = Field(alias="isOptional")
    burden: Optional["ReadBurdenReceivedRequestsNodesBurden"]


class ReadBurdenReceivedRequestsNodesBurden(BaseModel):
    questions: int
    known: int
    to_confirm: int = Field(alias="toConfirm")
    reusable: int
    new: int
    minutes: Decimal
    documents_needed: int = Field(alias="documentsNeeded")
    documents_at_hand: int = Field(alias="documentsAtHand")
    renews_id: Optional[str] = Field(alias="renewsId")


ReadBurden.model_rebuild()
ReadBurdenReceivedRequests.model_rebuild()
ReadBurdenReceivedRequestsNodes.model_rebuild()
