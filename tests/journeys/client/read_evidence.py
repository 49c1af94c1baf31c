from typing import Annotated, Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import EvidenceState


class ReadEvidence(BaseModel):
    node: Optional[
        Annotated[
            Union["ReadEvidenceNodeNode", "ReadEvidenceNodeEvidence"],
            Field(discriminator="typename__"),
        ]
    ]


class ReadEvidenceNodeNode(BaseModel):
    typename__: Literal[
        "AccessRequest",
        "ApiKey",
        "Assessment",
        "AssuranceStatement",
        "Cadence",
        "Campaign",
        "Clarification",
        "Dispute",
        "Engagement",
        "Member",
        "MemberInvitation",
        "Node",
        "Organization",
        "ReadReceipt",
        "ReceivedAccessRequest",
        "ReceivedRequest",
        "RedactionRequest",
        "Request",
        "Share",
        "SharedResult",
        "Site",
        "StandingRule",
        "Submission",
        "Supplier",
        "SupplierList",
        "WebhookDelivery",
        "WebhookEndpoint",
    ] = Field(alias="__typename")


class ReadEvidenceNodeEvidence(BaseModel):
    typename__: Literal["Evidence"] = Field(alias="__typename")
    state: EvidenceState
    refusal_reason: Optional[str] = Field(alias="refusalReason")
    media_type: Optional[str] = Field(alias="mediaType")
    size: Optional[int]
    sha_256: Optional[str] = Field(alias="sha256")
    attachments: list["ReadEvidenceNodeEvidenceAttachments"]


class ReadEvidenceNodeEvidenceAttachments(BaseModel):
    question: str


ReadEvidence.model_rebuild()
ReadEvidenceNodeEvidence.model_rebuild()
