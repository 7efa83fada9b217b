"""Each case side by side: what every reader and model answered at every stage, against the truth."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from scoring.grades import Scale
from streamlit_app import analysing
from streamlit_app.catalogue import say
from streamlit_app.pages.exhibit import csv_of, download
from streamlit_app.pages.tables import plain, scroll
from study.comparison import Answerer, CaseView, Stage, side_by_side
from study.conditions import MAIN
from study.desk import AnalystDesk, StudyStatus
from study.results import Graded, given_grades, longest_list, planned_scale

KINDS = ("ddx", "open", "selection")
STYLE = """
<style>
.rs-case { border-collapse: collapse; width: 100%; min-width: 46rem; font-size: .9rem; }
.rs-case caption { text-align: start; padding-bottom: .5rem; opacity: .8; }
.rs-case th, .rs-case td { text-align: start; vertical-align: top; padding: .6rem 1rem .6rem 0;
    border-bottom: 1px solid rgba(128,128,128,.25); overflow-wrap: anywhere; }
.rs-case tbody th { font-weight: 600; white-space: nowrap; }
.rs-case small { display: block; opacity: .75; font-weight: 400; margin-top: .2rem; }
.rs-case ol { margin: 0; padding-inline-start: 1.3rem; }
.rs-case li { padding: .08rem 0; font-size: inherit; }
.rs-case li.past { opacity: .75; }
.rs-grade { display: inline-block; min-width: 1.35rem; padding: 0 .3rem; margin-inline-start: .4rem; border-radius: 4px;
    text-align: center; font-size: .8rem; font-weight: 600; background: rgba(128,128,128,.18); }
.rs-grade.right { background: rgba(46,160,67,.32); }
.rs-grade.wrong { background: rgba(219,80,60,.24); }
.rs-case .stage + .stage { margin-top: .7rem; }
</style>"""


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """Choose a case, choose whom to see, and look."""
    version = analysing.version(desk, status)
    cases = analysing.cases(version, desk, status).cases
    scale = planned_scale(status.protocol)
    if not cases:
        st.info(say("no_readings"))
        return
    which, whom = st.columns([3, 2], vertical_alignment="bottom")
    key = which.selectbox(say("case"), cases, key="case-shown")
    group = whom.segmented_control(
        say("matrix_kinds"),
        ("all", "human", "model"),
        default="all",
        required=True,
        format_func=_kind,
        key="case-kinds",
    )
    found = analysing.case(version, key, desk, status)
    view = side_by_side(found.rows, given_grades(found.grades, scale), scale)
    shown = chosen(view, group)
    _truth(view, status)
    caption = _caption(shown, scale, longest_list(status.protocol))
    download(say("figure_csv"), lambda: csv_of(records(view, shown)), f"{status.slug}-{view.case}.csv")
    scroll(view.case, _html(shown, caption, scale, longest_list(status.protocol)), STYLE)


def chosen(view: CaseView, group: str) -> list[Answerer]:
    """Those of a group (or all) in the main reading, or in one of the conditions that models read beside it."""
    others = sorted({one.condition for one in view.answerers} - {MAIN})
    words = {MAIN: say("condition_main")}
    condition = (
        st.selectbox(say("condition"), [MAIN, *others], format_func=lambda name: words.get(name, name), width=420)
        if others
        else MAIN
    )
    return [one for one in view.answerers if group in ("all", one.group) and one.condition == condition]


def records(view: CaseView, shown: list[Answerer]) -> list[dict[str, Any]]:
    """A row each line that was locked, and each choice; a list that names nothing has one row without a line."""
    found: list[dict[str, Any]] = []
    for one in shown:
        about: dict[str, Any] = {"case": view.case, "who": one.name, "group": one.group, "sample": one.sample}
        about |= {"arm": one.arm, "condition": one.condition, "state": one.state}
        for number, stage in enumerate(one.stages, 1):
            said = {"answer": number, "stage": stage.kind, "chosen": stage.chosen, "right": stage.right}
            said |= {"confidence": stage.confidence, "seconds": stage.seconds, "counts": stage.counts}
            lines: list[dict[str, Any]] = [
                {"place": place, "line": line.text, "grade": line.grade} for place, line in enumerate(stage.lines, 1)
            ]
            found += [about | said | line for line in lines or [{"place": None, "line": None, "grade": None}]]
    return found


def _kind(key: str) -> str:
    return say("all") if key == "all" else say(f"kind_{key}")


def _truth(view: CaseView, status: StudyStatus) -> None:
    with st.container(border=True):
        st.caption(say("grading_truth") + (f" · {say('mark_synthetic')}" if status.synthetic else ""))
        st.subheader(plain(view.diagnosis.name), anchor=False)
        names = ", ".join(view.diagnosis.synonyms)
        st.caption(" · ".join(part for part in (plain(view.specialty), plain(names)) if part))
        if view.options:
            options = [f"**{plain(text)}** ✓" if right else plain(text) for text, right in view.options]
            st.markdown(f"{say('options')}: {' · '.join(options)}")


def _caption(shown: list[Answerer], scale: Scale, cap: int) -> str:
    done = [one for one in shown if one.state == "completed"]
    covered = sum(_covers(one, scale, cap) for one in done)
    right = sum(bool((stage := one.last("selection")) and stage.right) for one in done)
    words = {"n": len(done), "of": len(shown), "covered": covered, "right": right}
    return say("case_caption", **words, threshold=scale.correct_from)


def _covers(one: Answerer, scale: Scale, cap: int) -> bool:
    stage = one.last("ddx")
    return stage is not None and any(line.grade is not None and scale.correct(line.grade) for line in stage.lines[:cap])


def _html(shown: list[Answerer], caption: str, scale: Scale, cap: int) -> str:
    names = [say("people_who"), *(say(f"stage_{kind}") for kind in KINDS)]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    arms = len({one.arm for one in shown}) > 1
    body = "".join(_row(one, scale, cap, arms) for one in shown)
    return (
        f'<table class="rs-case"><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _row(one: Answerer, scale: Scale, cap: int, arms: bool) -> str:
    sample = f" · {say('sample')} {one.sample}" if one.sample is not None else ""
    about = f"{say(f'one_{one.group}')}{sample} · {one.language}" + (f" · {one.arm}" if arms else "")
    if one.state != "completed":
        about += f" · {say(f'cell_{one.state}')}"
    cells = ("".join(_stage(stage, scale, cap) for stage in one.stages if stage.kind == kind) or "–" for kind in KINDS)
    return (
        f'<tr><th scope="row">{escape(one.name)}<small>{escape(about)}</small></th>'
        + "".join(f"<td>{cell}</td>" for cell in cells)
        + "</tr>"
    )


def _stage(stage: Stage, scale: Scale, cap: int) -> str:
    if stage.kind == "selection":
        said = _selection(stage)
    elif stage.kind == "open":
        said = " / ".join(_line(line, scale) for line in stage.lines) or escape(say("no_diagnosis"))
    else:
        items = (
            f"<li{' class=past' if place >= cap else ''}>{_line(line, scale)}</li>"
            for place, line in enumerate(stage.lines)
        )
        said = f"<ol>{''.join(items)}</ol>" if stage.lines else escape(say("no_diagnosis"))
    return f'<div class="stage">{said}<small>{escape(_about(stage))}</small></div>'


def _selection(stage: Stage) -> str:
    if stage.chosen is None:
        return escape(say("cannot_tell"))
    mark, kind = (say("right"), "right") if stage.right else (say("wrong"), "wrong")
    return f'{escape(stage.chosen)}<span class="rs-grade {kind}">{escape(mark)}</span>'


def _line(line: Graded, scale: Scale) -> str:
    if line.grade is None:
        return f'{escape(line.text)}<span class="rs-grade">{escape(say("waits"))}</span>'
    kind = " right" if scale.correct(line.grade) else ""
    return f'{escape(line.text)}<span class="rs-grade{kind}">{line.grade}</span>'


def _about(stage: Stage) -> str:
    parts = [say("confidence_of", value=stage.confidence)] if stage.confidence is not None else []
    if stage.seconds is not None:
        minutes, seconds = divmod(round(stage.seconds), 60)
        parts.append(say("after_previous", time=f"{minutes}:{seconds:02d}"))
    parts += [say("too_late")] if not stage.counts else []
    parts += [say("time_ran_out")] if stage.timed_out else []
    return " · ".join(parts)
