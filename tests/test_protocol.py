"""The protocol refuses what it cannot hold, and compiles to a script in the right order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from study.case import EvidenceType
from study.protocol import PRESETS, Protocol, ProtocolError, preset, protocol_from
from study.script import Block, Outline, ScriptError, compile_script, outline_of

BLOCKS = (
    Block("history", "history", False, True),
    Block("lab", "laboratory", False, True),
    Block("ct-1", "ct", True),
    Block("mri", "mri", True),
    Block("ct-2", "ct", True),
)
CASE = Outline("c", "h", "en", BLOCKS, 4)


def kinds(protocol: Protocol, case: Outline = CASE, arm: str = "images") -> list[str]:
    return [step["kind"] for step in compile_script(protocol, case, arm).steps]


def shown(protocol: Protocol, case: Outline = CASE, arm: str = "images") -> list[list[tuple[str, str]]]:
    steps = compile_script(protocol, case, arm).steps
    return [[(e["id"], e["form"]) for e in step["evidence"]] for step in steps if step["kind"] == "show"]


def test_medsyn_shows_all_at_once() -> None:
    assert kinds(preset("medsyn")) == ["show", "ddx", "open", "selection", "closing"]


def test_medsyn_staged_shows_block_by_block_and_asks_once() -> None:
    assert kinds(preset("medsyn-staged")) == [*["show"] * 5, "ddx", "open", "selection", "closing"]


def test_sequential_asks_after_every_block() -> None:
    assert kinds(preset("sequential")) == [*["show", "ddx"] * 5, "open", "selection", "closing"]


def test_by_type_releases_a_type_together_in_the_order_given() -> None:
    protocol = protocol_from({"reveal": "type-by-type", "type_order": ["ct"]})
    assert [[i for i, _ in step] for step in shown(protocol)] == [["ct-1", "ct-2"], ["history"], ["lab"], ["mri"]]


def test_named_blocks_and_types_are_asked_after_and_the_last_list_always() -> None:
    protocol = protocol_from({"ddx": {"asked": "named", "after": ["history", "ct"]}})
    assert kinds(protocol)[:-3] == ["show", "ddx", "show", "show", "ddx", "show", "show", "ddx"]


def test_a_case_without_options_has_no_selection() -> None:
    bare = Outline("c", "h", "en", BLOCKS, 0)
    assert "selection" not in kinds(preset("medsyn"), bare)
    with pytest.raises(ScriptError, match="add options"):
        compile_script(protocol_from({"fdx": {"open": False}}), bare, "images")


def test_an_arm_says_the_form_of_each_evidence() -> None:
    arms = {"text": {"visual": "finding", "by_type": {"mri": "absent", "history": "absent"}}}
    protocol = protocol_from({"reveal": "all", "arms": arms})
    assert shown(protocol, arm="text") == [[("lab", "text"), ("ct-1", "finding"), ("ct-2", "finding")]]


def test_an_arm_that_leaves_nothing_is_refused() -> None:
    protocol = protocol_from({"arms": {"none": {"visual": "absent"}}})
    with pytest.raises(ScriptError, match="leaves no evidence"):
        compile_script(protocol, Outline("c", "h", "en", BLOCKS[2:], 4), "none")


def test_limits_stand_on_their_steps_alone() -> None:
    protocol = protocol_from({"limits": {"ddx": {"seconds": 300, "kind": "hard"}}})
    limits = {step["kind"]: step["limit"] for step in compile_script(protocol, CASE, "images").steps}
    assert limits["ddx"] == {"seconds": 300, "kind": "hard"}
    assert [limits[kind] for kind in ("show", "open", "selection", "closing")] == [None] * 4


@given(
    reveal=st.sampled_from(["all", "block-by-block", "type-by-type"]),
    asked=st.sampled_from(["end", "every-step"]),
    types=st.lists(st.sampled_from(["history", "laboratory", "ct", "mri", "other"]), min_size=1, max_size=12),
    options=st.integers(0, 6),
    closing=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_every_script_shows_each_evidence_once_and_asks_in_order(
    reveal: str, asked: str, types: list[EvidenceType], options: int, closing: bool
) -> None:
    blocks = [Block(f"b{i}", kind, i % 2 == 0, i % 2 == 1) for i, kind in enumerate(types)]
    case = Outline("c", "h", "zh", tuple(blocks), options)
    protocol = protocol_from({"reveal": reveal, "ddx": {"asked": asked}, "closing": closing})
    script = compile_script(protocol, case, "images")
    named = [e["id"] for step in script.steps for e in step.get("evidence", ())]
    assert sorted(named) == sorted(block.id for block in case.evidence)
    order = kinds(protocol, case)
    last_show = len(order) - 1 - order[::-1].index("show")
    expected = ["ddx", "open"] + ["selection"] * bool(options) + ["closing"] * closing
    assert order[last_show + 1 :] == expected
    assert order[0] == "show"
    assert order.count("ddx") == (order.count("show") if asked == "every-step" else 1)
    assert compile_script(protocol, case, "images").hash == script.hash


def test_the_hash_changes_with_every_part_and_with_nothing_else() -> None:
    assert preset("medsyn").hash == preset("medsyn").hash
    assert len({preset(name).hash for name in PRESETS}) == len(PRESETS)
    assert protocol_from({"ddx": {"max_lines": 6}}).hash != protocol_from({}).hash


def test_the_default_protocol_is_the_staged_preset() -> None:
    assert protocol_from({}) == preset("medsyn-staged")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"washout": 28}, "washout"),
        ({"ddx": {"probabilities": True}}, "probabilities for each line are not offered yet"),
        ({"arms": {"a": {"visual": "random"}}}, "random text is for models alone"),
        ({"looking_back": False}, "not offered yet"),
        ({"colour": "red"}, "colour: this part is unknown"),
        ({"ddx": {"min_lines": 6}}, "min_lines 6 is above max_lines 5"),
        ({"ddx": {"asked": "named"}}, "`after`"),
        ({"fdx": {"open": False, "selection": False}}, "at least once"),
        ({"allocation": {"readers_per_case": 3}}, "give both"),
        ({"allocation": {"readers_per_case": 3, "readers": 2}}, "3 readers a case"),
        ({"arms": {}}, "arms"),
        ({"plan": {"threshold": 1}}, "choose 2, 3, 4, 5"),
        ({"plan": {"k": 9}}, "k 9 is above"),
        ({"plan": {"family": ["coverage"]}}, "primary outcome gap"),
        ({"plan": {"family": ["gap", "fdx"]}}, "needs a correction"),
        ({"plan": {"chance_correction": True, "fdx": "open"}}, "selection only"),
        ({"fdx": {"selection": False}}, "analysis plan uses the selection"),
    ],
)
def test_what_cannot_be_held_is_refused_with_a_sentence(data: dict[str, object], sentence: str) -> None:
    with pytest.raises(ProtocolError, match=sentence.replace("`", ".")):
        protocol_from(data)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(ProtocolError, match=r"ddx.max_lines.*colour"):
        protocol_from({"ddx": {"max_lines": 0}, "colour": 1})


def test_there_is_no_preset_of_another_name() -> None:
    with pytest.raises(ProtocolError, match="choose medsyn, medsyn-staged, sequential"):
        preset("medsin")


def test_feedback_after_each_reading_is_for_synthetic_studies() -> None:
    protocol = protocol_from({"feedback": "after_reading"})
    assert protocol.refusals(synthetic=True) == []
    assert "synthetic cases only" in protocol.refusals(synthetic=False)[0]


def test_an_outline_holds_neither_content_nor_truth() -> None:
    evidence = [{"id": "ct", "type": "ct", "images": [{"sha256": "x"}], "finding": "secret", "text": None}]
    options = [{"text": "secret", "right": True}]
    content = {"key": "k", "language": "en", "evidence": evidence, "options": options, "diagnosis": {"name": "secret"}}
    outline = outline_of(content, "h")
    assert outline == Outline("k", "h", "en", (Block("ct", "ct", True),), 1)
    assert "secret" not in str(compile_script(preset("medsyn"), outline, "images").content)
