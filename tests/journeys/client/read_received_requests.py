from datetime import date
from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import QuestionnaireTier, RequestState


class ReadReceivedRequests(BaseModel):
    received_requests: "ReadReceivedRequestsReceivedRequests" = Field(
        alias="receivedRequests"
    )


class ReadReceivedRequestsReceivedRequests(BaseModel):
    edges: list["ReadReceivedRequestsReceivedRequestsEdges"]


class ReadReceivedRequestsReceivedRequestsEdges(BaseModel):
    node: "ReadReceivedRequestsReceivedRequestsEdgesNode"


class ReadReceivedRequestsReceivedRequestsEdgesNode(BaseModel):
    id: str
    buyer_name: Optional[str] = Field(alias="buyerName")
    questionnaire: str
    minimum_tier: QuestionnaireTier = Field(alias="minimumTier")
    period_start: date = Field(alias="periodStart")
    period_end: date = Field(alias="periodEnd")
    purpose: str
    due_on: date = Field(alias="dueOn")
    minutes: Optional[Decimal]
    state: RequestState


ReadReceivedRequests.model_rebuild()
ReadReceivedRequestsReceivedRequests.model_rebuild()
ReadReceivedRequestsReceivedRequestsEdges.model_rebuild()
