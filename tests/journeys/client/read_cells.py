from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import CellFigures


class ReadCells(BaseModel):
    benchmark_cells: "ReadCellsBenchmarkCells" = Field(alias="benchmarkCells")


class ReadCellsBenchmarkCells(BaseModel):
    edges: list["ReadCellsBenchmarkCellsEdges"]
    page_info: "ReadCellsBenchmarkCellsPageInfo" = Field(alias="pageInfo")


class ReadCellsBenchmarkCellsEdges(BaseModel):
    node: "ReadCellsBenchmarkCellsEdgesNode"


ReadCellsBenchmarkCellsEdgesNode = CellFigures


class ReadCellsBenchmarkCellsPageInfo(BaseModel):
    has_next_page: bool = Field(alias="hasNextPage")
    end_cursor: Optional[str] = Field(alias="endCursor")


ReadCells.model_rebuild()
ReadCellsBenchmarkCells.model_rebuild()
ReadCellsBenchmarkCellsEdges.model_rebuild()
