from datetime import date, datetime
from typing import Annotated, Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import CampaignActKind, CampaignOutcome, CampaignState, RequestState


class ReadCampaign(BaseModel):
    node: Optional[
        Annotated[
            Union["ReadCampaignNodeNode", "ReadCampaignNodeCampaign"],
            Field(discriminator="typename__"),
        ]
    ]


class ReadCampaignNodeNode(BaseModel):
    typename__: Literal[
        "AccessRequest",
        "ApiKey",
        "Assessment",
        "AssuranceStatement",
        "Cadence",
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
        "Submission",
        "Supplier",
        "SupplierList",
        "WebhookDelivery",
        "WebhookEndpoint",
    ] = Field(alias="__typename")


class ReadCampaignNodeCampaign(BaseModel):
    typename__: Literal["Campaign"] = Field(alias="__typename")
    state: CampaignState
    waiting_count: int = Field(alias="waitingCount")
    linked_count: int = Field(alias="linkedCount")
    overdue_count: int = Field(alias="overdueCount")
    due_on: date = Field(alias="dueOn")
    outcomes: list["ReadCampaignNodeCampaignOutcomes"]
    states: list["ReadCampaignNodeCampaignStates"]
    progress: list["ReadCampaignNodeCampaignProgress"]
    acts: list["ReadCampaignNodeCampaignActs"]


class ReadCampaignNodeCampaignOutcomes(BaseModel):
    outcome: CampaignOutcome
    count: int


class ReadCampaignNodeCampaignStates(BaseModel):
    state: RequestState
    count: int


class ReadCampaignNodeCampaignProgress(BaseModel):
    day: date
    state: RequestState
    count: int


class ReadCampaignNodeCampaignActs(BaseModel):
    kind: CampaignActKind
    changed_count: int = Field(alias="changedCount")
    done_at: Optional[datetime] = Field(alias="doneAt")


ReadCampaign.model_rebuild()
ReadCampaignNodeCampaign.model_rebuild()
