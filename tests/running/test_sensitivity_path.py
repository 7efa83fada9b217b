"""Distributions over the options end to end: models read, are asked how likely each option is, and are analysed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from commands import main
from study.database import open_box
from study.desk import AnalystDesk
from study.protocol import Protocol
from tests.conftest import open_folder
from tests.home import BoxHome
from tests.model_server import Act, Asked, ModelServer, Say
from tests.model_study import protocol
from tests.running.runs import contents
from tests.small_study import SmallStudy, small_study

SAMPLES = 50
RIGHT = re.compile(r"^([A-Z])\. Pneumonia$", re.MULTILINE)
LABELS = re.compile(r"^([A-Z])\. ", re.MULTILINE)
ARMS = ("main", "without-x-ray", "finding-x-ray")
MODEL = """
[[model]]
name = "{name}"
adapter = "{adapter}"
model = "{name}-2025-01-31"
base_url = "{url}"
local = true
limits = {{ concurrency = 32 }}
"""


def belief(asked: Asked) -> dict[str, float] | None:
    """How likely it holds each option: surer of the right one by the finding, less by the image, not at all without."""
    whole = json.dumps(asked.messages)
    right, labels = RIGHT.search(asked.text), LABELS.findall(asked.text)
    if right is None:
        return None
    p = 0.85 if "A shadow." in whole else 0.55 if asked.images else 0.25
    return {label: p if label == right.group(1) else (1 - p) / (len(labels) - 1) for label in labels}


def convinced(asked: Asked) -> Act | None:
    """It says what it holds, in the form that it is asked for; its choice is that often the right one."""
    p = belief(asked)
    if p is None:
        return None
    if asked.body.get("top_logprobs"):
        return Say(logprobs={label: math.log(one) for label, one in p.items()})
    if '"probabilities"' in json.dumps(asked.body):
        return Say(text=json.dumps({"probabilities": {label: round(100 * one) for label, one in p.items()}}))
    place, chosen = (asked.number * 7 % 100) / 100, ""
    for label, one in sorted(p.items()):
        chosen, place = chosen or (label if place < one else ""), place - one
    return Say(text=json.dumps({"choice": chosen or max(p), "confidence": 50}))


def command(folder: Path, *words: str | Path) -> Any:
    done = CliRunner().invoke(main.build(), [*map(str, words), "--data", str(folder)], env={"COLUMNS": "200"})
    assert done.exit_code == 0, f"{done.output}{done.exception!r}"
    return done.stdout


@pytest.fixture(scope="module")
def read(running: ModelServer) -> Iterator[tuple[Path, SmallStudy]]:
    """An unblinded study that three models have read in three arms, each asked in its own way."""
    running.forget()
    running.script = convinced
    with open_folder() as folder, open_box(folder) as box:
        rules = Protocol.model_validate(protocol().model_dump() | {"model_samples": SAMPLES})
        made = small_study(BoxHome(box), rules, places=SAMPLES, contents=contents(2, image=True))
        told = (("logprobs", "chat"), ("elicited", "responses"), ("none", "chat"))
        file = folder / "models.toml"
        file.write_text("".join(MODEL.format(name=name, adapter=api, url=running.url) for name, api in told))
        for name, _ in told:
            few = ("--samples", "6") if name != "none" else ()
            arms = [word for arm in ARMS for word in ("--condition", arm)]
            asked = ("--only", name, "--distribution", name, *few, *arms)
            command(folder, "models", "run", "--study", made.slug, "--models", file, *asked)
        made.close(unblind=True)
        yield folder, made


def test_three_estimators_are_stored_and_analysed(read: tuple[Path, SmallStudy]) -> None:
    folder, made = read
    found = json.loads(command(folder, "analyse", "--study", made.slug, "--sensitivity", "--json", "--draws", "100"))
    models = {one["model"]: one for one in found["models"]}
    by = {name: (one["estimator"], one["descriptive"], one["fewest"]) for name, one in models.items()}
    assert by == {
        "logprobs": ("logprobs", False, 6),
        "elicited": ("elicited", False, 6),
        "none": ("frequencies", False, SAMPLES),
    }
    for name in ("logprobs", "elicited"):
        (xray,) = models[name]["use"]["types"]
        assert xray["type"] == "x-ray"
        assert 0 < xray["s_image"]["estimate"] < xray["s_text"]["estimate"]
    exact, stated = (models[name]["use"]["types"][0]["s_text"]["estimate"] for name in ("logprobs", "elicited"))
    assert stated == pytest.approx(exact, abs=0.05)


def test_the_options_stand_in_other_orders_in_other_samples(read: tuple[Path, SmallStudy]) -> None:
    _, made = read
    rows = [row for row in AnalystDesk(made.home.owner).readings(made.study) if row["model"] == "logprobs"]
    orders = {tuple(option["text"] for option in row["options"]) for row in rows}
    labels = {next(o["label"] for o in row["options"] if o["text"] == "Pneumonia") for row in rows}
    assert (len(rows), len(orders) > 6, len(labels) > 2) == (2 * 3 * 6, True, True)


def test_fewer_than_fifty_samples_make_frequencies_descriptive(read: tuple[Path, SmallStudy]) -> None:
    folder, made = read
    asked = ("--sensitivity", "--json", "--draws", "100", "--only", "logprobs", "--estimator", "frequencies")
    (model,) = json.loads(command(folder, "analyse", "--study", made.slug, *asked))["models"]
    assert (model["estimator"], model["descriptive"], model["fewest"]) == ("frequencies", True, 6)


def test_the_scatter_is_written_and_the_null_stands_beside(read: tuple[Path, SmallStudy], tmp_path: Path) -> None:
    folder, made = read
    told = command(
        folder,
        "analyse",
        "--study",
        made.slug,
        "--sensitivity",
        "--draws",
        "100",
        "--plots",
        tmp_path,
        "--only",
        "none",
    )
    assert "S of the image" in told
    assert "no effect" in told
    assert "<svg" in (tmp_path / "sensitivity-none.svg").read_text()


def test_a_mixture_is_drawn_for_the_type_that_is_under_used_and_never_from_the_study_itself(
    read: tuple[Path, SmallStudy], tmp_path: Path
) -> None:
    folder, made = read
    pool, to = tmp_path / "pool.jsonl", tmp_path / "mix.jsonl"
    lines = [(f"{kind}-{n}", kind, f"Tell what is seen on picture {n}.") for kind in ("x-ray", "ct") for n in range(9)]
    asked = ("--study", made.slug, "--model", "logprobs", "--size", "6", "--from", pool, "--to", to)
    pool.write_text("".join(sample(*line) for line in lines))
    told = command(folder, "models", "sft-mix", *asked)
    manifest = json.loads(to.with_suffix(".manifest.json").read_text())
    assert "6 samples: 6 x-ray." in told
    assert len(to.read_text().splitlines()) == 6
    assert manifest["pool"]["samples"] == 18


def sample(name: str, kind: str, words: str) -> str:
    messages = [{"role": "user", "content": words}, {"role": "assistant", "content": f"Something, in {name}."}]
    return json.dumps({"id": name, "type": kind, "messages": messages}) + "\n"
