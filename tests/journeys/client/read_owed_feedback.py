from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel


class ReadOwedFeedback(BaseModel):
    owed_feedback: "ReadOwedFeedbackOwedFeedback" = Field(alias="owedFeedback")


class ReadOwedFeedbackOwedFeedback(BaseModel):
    total_count: int = Field(alias="totalCount")
    nodes: list["ReadOwedFeedbackOwedFeedbackNodes"]


class ReadOwedFeedbackOwedFeedbackNodes(BaseModel):
    result_id: str = Field(alias="resultId")
    supplier_name: Optional[str] = Field(alias="supplierName")
    due_at: datetime = Field(alias="dueAt")


ReadOwedFeedback.model_rebuild()
ReadOwedFeedbackOwedFeedback.model_rebuild()
