from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import BenchmarkRegion
from .fragments import CellFigures


class ReadCell(BaseModel):
    benchmark: "ReadCellBenchmark"


class ReadCellBenchmark(BaseModel):
    release: "ReadCellBenchmarkRelease"
    cell: "ReadCellBenchmarkCell"
    folded_to: Optional["ReadCellBenchmarkFoldedTo"] = Field(alias="foldedTo")


class ReadCellBenchmarkRelease(BaseModel):
    number: int


ReadCellBenchmarkCell = CellFigures


class ReadCellBenchmarkFoldedTo(BaseModel):
    sector: Optional[str]
    region: Optional[BenchmarkRegion]


ReadCell.model_rebuild()
ReadCellBenchmark.model_rebuild()
