from decimal import Decimal
from typing import Optional

from pydantic import Field

from .base_model import BaseModel


class CompareYears(BaseModel):
    compare_submissions: "CompareYearsCompareSubmissions" = Field(
        alias="compareSubmissions"
    )


class CompareYearsCompareSubmissions(BaseModel):
    earlier: "CompareYearsCompareSubmissionsEarlier"
    later: "CompareYearsCompareSubmissionsLater"
    totals: "CompareYearsCompareSubmissionsTotals"
    answers: list["CompareYearsCompareSubmissionsAnswers"]


class CompareYearsCompareSubmissionsEarlier(BaseModel):
    version: str
    total: Optional[Decimal]


class CompareYearsCompareSubmissionsLater(BaseModel):
    version: str
    total: Optional[Decimal]


class CompareYearsCompareSubmissionsTotals(BaseModel):
    is_comparable: bool = Field(alias="isComparable")
    code: str
    sentence: str


class CompareYearsCompareSubmissionsAnswers(BaseModel):
    question: str
    title: str
    earlier: Optional["CompareYearsCompareSubmissionsAnswersEarlier"]
    later: Optional["CompareYearsCompareSubmissionsAnswersLater"]
    comparability: "CompareYearsCompareSubmissionsAnswersComparability"


class CompareYearsCompareSubmissionsAnswersEarlier(BaseModel):
    value: Optional["CompareYearsCompareSubmissionsAnswersEarlierValue"]


class CompareYearsCompareSubmissionsAnswersEarlierValue(BaseModel):
    number: Optional[Decimal]
    choice: Optional[str]


class CompareYearsCompareSubmissionsAnswersLater(BaseModel):
    value: Optional["CompareYearsCompareSubmissionsAnswersLaterValue"]


class CompareYearsCompareSubmissionsAnswersLaterValue(BaseModel):
    number: Optional[Decimal]
    choice: Optional[str]


class CompareYearsCompareSubmissionsAnswersComparability(BaseModel):
    is_comparable: bool = Field(alias="isComparable")
    code: str
    sentence: str


CompareYears.model_rebuild()
CompareYearsCompareSubmissions.model_rebuild()
CompareYearsCompareSubmissionsAnswers.model_rebuild()
CompareYearsCompareSubmissionsAnswersEarlier.model_rebuild()
CompareYearsCompareSubmissionsAnswersLater.model_rebuild()
