from datetime import date
from typing import Optional

from pydantic import Field

from .base_model import BaseModel


class ReadClarifications(BaseModel):
    clarifications: "ReadClarificationsClarifications"


class ReadClarificationsClarifications(BaseModel):
    nodes: list["ReadClarificationsClarificationsNodes"]


class ReadClarificationsClarificationsNodes(BaseModel):
    id: str
    asker: Optional["ReadClarificationsClarificationsNodesAsker"]
    round: int
    message: Optional[str]
    due_on: date = Field(alias="dueOn")
    items: list["ReadClarificationsClarificationsNodesItems"]


class ReadClarificationsClarificationsNodesAsker(BaseModel):
    name: str


class ReadClarificationsClarificationsNodesItems(BaseModel):
    section: str
    question: str
    row_id: Optional[str] = Field(alias="rowId")
    text: str


ReadClarifications.model_rebuild()
ReadClarificationsClarifications.model_rebuild()
ReadClarificationsClarificationsNodes.model_rebuild()
