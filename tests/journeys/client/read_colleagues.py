from .base_model import BaseModel


class ReadColleagues(BaseModel):
    members: "ReadColleaguesMembers"


class ReadColleaguesMembers(BaseModel):
    edges: list["ReadColleaguesMembersEdges"]


class ReadColleaguesMembersEdges(BaseModel):
    node: "ReadColleaguesMembersEdgesNode"


class ReadColleaguesMembersEdgesNode(BaseModel):
    id: str
    name: str


ReadColleagues.model_rebuild()
ReadColleaguesMembers.model_rebuild()
ReadColleaguesMembersEdges.model_rebuild()
