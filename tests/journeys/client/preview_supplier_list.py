from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import SupplierListField


class PreviewSupplierList(BaseModel):
    preview_supplier_list: Union[
        "PreviewSupplierListPreviewSupplierListSupplierListPreviewed",
        "PreviewSupplierListPreviewSupplierListInvalidInput",
        "PreviewSupplierListPreviewSupplierListConflict",
        "PreviewSupplierListPreviewSupplierListNotAllowed",
        "PreviewSupplierListPreviewSupplierListNotFound",
        "PreviewSupplierListPreviewSupplierListRateLimited",
        "PreviewSupplierListPreviewSupplierListUnauthenticated",
    ] = Field(alias="previewSupplierList", discriminator="typename__")


class PreviewSupplierListPreviewSupplierListSupplierListPreviewed(BaseModel):
    typename__: Literal["SupplierListPreviewed"] = Field(alias="__typename")
    preview: "PreviewSupplierListPreviewSupplierListSupplierListPreviewedPreview"


class PreviewSupplierListPreviewSupplierListSupplierListPreviewedPreview(BaseModel):
    encoding: Optional[str]
    delimiter: Optional[str]
    header_line: Optional[int] = Field(alias="headerLine")
    columns: list[
        "PreviewSupplierListPreviewSupplierListSupplierListPreviewedPreviewColumns"
    ]
    summary: Optional[
        "PreviewSupplierListPreviewSupplierListSupplierListPreviewedPreviewSummary"
    ]
    problems: list[
        "PreviewSupplierListPreviewSupplierListSupplierListPreviewedPreviewProblems"
    ]


class PreviewSupplierListPreviewSupplierListSupplierListPreviewedPreviewColumns(
    BaseModel
):
    header: str
    field: Optional[SupplierListField]
    reason: str


class PreviewSupplierListPreviewSupplierListSupplierListPreviewedPreviewSummary(
    BaseModel
):
    rows: int
    new: int
    bad: int
    without_contact: int = Field(alias="withoutContact")
    country_spellings: list[
        "PreviewSupplierListPreviewSupplierListSupplierListPreviewedPreviewSummaryCountrySpellings"
    ] = Field(alias="countrySpellings")


class PreviewSupplierListPreviewSupplierListSupplierListPreviewedPreviewSummaryCountrySpellings(
    BaseModel
):
    spelling: str
    country: str


class PreviewSupplierListPreviewSupplierListSupplierListPreviewedPreviewProblems(
    BaseModel
):
    line: int
    column: str
    value: str
    code: str
    reason: str
    allowed: str


class PreviewSupplierListPreviewSupplierListInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["PreviewSupplierListPreviewSupplierListInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class PreviewSupplierListPreviewSupplierListInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class PreviewSupplierListPreviewSupplierListConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PreviewSupplierListPreviewSupplierListNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PreviewSupplierListPreviewSupplierListNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PreviewSupplierListPreviewSupplierListRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PreviewSupplierListPreviewSupplierListUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


PreviewSupplierList.model_rebuild()
PreviewSupplierListPreviewSupplierListSupplierListPreviewed.model_rebuild()
PreviewSupplierListPreviewSupplierListSupplierListPreviewedPreview.model_rebuild()
PreviewSupplierListPreviewSupplierListSupplierListPreviewedPreviewSummary.model_rebuild()
PreviewSupplierListPreviewSupplierListInvalidInput.model_rebuild()
