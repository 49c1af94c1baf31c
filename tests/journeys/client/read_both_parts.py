from datetime import date

from pydantic import Field

from .base_model import BaseModel


class ReadBothParts(BaseModel):
    received_requests: "ReadBothPartsReceivedRequests" = Field(alias="receivedRequests")


class ReadBothPartsReceivedRequests(BaseModel):
    nodes: list["ReadBothPartsReceivedRequestsNodes"]


class ReadBothPartsReceivedRequestsNodes(BaseModel):
    id: str
    questionnaire: str
    period_start: date = Field(alias="periodStart")
    extras: list["ReadBothPartsReceivedRequestsNodesExtras"]


class ReadBothPartsReceivedRequestsNodesExtras(BaseModel):
    id: str
    questionnaire: str


ReadBothParts.model_rebuild()
ReadBothPartsReceivedRequests.model_rebuild()
ReadBothPartsReceivedRequestsNodes.model_rebuild()
