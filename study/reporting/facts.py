"""What a report says, computed once from its source: scores, contrasts, closed forms, counts of what was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from study import contamination, gap
from study.conditions import MAIN
from study.contamination import Contamination
from study.findings import ON_REQUEST, SUBJECTS, Findings, findings_of
from study.gap import Contrast, Gap, Score
from study.outcomes import outcomes_of
from study.plan import AnalysisPlan, measure_of
from study.reporting.source import Source
from study.results import clinical_case, state_of, who

if TYPE_CHECKING:
    import pandas as pd

GROUPS = {"human": "Human panel", "model": "All models"}
PLANNED = {
    "crossed-bootstrap": "bootstrap",
    "obuchowski-rockette": "difference_models_fixed",
    "group-contrast": "difference",
}
"""The result that each method of a plan means for humans against models."""


@dataclass(frozen=True)
class Facts:
    """The source with its results: ``outcomes`` by measure as ``study.outcomes`` has them; ``refused``, and why."""

    source: Source
    gap: Gap
    outcomes: Mapping[str, Any]
    findings: Findings
    refused: tuple[str, ...]

    @property
    def plan(self) -> Mapping[str, Any]:
        """The analysis plan."""
        return self.source.plan

    @cached_property
    def main(self) -> list[dict[str, Any]]:
        """The rows of the main reading: what models read in other conditions is not among them."""
        return [row for row in self.source.rows if row.get("condition", MAIN) == MAIN]

    @cached_property
    def scored(self) -> pd.DataFrame:
        """The main readings as ``study.gap.frame_of`` scores them."""
        return gap.frame_of(self.main, self.source.grades, self.source.protocol)[2]

    @cached_property
    def contamination(self) -> Contamination:
        """Models' results before and after the cut-offs that they were declared with."""
        published = contamination.first_published(self.main)
        return contamination.of_scored(self.scored, published, contamination.declared(self.source.models))

    @property
    def languages(self) -> list[str]:
        """The languages in which cases were read."""
        return sorted({str(row["language"]) for row in self.main})

    def names(self, group: str) -> list[str]:
        """The readers of a group, by result id or model, in order."""
        return sorted({who(row) for row in self.main if row["kind"] == group})

    def score(self, measure: str, group: str, reader: str | None = None) -> Score | None:
        """A score of the group, or of one reader."""
        return self.gap.of(measure, group, reader)

    def left_out(self, group: str, reader: str | None = None) -> Counter[str]:
        """Readings that were given out, by how they ended."""
        return Counter(
            state_of(row).replace("_", " ") + (f" ({row['outcome']})" if row.get("outcome") else "")
            for row in self.main
            if row["kind"] == group and (reader is None or who(row) == reader)
        )

    def cases(self, group: str | None = None) -> int:
        """How many clinical cases there are in the readings, or in those of a group; translations count once."""
        return len({clinical_case(row) for row in self.main if group in (None, row["kind"])})

    def planned(self) -> dict[str, str]:
        """The measures that the plan's family names, each primary or secondary."""
        if not self.plan:
            return {}
        plan = AnalysisPlan.model_validate(self.plan)
        roles = {measure_of(plan, one): "secondary" for one in plan.family}
        return roles | {measure_of(plan, plan.primary): "primary"}

    def status(self, measure: str, method: str | None = None) -> str:
        """Whether the plan names the measure, and the method where one is given; all else is exploratory.

        ``method`` is as ``PLANNED`` has it: another one than the plan's is told beside the confirmatory result.
        """
        role = self.planned().get(measure)
        if role is None:
            return "exploratory"
        if method is not None and method != PLANNED.get(str(self.plan.get("method"))):
            return f"beside the planned method ({role})"
        return f"confirmatory, {role}"

    def methods(self) -> list[str]:
        """The methods by which humans and models were compared, each once, as the results name them."""
        figures = [one for told in self.outcomes.values() for one in told.values() if isinstance(one, Mapping)]
        compared = [str(one["method"]) for one in figures if "no test" not in str(one["method"])]
        return list(dict.fromkeys([*compared, *(one.method for one in self.gap.contrasts)]))

    def contrasts(self, measure: str) -> list[Contrast]:
        """Humans minus models for a measure, by each method."""
        return [one for one in self.gap.contrasts if one.measure == measure]


COMPUTED = 3
"""How many steps ``facts`` takes."""


def facts(source: Source, done: Callable[[int], None] = lambda steps: None) -> Facts:
    """Everything that the sections say, from the source alone; the same source gives the same numbers.

    ``done`` hears how many of its ``COMPUTED`` steps are over.
    """
    found = gap.computed(source.rows, source.grades, source.protocol, models=source.models)
    done(1)
    closed = outcomes_of(source.rows, source.grades, source.protocol, by=())
    done(2)
    every = (*SUBJECTS, *ON_REQUEST)
    other = findings_of(source.rows, source.grades, source.protocol, source.models, source.stages, every)
    done(3)
    return Facts(source, found, closed["outcomes"], other, tuple(dict.fromkeys([*found.refused, *closed["refused"]])))
