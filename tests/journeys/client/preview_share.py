from decimal import Decimal
from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel


class PreviewShare(BaseModel):
    preview_share: Union[
        "PreviewSharePreviewShareSharePreviewed",
        "PreviewSharePreviewShareInvalidInput",
        "PreviewSharePreviewShareConflict",
        "PreviewSharePreviewShareNotAllowed",
        "PreviewSharePreviewShareNotFound",
        "PreviewSharePreviewShareRateLimited",
        "PreviewSharePreviewShareUnauthenticated",
    ] = Field(alias="previewShare", discriminator="typename__")


class PreviewSharePreviewShareSharePreviewed(BaseModel):
    typename__: Literal["SharePreviewed"] = Field(alias="__typename")
    share: "PreviewSharePreviewShareSharePreviewedShare"


class PreviewSharePreviewShareSharePreviewedShare(BaseModel):
    sections: list[str]
    shows: Optional["PreviewSharePreviewShareSharePreviewedShareShows"]


class PreviewSharePreviewShareSharePreviewedShareShows(BaseModel):
    total: Optional[Decimal]
    band: Optional[str]
    sections: list["PreviewSharePreviewShareSharePreviewedShareShowsSections"]
    evidence: list["PreviewSharePreviewShareSharePreviewedShareShowsEvidence"]


class PreviewSharePreviewShareSharePreviewedShareShowsSections(BaseModel):
    key: str
    answers: list["PreviewSharePreviewShareSharePreviewedShareShowsSectionsAnswers"]


class PreviewSharePreviewShareSharePreviewedShareShowsSectionsAnswers(BaseModel):
    question: str
    values: list[str]


class PreviewSharePreviewShareSharePreviewedShareShowsEvidence(BaseModel):
    file_name: str = Field(alias="fileName")


class PreviewSharePreviewShareInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["PreviewSharePreviewShareInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class PreviewSharePreviewShareInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class PreviewSharePreviewShareConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PreviewSharePreviewShareNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PreviewSharePreviewShareNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PreviewSharePreviewShareRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class PreviewSharePreviewShareUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


PreviewShare.model_rebuild()
PreviewSharePreviewShareSharePreviewed.model_rebuild()
PreviewSharePreviewShareSharePreviewedShare.model_rebuild()
PreviewSharePreviewShareSharePreviewedShareShows.model_rebuild()
PreviewSharePreviewShareSharePreviewedShareShowsSections.model_rebuild()
PreviewSharePreviewShareInvalidInput.model_rebuild()
