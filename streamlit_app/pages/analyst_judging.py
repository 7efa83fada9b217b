"""Beside the gap: who graded, by which rule, how far they agree, and the scores under each of them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from streamlit_app.catalogue import say
from streamlit_app.pages.exhibit import Records, csv_of, download
from streamlit_app.pages.tables import table
from study.agreement import Judging, Kappa, Under, sentences


def section(judging: Judging | None, slug: str) -> None:
    """Sentences, and tables each with its file; nothing where one human alone graded."""
    if judging is None:
        return
    with st.container(border=True):
        st.markdown(f"**{say('agreement_title')}**")
        for sentence in sentences(judging):
            st.markdown(f"- {sentence}")
        _pairs(judging)
        _file(f"{slug}-graders", [_flat(one.model_dump()) for one in judging.pairs])
        if judging.repeats:
            _repeats(judging)
            _file(f"{slug}-judges-repeats", [one.model_dump() for one in judging.repeats])
        if judging.under:
            _under(judging)
            _file(f"{slug}-under-each-grader", [one.model_dump() for one in judging.under])


def _file(name: str, records: Records) -> None:
    download(say("figure_csv"), lambda: csv_of(records), f"{name}.csv", icon=":material/table:")


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """Each part of a kappa as a column of its own."""
    found: dict[str, Any] = {}
    for name, value in record.items():
        found |= {f"{name}_{part}": one for part, one in value.items()} if isinstance(value, dict) else {name: value}
    return found


def _pairs(judging: Judging) -> None:
    names = ("pair", "lines", "n", "equal", "near", "linear", "se", "quadratic", "se")
    rows = [
        [
            f"{one.first}, {one.second}",
            say(f"agreement_lines_{one.lines}"),
            str(one.n),
            _share(one.equal),
            _share(one.within_one),
            *_kappa(one.linear),
            *_kappa(one.quadratic),
        ]
        for one in judging.pairs
    ]
    table(say("agreement_caption"), [say(f"agreement_{name}") for name in names], rows, numbers=range(2, 9), wide=(1,))


def _repeats(judging: Judging) -> None:
    names = ("judge", "repeated", "n", "within", "between", "share", "changed", "crossed")
    rows = [
        [
            one.judge,
            str(one.lines),
            str(one.gradings),
            _number(one.within),
            _number(one.between),
            _share(one.share),
            _share(one.changed),
            _share(one.crossed),
        ]
        for one in judging.repeats
    ]
    table(say("repeats_caption"), [say(f"agreement_{name}") for name in names], rows, numbers=range(1, 8))


def _under(judging: Judging) -> None:
    rows = [
        [
            one.by,
            say(f"kind_{one.group}"),
            say(f"measure_{one.measure}"),
            _value(one),
            one.n,
        ]
        for one in judging.under
    ]
    headers = [
        say("agreement_judge"),
        say("agreement_group"),
        say("contrast_measure"),
        say("contrast_estimate_of"),
        "n",
    ]
    table(say("under_caption"), headers, rows, numbers=(3, 4))


def _kappa(kappa: Kappa) -> tuple[str, str]:
    return _number(kappa.kappa), _number(kappa.se)


def _value(one: Under) -> str:
    if one.low is None or one.high is None:
        return "–"
    return f"{100 * one.low:.1f} … {100 * one.high:.1f}" if one.estimate is None else f"{100 * one.estimate:.1f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f} %"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
