"""A pilot's scores as the matrices that a plan is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from study.database.wire import StudyError
from study.exporting.scores import Scores

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Array = npt.NDArray[np.float64]

Outcome = Literal["gap", "ddx", "fdx"]
OUTCOMES: tuple[Outcome, ...] = ("gap", "ddx", "fdx")


def matrices(scores: Scores, outcome: Outcome) -> tuple[Array, Array | None]:
    """Scores (readers, cases) of humans and of models, NaN for missing, runs averaged; None without models.

    Raises ``StudyError`` where no human has the outcome.
    """
    rows = scores.rows[scores.rows["task"].isin(("ddx", scores.fdx))]
    cells = rows.pivot_table(index=["group", "reader", "case", "run"], columns="task", values="score").reset_index()
    for task in ("ddx", scores.fdx):
        if task not in cells:
            raise StudyError(f"The pilot has no score of {task}, so nothing can be planned from it.")
    values = {"ddx": cells["ddx"], "fdx": cells[scores.fdx], "gap": cells["ddx"] - cells[scores.fdx]}
    cells = cells.assign(value=values[outcome]).dropna(subset=["value"])
    cases = sorted(cells["case"].unique())
    human, model = (_wide(cells[cells["group"] == group], cases) for group in ("human", "model"))
    if human is None:
        raise StudyError("The pilot has no human reader with scores, so nothing can be planned from it.")
    return human, model


def _wide(cells: pd.DataFrame, cases: list[str]) -> Array | None:
    if cells.empty:
        return None
    wide = cells.pivot_table(index="reader", columns="case", values="value").reindex(columns=cases)
    return wide.to_numpy(float)
