from decimal import Decimal
from typing import Annotated, Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import AssuranceLevel


class ReadReview(BaseModel):
    node: Optional[
        Annotated[
            Union["ReadReviewNodeNode", "ReadReviewNodeSubmission"],
            Field(discriminator="typename__"),
        ]
    ]


class ReadReviewNodeNode(BaseModel):
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
        "Evidence",
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
        "Supplier",
        "SupplierList",
        "WebhookDelivery",
        "WebhookEndpoint",
    ] = Field(alias="__typename")


class ReadReviewNodeSubmission(BaseModel):
    typename__: Literal["Submission"] = Field(alias="__typename")
    review: "ReadReviewNodeSubmissionReview"


class ReadReviewNodeSubmissionReview(BaseModel):
    assurance: Optional["ReadReviewNodeSubmissionReviewAssurance"]
    statements: list["ReadReviewNodeSubmissionReviewStatements"]


class ReadReviewNodeSubmissionReviewAssurance(BaseModel):
    declared: Decimal
    documented: Decimal
    verified: Decimal
    contradicted: Decimal


class ReadReviewNodeSubmissionReviewStatements(BaseModel):
    id: str
    reviewer: Optional["ReadReviewNodeSubmissionReviewStatementsReviewer"]
    findings: list["ReadReviewNodeSubmissionReviewStatementsFindings"]


class ReadReviewNodeSubmissionReviewStatementsReviewer(BaseModel):
    name: str


class ReadReviewNodeSubmissionReviewStatementsFindings(BaseModel):
    question: str
    level: AssuranceLevel
    basis: str
    not_shown: Optional[str] = Field(alias="notShown")
    beyond: Optional[str]


ReadReview.model_rebuild()
ReadReviewNodeSubmission.model_rebuild()
ReadReviewNodeSubmissionReview.model_rebuild()
ReadReviewNodeSubmissionReviewStatements.model_rebuild()
