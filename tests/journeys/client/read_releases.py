from datetime import date

from pydantic import Field

from .base_model import BaseModel


class ReadReleases(BaseModel):
    benchmark_releases: list["ReadReleasesBenchmarkReleases"] = Field(
        alias="benchmarkReleases"
    )


class ReadReleasesBenchmarkReleases(BaseModel):
    number: int
    period_start: date = Field(alias="periodStart")
    period_end: date = Field(alias="periodEnd")
    fewest_for_mean: int = Field(alias="fewestForMean")


ReadReleases.model_rebuild()
