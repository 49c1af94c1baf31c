from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel


class ConfirmSupplierList(BaseModel):
    confirm_supplier_list: Union[
        "ConfirmSupplierListConfirmSupplierListSupplierListConfirmed",
        "ConfirmSupplierListConfirmSupplierListInvalidInput",
        "ConfirmSupplierListConfirmSupplierListConflict",
        "ConfirmSupplierListConfirmSupplierListNotAllowed",
        "ConfirmSupplierListConfirmSupplierListNotFound",
        "ConfirmSupplierListConfirmSupplierListRateLimited",
        "ConfirmSupplierListConfirmSupplierListUnauthenticated",
    ] = Field(alias="confirmSupplierList", discriminator="typename__")


class ConfirmSupplierListConfirmSupplierListSupplierListConfirmed(BaseModel):
    typename__: Literal["SupplierListConfirmed"] = Field(alias="__typename")
    confirmed_before: bool = Field(alias="confirmedBefore")
    counts: "ConfirmSupplierListConfirmSupplierListSupplierListConfirmedCounts"


class ConfirmSupplierListConfirmSupplierListSupplierListConfirmedCounts(BaseModel):
    created: int
    known: int
    bad: int
    repeats: int
    contacts_added: int = Field(alias="contactsAdded")


class ConfirmSupplierListConfirmSupplierListInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["ConfirmSupplierListConfirmSupplierListInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class ConfirmSupplierListConfirmSupplierListInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class ConfirmSupplierListConfirmSupplierListConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmSupplierListConfirmSupplierListNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmSupplierListConfirmSupplierListNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmSupplierListConfirmSupplierListRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ConfirmSupplierListConfirmSupplierListUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


ConfirmSupplierList.model_rebuild()
ConfirmSupplierListConfirmSupplierListSupplierListConfirmed.model_rebuild()
ConfirmSupplierListConfirmSupplierListInvalidInput.model_rebuild()
