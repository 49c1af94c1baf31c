from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel


class ReadBothResults(BaseModel):
    supplier: Optional["ReadBothResultsSupplier"]


class ReadBothResultsSupplier(BaseModel):
    latest_result: Optional["ReadBothResultsSupplierLatestResult"] = Field(
        alias="latestResult"
    )


class ReadBothResultsSupplierLatestResult(BaseModel):
    questionnaire: str
    version: str
    total: Optional[Decimal]
    sections: list["ReadBothResultsSupplierLatestResultSections"]


class ReadBothResultsSupplierLatestResultSections(BaseModel):
    key: str
    answers: list["ReadBothResultsSupplierLatestResultSectionsAnswers"]


class ReadBothResultsSupplierLatestResultSectionsAnswers(BaseModel):
    question: str
    values: list[str]


ReadBothResults.model_rebuild()
ReadBothResultsSupplier.model_rebuild()
ReadBothResultsSupplierLatestResult.model_rebuild()
ReadBothResultsSupplierLatestResultSections.model_rebuild()
