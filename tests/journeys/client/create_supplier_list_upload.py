from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import SupplierListState


class CreateSupplierListUpload(BaseModel):
    create_supplier_list_upload: Union[
        "CreateSupplierListUploadCreateSupplierListUploadSupplierListUploadCreated",
        "CreateSupplierListUploadCreateSupplierListUploadInvalidInput",
        "CreateSupplierListUploadCreateSupplierListUploadConflict",
        "CreateSupplierListUploadCreateSupplierListUploadNotAllowed",
        "CreateSupplierListUploadCreateSupplierListUploadNotFound",
        "CreateSupplierListUploadCreateSupplierListUploadRateLimited",
        "CreateSupplierListUploadCreateSupplierListUploadUnauthenticated",
    ] = Field(alias="createSupplierListUpload", discriminator="typename__")


class CreateSupplierListUploadCreateSupplierListUploadSupplierListUploadCreated(
    BaseModel
):
    typename__: Literal["SupplierListUploadCreated"] = Field(alias="__typename")
    supplier_list: "CreateSupplierListUploadCreateSupplierListUploadSupplierListUploadCreatedSupplierList" = Field(
        alias="supplierList"
    )
    upload: Optional[
        "CreateSupplierListUploadCreateSupplierListUploadSupplierListUploadCreatedUpload"
    ]


class CreateSupplierListUploadCreateSupplierListUploadSupplierListUploadCreatedSupplierList(
    BaseModel
):
    id: str
    state: SupplierListState


class CreateSupplierListUploadCreateSupplierListUploadSupplierListUploadCreatedUpload(
    BaseModel
):
    url: str
    method: str
    headers: list[
        "CreateSupplierListUploadCreateSupplierListUploadSupplierListUploadCreatedUploadHeaders"
    ]


class CreateSupplierListUploadCreateSupplierListUploadSupplierListUploadCreatedUploadHeaders(
    BaseModel
):
    name: str
    value: str


class CreateSupplierListUploadCreateSupplierListUploadInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list[
        "CreateSupplierListUploadCreateSupplierListUploadInvalidInputProblems"
    ]
    code: str
    message: str
    path: list[str]


class CreateSupplierListUploadCreateSupplierListUploadInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class CreateSupplierListUploadCreateSupplierListUploadConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateSupplierListUploadCreateSupplierListUploadNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateSupplierListUploadCreateSupplierListUploadNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateSupplierListUploadCreateSupplierListUploadRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class CreateSupplierListUploadCreateSupplierListUploadUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


CreateSupplierListUpload.model_rebuild()
CreateSupplierListUploadCreateSupplierListUploadSupplierListUploadCreated.model_rebuild()
CreateSupplierListUploadCreateSupplierListUploadSupplierListUploadCreatedUpload.model_rebuild()
CreateSupplierListUploadCreateSupplierListUploadInvalidInput.model_rebuild()
