"""What is shown of a result: a figure with its table, its n and its file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from streamlit_app.catalogue import say
from streamlit_app.pages.tables import table
from study.desk import StudyStatus
from study.gap import Gap

CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "select2d"]}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
Records = Sequence[Mapping[str, Any]]


def draw(figure: Any, name: str, alt: str) -> None:
    """A figure in a box, with its files."""
    with st.container(border=True):
        chart(figure, name, alt)
        with st.container(horizontal=True):
            figure_files(figure, name)


def chart(figure: Any, name: str, alt: str) -> None:
    """The figure alone."""
    st.plotly_chart(figure, key=f"figure-{name}", config=CONFIG, alt=alt)


def figure_files(figure: Any, name: str) -> None:
    """The figure as a page of its own and as data, made when they are asked for."""
    html = lambda: figure.to_html(include_plotlyjs=True)
    download(say("figure_html"), html, f"{name}.html", "text/html", icon=":material/download:")
    download(say("figure_json"), figure.to_json, f"{name}.json", "application/json")


def download(label: str, data: Callable[[], str], name: str, mime: str = "text/csv", icon: str | None = None) -> None:
    """A button for a file that is made when it is pressed."""
    st.download_button(label, data=data, file_name=name, mime=mime, icon=icon, on_click="ignore", key=f"file-{name}")


def exhibit(
    name: str,
    figure: Any,
    alt: str,
    caption: str,
    headers: Sequence[str],
    rows: Sequence[Sequence[object]],
    records: Callable[[], Records],
    *,
    words: str = "",
    numbers: Iterable[int] | None = None,
    wide: Iterable[int] = (),
    whole: Iterable[int] = (),
    folded: bool = False,
) -> None:
    """A figure (None: a table alone), its files, its table, and the numbers behind both as CSV.

    Numbers are all columns but the first unless told. A long table can be ``folded`` away.
    """
    with st.container(border=True):
        if figure is not None:
            chart(figure, name, alt)
        with st.container(horizontal=True):
            csv_name = f"{name}.csv"
            download(say("figure_csv"), lambda: csv_of(records()), csv_name, icon=":material/table:")
            if figure is not None:
                figure_files(figure, name)
        columns = range(1, len(headers)) if numbers is None else numbers
        place = st.expander(say("table_of_figure", n=len(rows))) if folded else st.container()
        with place:
            table(caption, headers, rows, numbers=columns, wide=wide, whole=whole)
        if words:
            st.caption(words)


def csv_of(records: Records) -> str:
    """The records as CSV with a byte-order mark; a text that a spreadsheet would run stands after an apostrophe."""
    out = io.StringIO()
    fields = list(dict.fromkeys(field for record in records for field in record))
    writer = csv.writer(out)
    writer.writerow(fields)
    for record in records:
        writer.writerow([_guarded(record.get(field)) for field in fields])
    return "\ufeff" + out.getvalue()


def _guarded(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def marks_of(gap: Gap | None, status: StudyStatus) -> list[str]:
    """What must be said wherever a number is shown: made-up cases, made-up grades, lines that wait for a grade."""
    marks = [say("mark_synthetic")] if status.synthetic else []
    if gap is not None:
        marks += [say("mark_simulated", n=gap.sources["simulated"])] if gap.sources.get("simulated") else []
        marks += [say("mark_provisional", n=gap.ungraded)] if gap.ungraded else []
    return marks


def p_value(p: float | None) -> str:
    """A p value to four places."""
    return "–" if p is None else "< .0001" if p < 1e-4 else f"{p:.4f}"


def number(value: float | None, places: int = 2, factor: float = 1.0, sign: bool = False) -> str:
    """A number, or a dash where there is none."""
    if value is None:
        return "–"
    rounded = round(factor * value, places) + 0.0  # no minus before nothing
    return f"{rounded:{'+' if sign else ''}.{places}f}"


def interval(ci: tuple[float, float] | None, places: int = 2, factor: float = 1.0) -> str:
    """The two ends, or a dash."""
    return "–" if ci is None else f"{factor * ci[0]:.{places}f}, {factor * ci[1]:.{places}f}"
