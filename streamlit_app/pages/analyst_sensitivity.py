"""Evidence Sensitivity: how much each model uses each type of evidence as image and as expert finding."""

from __future__ import annotations

from typing import Any

import streamlit as st

from streamlit_app import analysing
from streamlit_app.catalogue import say
from streamlit_app.pages import figures_sensitivity
from streamlit_app.pages.exhibit import exhibit, interval, marks_of, number
from streamlit_app.pages.figures import DARK, LIGHT
from streamlit_app.pages.finding import named
from study.desk import AnalystDesk, StudyStatus
from study.evidence_use import EvidenceUse, Figure, ModelUse, TypeUse


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """A summary of all models, then one of them case by case."""
    found = analysing.evidence_use(status.study, analysing.version(desk, status), desk, status)
    st.markdown(say("sensitivity_words"))
    if not found.models:
        st.info(say("sensitivity_no_models"))
        return
    if not any(model.use and model.use.types for model in found.models):
        st.info(say("sensitivity_no_arms"))
        for sentence in dict.fromkeys([*found.notes, *(why for model in found.models for why in model.why)]):
            st.markdown(f"- {sentence}")
        return
    _summary(found, status)
    shown = [model for model in found.models if model.use and model.use.types]
    names = [model.model for model in shown]
    chosen = st.selectbox(say("relative_model"), names, key="sensitivity-model", width=420)
    _model(shown[names.index(chosen)], status)


def _summary(found: EvidenceUse, status: StudyStatus) -> None:
    exhibit(
        f"{status.slug}-sensitivity",
        None,
        "",
        say("sensitivity_caption"),
        [say("relative_model"), say("sensitivity_type"), *_columns(), say("sensitivity_accuracy")],
        [row for model in found.models for row in _rows(model)],
        lambda: [record for model in found.models for record in _records(model)],
        numbers=range(2, 9),
        words=say("sensitivity_summary_words"),
    )


def _columns() -> list[str]:
    names = ("image", "text", "nmse", "few", "null")
    return [*(say(f"sensitivity_column_{name}") for name in names), "n"]


def _rows(model: ModelUse) -> list[list[str]]:
    told = model.accuracy
    accuracy = "–" if told is None else f"{100 * told.estimate:.1f} [{interval(told.ci, 1, 100)}] (n={told.n})"
    if model.use is None or not model.use.types:
        return [[model.model, " ".join(model.why) or say("sensitivity_none"), *["–"] * 6, accuracy]]
    return [
        [
            model.model,
            named("type", one.type),
            _figure(one.s_image),
            _figure(one.s_text),
            _figure(one.nmse),
            number(one.nmse.at_null_size, 3),
            number(one.nmse.null, 3),
            str(one.nmse.n),
            accuracy,
        ]
        for one in model.use.types
    ]


def _figure(one: Figure) -> str:
    ends = f" [{interval(one.ci, 3)}]" if one.ci else ""
    return f"{number(one.estimate, 3)}{ends}"


def _records(model: ModelUse) -> list[dict[str, Any]]:
    about = {"model": model.model, "estimator": model.estimator, "descriptive": model.descriptive}
    if model.use is None:
        return [about | {"why": " ".join(model.why)}]
    return [about | {"type": one.type} | _flat(one) for one in model.use.types]


def _flat(one: TypeUse) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("s_image", "s_text", "nmse", "below"):
        figure: Figure = getattr(one, name)
        low, high = figure.ci or (None, None)
        found |= {f"{name}_{key}": value for key, value in figure.model_dump(exclude={"ci"}).items()}
        found |= {f"{name}_ci_low": low, f"{name}_ci_high": high}
    return found


def _model(model: ModelUse, status: StudyStatus) -> None:
    assert model.use is not None
    if model.descriptive:
        st.warning(say("sensitivity_descriptive", fewest=model.fewest))
    for sentence in model.why:
        st.caption(sentence)
    dark = st.context.theme.type == "dark"
    ink, marks = DARK if dark else LIGHT, marks_of(None, status)
    cases = [(one, case) for one in model.use.types for case in one.cases]
    exhibit(
        f"{status.slug}-sensitivity-{model.model}",
        figures_sensitivity.scatter(model, model.use.types, ink, dark, marks),
        say("sensitivity_alt"),
        say("sensitivity_cases"),
        [say("case"), say("sensitivity_type"), say("sensitivity_column_image"), say("sensitivity_column_text")],
        [[case.case, named("type", one.type), number(case.s_image, 3), number(case.s_text, 3)] for one, case in cases],
        lambda: [{"model": model.model, "type": one.type} | case.model_dump() for one, case in cases],
        numbers=(2, 3),
        folded=True,
    )
    if model.left_out:
        with st.expander(say("left_out_title")):
            for arm, reasons in model.left_out.items():
                st.markdown(f"- {arm}: " + ", ".join(f"{why} ({n})" for why, n in reasons.items()))
