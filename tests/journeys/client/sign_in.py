from typing import Literal, Optional, Union

from pydantic import Field

from .base_model import BaseModel


class SignIn(BaseModel):
    sign_in: Union[
        "SignInSignInSignedIn",
        "SignInSignInInvalidInput",
        "SignInSignInConflict",
        "SignInSignInNotAllowed",
        "SignInSignInNotFound",
        "SignInSignInRateLimited",
        "SignInSignInUnauthenticated",
    ] = Field(alias="signIn", discriminator="typename__")


class SignInSignInSignedIn(BaseModel):
    typename__: Literal["SignedIn"] = Field(alias="__typename")
    token: str
    organization: Optional["SignInSignInSignedInOrganization"]


class SignInSignInSignedInOrganization(BaseModel):
    id: str
    name: str


class SignInSignInInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    problems: list["SignInSignInInvalidInputProblems"]
    code: str
    message: str
    path: list[str]


class SignInSignInInvalidInputProblems(BaseModel):
    path: list[str]
    code: str
    message: str


class SignInSignInConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SignInSignInNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SignInSignInNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SignInSignInRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class SignInSignInUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


SignIn.model_rebuild()
SignInSignInSignedIn.model_rebuild()
SignInSignInInvalidInput.model_rebuild()
