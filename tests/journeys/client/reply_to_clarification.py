from typing import Literal, Union

from pydantic import Field

from .base_model import BaseModel
from .enums import ClarificationState


class ReplyToClarification(BaseModel):
    reply_to_clarification: Union[
        "ReplyToClarificationReplyToClarificationClarificationReplied",
        "ReplyToClarificationReplyToClarificationInvalidInput",
        "ReplyToClarificationReplyToClarificationConflict",
        "ReplyToClarificationReplyToClarificationNotAllowed",
        "ReplyToClarificationReplyToClarificationNotFound",
        "ReplyToClarificationReplyToClarificationRateLimited",
        "ReplyToClarificationReplyToClarificationUnauthenticated",
    ] = Field(alias="replyToClarification", discriminator="typename__")


class ReplyToClarificationReplyToClarificationClarificationReplied(BaseModel):
    typename__: Literal["ClarificationReplied"] = Field(alias="__typename")
    clarification: (
        "ReplyToClarificationReplyToClarificationClarificationRepliedClarification"
    )


class ReplyToClarificationReplyToClarificationClarificationRepliedClarification(
    BaseModel
):
    id: str
    state: ClarificationState


class ReplyToClarificationReplyToClarificationInvalidInput(BaseModel):
    typename__: Literal["InvalidInput"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ReplyToClarificationReplyToClarificationConflict(BaseModel):
    typename__: Literal["Conflict"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ReplyToClarificationReplyToClarificationNotAllowed(BaseModel):
    typename__: Literal["NotAllowed"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ReplyToClarificationReplyToClarificationNotFound(BaseModel):
    typename__: Literal["NotFound"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ReplyToClarificationReplyToClarificationRateLimited(BaseModel):
    typename__: Literal["RateLimited"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


class ReplyToClarificationReplyToClarificationUnauthenticated(BaseModel):
    typename__: Literal["Unauthenticated"] = Field(alias="__typename")
    code: str
    message: str
    path: list[str]


ReplyToClarification.model_rebuild()
ReplyToClarificationReplyToClarificationClarificationReplied.model_rebuild()
