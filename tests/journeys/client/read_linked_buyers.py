from pydantic import Field

from .base_model import BaseModel


class ReadLinkedBuyers(BaseModel):
    linked_buyers: list["ReadLinkedBuyersLinkedBuyers"] = Field(alias="linkedBuyers")


class ReadLinkedBuyersLinkedBuyers(BaseModel):
    id: str
    name: str
    is_active: bool = Field(alias="isActive")


ReadLinkedBuyers.model_rebuild()
