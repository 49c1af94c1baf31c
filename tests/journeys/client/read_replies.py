from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import ClarificationState


class ReadReplies(BaseModel):
    asked_clarifications: "ReadRepliesAskedClarifications" = Field(
        alias="askedClarifications"
    )


class ReadRepliesAskedClarifications(BaseModel):
    nodes: list["ReadRepliesAskedClarificationsNodes"]


class ReadRepliesAskedClarificationsNodes(BaseModel):
    id: str
    round: int
    state: ClarificationState
    reply: Optional[str]
    reply_result_id: Optional[str] = Field(alias="replyResultId")
    items: list["ReadRepliesAskedClarificationsNodesItems"]


class ReadRepliesAskedClarificationsNodesItems(BaseModel):
    question: str
    text: str
    reply: Optional[str]


ReadReplies.model_rebuild()
ReadRepliesAskedClarifications.model_rebuild()
ReadRepliesAskedClarificationsNodes.model_rebuild()
