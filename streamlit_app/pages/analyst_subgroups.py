"""Humans beside models in subgroups of the cases, and whether their difference changes from one to the next."""

from __future__ import annotations

from typing import Any

import streamlit as st

from streamlit_app.catalogue import in_words, say
from streamlit_app.pages.exhibit import exhibit, number, p_value
from streamlit_app.pages.figures_beside import factor, places
from streamlit_app.pages.figures_findings import Dot, Frame, dots
from streamlit_app.pages.finding import Look, about, flat, look_of, named, shown, subject, told
from study.desk import AnalystDesk, StudyStatus
from study.findings import Group, Value
from study.findings.subgroups import Division, Interaction, Level, Subgroups


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """Choose by what the cases are divided."""
    found = subject(desk, status, Subgroups, "subgroups")
    if found is not None:
        show(found, look_of(desk, status))


def show(found: Subgroups, look: Look) -> None:
    """The finding, where there is anything in it, and how it was made."""
    st.markdown(f"**{say('subgroups_title')}**")
    if shown(found) and found.divisions:
        keys = [f"{one.by}/{one.measure}" for one in found.divisions]
        names = {key: _name(one) for key, one in zip(keys, found.divisions, strict=True)}
        chosen = st.selectbox(
            say("subgroups_by"), keys, format_func=names.__getitem__, key="subgroups-division", width=420
        )
        _division(found.divisions[keys.index(chosen)], look)
    for one in found.not_divided:
        st.caption(say("division_none", by=named("division", one.what.replace(" ", "-")), why=in_words(one.why)))
    about(found)


def _name(one: Division) -> str:
    return f"{say(f'division_{one.by}')}, {say(f'measure_{one.measure}')} ({say(f'standing_{one.status}')})"


def _division(one: Division, look: Look) -> None:
    items = [
        Dot(f"{_level_name(one.by, level.level)}, {say(f'kind_{group}')}", group, value)
        for level in one.levels
        for group, value in (("human", level.human), ("model", level.model))
        if value.estimate is not None
    ]
    frame = Frame(_name(one), say("intervals_both"), look.marks, look.ink)
    times = factor(one.measure)
    exhibit(
        f"{look.slug}-by-{one.by}-{one.measure}",
        dots(items, frame, say("beside_axis" if times == 100 else "beside_axis_raw"), times),
        say("subgroups_alt"),
        say("subgroups_caption"),
        [say(f"subgroups_{name}") for name in ("level", "cases", "human", "model", "difference", "p", "small")],
        [_level(level, one) for level in one.levels],
        lambda: [_record(level, one) for level in one.levels],
        numbers=range(1, 6),
        words=say("subgroups_words") if one.overlapping else "",
    )
    tested = [found for found in one.interactions if found.F is not None]
    for found in one.interactions:
        if found.F is None:
            st.caption(
                "; ".join(part for part in (say("interactions_caption"), *found.levels, in_words(found.why)) if part)
                + "."
            )
    if tested:
        exhibit(
            f"{look.slug}-by-{one.by}-{one.measure}-interactions",
            None,
            "",
            say("interactions_caption"),
            [say("subgroups_level"), "F", say("interactions_df"), "p", say("interactions_contrast")],
            [_interaction(found, one.measure) for found in tested],
            lambda: [
                found.model_dump(exclude={"contrast", "levels"})
                | {"levels": "; ".join(found.levels)}
                | flat("contrast", found.contrast)
                for found in tested
            ],
        )


def _level_name(by: str, level: str) -> str:
    return named("type", level) if by == "evidence-type" else named("specialty", level)


def _level(level: Level, one: Division) -> list[str]:
    measure = one.measure
    shape = (places(measure), factor(measure))
    pairs: tuple[tuple[Group, Value], ...] = (("human", level.human), ("model", level.model))
    means = [
        f"{told(value, *shape)} (n={level.readings.get(group, 0)})" if value.estimate is not None else "–"
        for group, value in pairs
    ]
    difference = told(level.difference, *shape, sign=True)
    warned = say("subgroups_few") if level.small else ""
    return [_level_name(one.by, level.level), str(level.cases), *means, difference, p_value(level.difference.p), warned]


def _record(level: Level, one: Division) -> dict[str, Any]:
    plain = {"by": one.by, "measure": one.measure, "level": level.level, "cases": level.cases, "small": level.small}
    counts = {f"{group}_readings": n for group, n in level.readings.items()}
    values = flat("human", level.human) | flat("model", level.model) | flat("difference", level.difference)
    return plain | counts | values


def _interaction(found: Interaction, measure: str) -> list[str]:
    df = f"{found.df1}, {number(found.df2, 1)}"
    contrast = told(found.contrast, places(measure), factor(measure), sign=True)
    return ["; ".join(found.levels), number(found.F), df, p_value(found.p), contrast]
