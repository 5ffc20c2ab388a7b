"""The figures of the overview, for programs of managers (P11, P12)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from paidsupport.connect.api.declaring import get
from paidsupport.connect.api.models import Answer, Moment
from paidsupport.kernel.context import Context
from paidsupport.ops.overview import operations

TAG = "Overview"


class FigureTold(Answer):
    """One table. The first column says what the others, all figures, are about."""

    name: str
    title: str
    about: str
    unit: str
    header: list[str]
    rows: list[list[Any]]


class OverviewTold(Answer):
    """All figures as they were counted last."""

    at: Annotated[Moment, Field(description="When.")]
    figures: list[FigureTold]


@get("/overview")
def get_overview(ctx: Context) -> OverviewTold:
    """Get all figures as they were counted last. For managers."""
    return OverviewTold.model_validate(operations.for_managers_only(ctx))
