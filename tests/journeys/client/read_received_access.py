from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel


class ReadReceivedAccess(BaseModel):
    received_access_requests: "ReadReceivedAccessReceivedAccessRequests" = Field(
        alias="receivedAccessRequests"
    )


class ReadReceivedAccessReceivedAccessRequests(BaseModel):
    edges: list["ReadReceivedAccessReceivedAccessRequestsEdges"]


class ReadReceivedAccessReceivedAccessRequestsEdges(BaseModel):
    node: "ReadReceivedAccessReceivedAccessRequestsEdgesNode"


class ReadReceivedAccessReceivedAccessRequestsEdgesNode(BaseModel):
    id: str
    buyer: Optional["ReadReceivedAccessReceivedAccessRequestsEdgesNodeBuyer"]
    questionnaire: str
    sections: list[str]
    include_evidence: bool = Field(alias="includeEvidence")
    until: Optional[datetime]
    purpose: str
    message: Optional[str]
    submission: Optional["ReadReceivedAccessReceivedAccessRequestsEdgesNodeSubmission"]


class ReadReceivedAccessReceivedAccessRequestsEdgesNodeBuyer(BaseModel):
    name: str


class ReadReceivedAccessReceivedAccessRequestsEdgesNodeSubmission(BaseModel):
    id: str


ReadReceivedAccess.model_rebuild()
ReadReceivedAccessReceivedAccessRequests.model_rebuild()
ReadReceivedAccessReceivedAccessRequestsEdges.model_rebuild()
ReadReceivedAccessReceivedAccessRequestsEdgesNode.model_rebuild()
