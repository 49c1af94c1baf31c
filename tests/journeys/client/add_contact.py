from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import SupplierState


class AddContact(BaseModel):
    add_supplier_contact: Union[
        "AddContactAddSupplierContactSupplierContactAdded",
        "AddContactAddSupplierContactInvalidInput",
        "AddContactAddSupplierContactConflict",
        "AddContactAddSupplierContactNotAllowed",
        "AddContactAddSupplierContactNotFound",
        "AddContactAddSupplierContactRateLimited",
        "AddContactAddSupplierContactUnauthenticated",
    ] = Field(alias="addSupplierContact", discriminator="typename__")


class AddContactAddSupplierContactSupplierContactAdded(BaseModel):
    typename__: Literal["SupplierContactAdded"] = Field(alias="__typename")
    contact_id: str = Field(alias="contactId")
    supplier: "AddContactAddSupplierContactSupplierContactAddedSupplier"


class AddContactAddSupplierContactSupplierContactAddedSupplier(BaseModel):
    id: str
    state: SupplierState
    contacts: list["AddContactAddSupplierContactSupplierContactAddedSupplierContacts"]


class AddContactAddSupplierContactSupplierContactAddedSupplierContacts(BaseModel):
    email: str


class AddContactAddSupplierContactInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["AddContactAddSupplierContactInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class AddContactAddSupplierContactInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class AddContactAddSupplierContactConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AddContactAddSupplierContactNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AddContactAddSupplierContactNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AddContactAddSupplierContactRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class AddContactAddSupplierContactUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


AddContact.model_rebuild()
AddContactAddSupplierContactSupplierContactAdded.model_rebuild()
AddContactAddSupplierContactSupplierContactAddedSupplier.model_rebuild()
AddContactAddSupplierContactInvalidInput.model_rebuild()
