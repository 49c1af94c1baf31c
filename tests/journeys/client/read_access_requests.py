from datetime import date
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import AccessOffer, AccessState


class ReadAccessRequests(BaseModel):
    access_requests: "ReadAccessRequestsAccessRequests" = Field(alias="accessRequests")


class ReadAccessRequestsAccessRequests(BaseModel):
    edges: list["ReadAccessRequestsAccessRequestsEdges"]


class ReadAccessRequestsAccessRequestsEdges(BaseModel):
    node: "ReadAccessRequestsAccessRequestsEdgesNode"


class ReadAccessRequestsAccessRequestsEdgesNode(BaseModel):
    id: str
    supplier_name: str = Field(alias="supplierName")
    questionnaire: str
    state: AccessState
    granted_sections: list[str] = Field(alias="grantedSections")
    granted_evidence: bool = Field(alias="grantedEvidence")
    reason: Optional[str]
    offer: Optional[AccessOffer]
    offer_text: Optional[str] = Field(alias="offerText")
    offer_from: Optional[date] = Field(alias="offerFrom")
    is_readable: bool = Field(alias="isReadable")
    result_id: Optional[str] = Field(alias="resultId")


ReadAccessRequests.model_rebuild()
ReadAccessRequestsAccessRequests.model_rebuild()
ReadAccessRequestsAccessRequestsEdges.model_rebuild()
