from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import ReaderRole, ReceiptKind


class ReadReceipts(BaseModel):
    read_receipts: "ReadReceiptsReadReceipts" = Field(alias="readReceipts")


class ReadReceiptsReadReceipts(BaseModel):
    edges: list["ReadReceiptsReadReceiptsEdges"]


class ReadReceiptsReadReceiptsEdges(BaseModel):
    node: "ReadReceiptsReadReceiptsEdgesNode"


class ReadReceiptsReadReceiptsEdgesNode(BaseModel):
    reader: Optional["ReadReceiptsReadReceiptsEdgesNodeReader"]
    reader_role: ReaderRole = Field(alias="readerRole")
    kind: ReceiptKind
    purpose: Optional[str]
    submission_id: Optional[str] = Field(alias="submissionId")
    read_at: datetime = Field(alias="readAt")


class ReadReceiptsReadReceiptsEdgesNodeReader(BaseModel):
    name: str


ReadReceipts.model_rebuild()
ReadReceiptsReadReceipts.model_rebuild()
ReadReceiptsReadReceiptsEdges.model_rebuild()
ReadReceiptsReadReceiptsEdgesNode.model_rebuild()
