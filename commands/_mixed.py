"""Mixed models beside the closed forms: of a table, and as they are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands import _table_file

TITLES = {
    "mixed": "Humans minus models, linear mixed models (sensitivity analysis)",
    "logistic": "Humans minus models, logistic mixed models, log odds (sensitivity analysis)",
}


def of_table(file: Path) -> dict[str, Any]:
    """The linear and the logistic model of the table's gap, by name; None with the sentence that says why not."""
    from scoring import logistic, mixed
    from scoring.estimates import TooLittleData

    table = _table_file.read(file)
    found: dict[str, Any] = {}
    for kind, fit in (("mixed", mixed.gap), ("logistic", logistic.gap)):
        try:
            found |= {kind: {"gap": fit(table).to_json()}, f"{kind}_refused": None}
        except TooLittleData as error:
            found |= {kind: {"gap": None}, f"{kind}_refused": f"{kind} model: {error}"}
    return found


def show(plain: dict[str, Any], console: Console) -> None:
    """The models of a table, or why there are none."""
    for kind in TITLES:
        if why := plain[f"{kind}_refused"]:
            console.print(f"• {escape(why)}")
        else:
            console.print(shown(kind, plain[kind]))


def shown(kind: str, fits: dict[str, Any]) -> Table:
    """Humans minus models by the mixed models of one kind."""
    table = Table(title=TITLES[kind], title_justify="left")
    for name in ("outcome", "estimate", "95 % CI", "SE", "df", "p", "n", "method"):
        table.add_column(name)
    for measure, fit in fits.items():
        df = "–" if fit["df"] is None else f"{fit['df']:.1f}"
        numbers = (f"{fit['estimate']:.3f}", f"{fit['ci'][0]:.3f}, {fit['ci'][1]:.3f}", f"{fit['se']:.4f}", df)
        p = "<.0001" if fit["p"] < 1e-4 else f"{fit['p']:.4f}"
        table.add_row(measure.replace("_", " "), *numbers, p, str(fit["n"]), fit["method"])
    return table
