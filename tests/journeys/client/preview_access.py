from decimal import Decimal
from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel


class PreviewAccess(BaseModel):
    preview_access: Union[
        "PreviewAccessPreviewAccessSharePreviewed",
        "PreviewAccessPreviewAccessInvalidInput",
        "PreviewAccessPreviewAccessConflict",
        "PreviewAccessPreviewAccessNotAllowed",
        "PreviewAccessPreviewAccessNotFound",
        "PreviewAccessPreviewAccessRateLimited",
        "PreviewAccessPreviewAccessUnauthenticated",
    ] = Field(alias="previewAccess", discriminator="typename__")


class PreviewAccessPreviewAccessSharePreviewed(BaseModel):
    typename__: Literal["SharePreviewed"] = Field(alias="__typename")
    shows: Optional["PreviewAccessPreviewAccessSharePreviewedShows"]


class PreviewAccessPreviewAccessSharePreviewedShows(BaseModel):
    total: Optional[Decimal]
    sections: list["PreviewAccessPreviewAccessSharePreviewedShowsSections"]
    evidence: list["PreviewAccessPreviewAccessSharePreviewedShowsEvidence"]


class PreviewAccessPreviewAccessSharePreviewedShowsSections(BaseModel):
    key: str
    answers: list["PreviewAccessPreviewAccessSharePreviewedShowsSectionsAnswers"]


class PreviewAccessPreviewAccessSharePreviewedShowsSectionsAnswers(BaseModel):
    question: str
    values: list[str]


class PreviewAccessPreviewAccessSharePreviewedShowsEvidence(BaseModel):
    file_name: str = Field(alias="fileName")


class PreviewAccessPreviewAccessInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["PreviewAccessPreviewAccessInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class PreviewAccessPreviewAccessInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class PreviewAccessPreviewAccessConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PreviewAccessPreviewAccessNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PreviewAccessPreviewAccessNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PreviewAccessPreviewAccessRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PreviewAccessPreviewAccessUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


PreviewAccess.model_rebuild()
PreviewAccessPreviewAccessSharePreviewed.model_rebuild()
PreviewAccessPreviewAccessSharePreviewedShows.model_rebuild()
PreviewAccessPreviewAccessSharePreviewedShowsSections.model_rebuild()
PreviewAccessPreviewAccessInvalidInput.model_rebuild()
