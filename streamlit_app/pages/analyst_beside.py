"""Humans beside models: every reader and model in one measure, their difference in all, and what each arm gave."""

from __future__ import annotations

from typing import Any

import streamlit as st

from scoring.reading import FAILED
from streamlit_app import analysing
from streamlit_app.catalogue import say
from streamlit_app.pages import analyst_subgroups, figures_beside
from streamlit_app.pages.exhibit import exhibit, interval, marks_of, number, p_value
from streamlit_app.pages.figures import DARK, LIGHT
from study.beside import NOT_READ, SHOWN, Arm, Beside, Difference, Rate
from study.desk import AnalystDesk, StudyStatus
from study.gap import Gap, Score


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """Choose a measure; the differences and arms stand below, whatever was chosen."""
    version = analysing.version(desk, status)
    gap = analysing.gap(status.study, version, desk, status)
    beside = analysing.beside(status.study, version, desk, status)
    measures = list(dict.fromkeys(one.measure for one in gap.scores))
    if not measures:
        st.info(say("no_readings"))
    else:
        _ranking(gap, measures, status)
        _differences(beside, status)
    _arms(beside, status)
    analyst_subgroups.section(desk, status)


def _ranking(gap: Gap, measures: list[str], status: StudyStatus) -> None:
    measure = st.selectbox(
        say("contrast_measure"),
        measures,
        index=measures.index("coverage") if "coverage" in measures else 0,
        format_func=lambda key: say(f"measure_{key}"),
        key="beside-measure",
        width=420,
    )
    if len({one.group for one in gap.scores}) < 2:
        st.info(say("beside_one_group"))
    ink = DARK if st.context.theme.type == "dark" else LIGHT
    wholes = [one for group in ("human", "model") if (one := gap.of(measure, group)) is not None]
    shown = [*wholes, *figures_beside.ranked(gap, measure)]
    exhibit(
        f"{status.slug}-beside-{measure}",
        figures_beside.beside_figure(gap, measure, ink, marks_of(gap, status)),
        say("beside_alt", measure=say(f"measure_{measure}")),
        say("beside_caption"),
        [say("people_who"), say("agreement_group"), "n", say("missing"), say("failed"), say(f"measure_{measure}")],
        [_row(gap, one) for one in shown],
        lambda: [_record(one) for one in shown],
        numbers=(2, 3, 4, 5),
        whole=range(len(wholes)),
        words=say("beside_words"),
    )


def _row(gap: Gap, one: Score) -> list[str]:
    name = one.reader or say(f"group_{one.group}", n=gap.readers[one.group])
    return [name, say(f"one_{one.group}"), *(str(value) for value in (one.n, one.missing, one.failed)), _value(one)]


def _value(one: Score) -> str:
    times, places = figures_beside.factor(one.measure), figures_beside.places(one.measure)
    if one.low is None or one.high is None:
        return "–"
    if one.estimate is None:
        return f"{times * one.low:.{places}f} … {times * one.high:.{places}f}"
    ends = f" [{interval(one.interval, places, times)}]" if one.interval else ""
    return f"{times * one.estimate:.{places}f}{ends}"


def _record(one: Score) -> dict[str, Any]:
    low, high = one.interval or (None, None)
    return one.model_dump(exclude={"interval"}) | {"interval_low": low, "interval_high": high}


def _differences(beside: Beside, status: StudyStatus) -> None:
    if not beside.differences:
        st.info(say("beside_no_difference"))
        for sentence in beside.refused:
            st.markdown(f"- {sentence}")
        return
    every = st.toggle(say("beside_every_method"), value=False, key="beside-every")
    shown = [one for one in beside.differences if every or one.leads]
    names = ("measure", "estimate", "interval", "se", "df", "p", "n", "method")
    exhibit(
        f"{status.slug}-differences",
        None,
        "",
        say("beside_differences"),
        [say(f"contrast_{name}") for name in names],
        [_difference(one) for one in shown],
        lambda: [one.model_dump(exclude={"ci"}) | _ends(one) for one in beside.differences],
        numbers=range(1, 7),
        wide=(7,),
        words=say("beside_differences_words"),
    )
    if beside.refused:
        with st.expander(say("beside_refused", n=len(beside.refused))):
            for sentence in beside.refused:
                st.markdown(f"- {sentence}")


def _ends(one: Difference) -> dict[str, float | None]:
    low, high = one.ci or (None, None)
    return {"ci_low": low, "ci_high": high}


def _difference(one: Difference) -> list[str]:
    times, places = figures_beside.factor(one.measure), figures_beside.places(one.measure)
    return [
        say(f"measure_{one.measure}"),
        number(one.estimate, places, times, sign=True),
        interval(one.ci, places, times),
        number(one.se, places, times),
        number(one.df, 1),
        p_value(one.p),
        str(one.n),
        one.method,
    ]


def _arms(beside: Beside, status: StudyStatus) -> None:
    names = ("arm", "kind", "group", "readings", "completed", "others")
    exhibit(
        f"{status.slug}-arms",
        None,
        "",
        say("arms_caption"),
        [*(say(f"arms_{name}") for name in names), *(say(f"measure_{name}") for name in SHOWN)],
        [_arm(one) for one in beside.arms],
        lambda: [_arm_record(one) for one in beside.arms],
        numbers=(3, 4, 6, 7, 8),
        wide=(5,),
        words=say("arms_words"),
    )


def _arm(one: Arm) -> list[str]:
    kind = say("arms_condition" if one.condition else "arms_arm_kind")
    others = ", ".join(f"{say(f'arm_state_{state}')} {n}" for state, n in one.others.items()) or "–"
    counts = [one.name, kind, say(f"kind_{one.group}"), str(one.readings), str(one.completed)]
    if not one.rates:
        why = say("arms_not_read" if one.why == NOT_READ else "arms_no_answer")
        return [*counts, f"{why} {others}" if one.others else why, "–", "–", "–"]
    return [*counts, others, *(_rate(one.rates.get(name)) for name in SHOWN)]


def _rate(rate: Rate | None) -> str:
    if rate is None:
        return "–"
    told = f"{100 * rate.low:.1f}" if rate.low == rate.high else f"{100 * rate.low:.1f} … {100 * rate.high:.1f}"
    return f"{told} (n={rate.n})"


def _arm_record(one: Arm) -> dict[str, Any]:
    rates = {f"{name}_{part}": getattr(rate, part) for name, rate in one.rates.items() for part in ("low", "high", "n")}
    failed = sum(n for state, n in one.others.items() if state in FAILED)
    return one.model_dump(exclude={"rates", "others"}) | {"failed": failed} | rates
