"""How far those who graded a study agree, and what rests on whom: said beside every result that judges' grades carry.

The error of judges is in no interval of a result. So the scores are shown under each judge alone and under the human
grades alone, and a judge's spread over repeats of one line stands apart from that of the lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from scoring.adjudication import JUDGE, REPEAT, RULE, Rule, Settled, is_human, judge_of
from scoring.agreement import agreement
from scoring.grades import Scale
from scoring.matching import normalise
from scoring.repeats import repeats
from study.desk.staff import Grade, ModelEntry
from study.judged import JudgeNote, note_of
from study.results import Given, Key, Row, longest_list, readings, settled_grades

HUMAN = "human"
MEASURES = ("coverage", "open", "open_gap", "selection_gap")
Rated = dict[str, dict[Key, int]]


class Result(BaseModel):
    """A part of the result: frozen."""

    model_config = ConfigDict(frozen=True)


class Kappa(Result):
    """Cohen's kappa with these weights; ``se`` takes lines as independent, ``se_cases`` leaves out a case at a time."""

    weights: str
    kappa: float | None
    se: float | None
    ci: tuple[float, float] | None
    se_cases: float | None
    why: str


class Pair(Result):
    """Two graders over the ``n`` lines that both graded. ``human`` is the human grade that counts, whoever gave it.

    ``lines`` is "all", or "settled" without those that came to a human because the judges had not settled them.
    """

    first: str
    second: str
    lines: Literal["all", "settled"]
    n: int
    cases: int
    equal: float | None
    within_one: float | None
    linear: Kappa
    quadratic: Kappa


class Judge(Result):
    """A judge as it was asked: its family and rubric, and how many distinct lines it graded."""

    name: str
    family: str | None
    rubric: str
    rubric_hash: str
    lines: int
    relatives: tuple[str, ...]


class Spread(Result):
    """A judge over repeats of one line: components of variance in squared levels, as ``scoring.repeats`` has them."""

    judge: str
    lines: int
    gradings: int
    within: float | None
    se: float | None
    between: float | None
    share: float | None
    changed: float | None
    crossed: float | None


class Under(Result):
    """A group's score with the grades of one judge alone, or of humans alone; bounds where lines then wait."""

    by: str
    group: str
    measure: str
    estimate: float | None
    low: float | None
    high: float | None
    n: int


class Override(Result):
    """A human's grade in the place of another one that judges or a program had given, which stays in the record."""

    case: str
    line: str
    grade: int
    replaced: int
    source: str
    note: str | None


class Judging(Result):
    """Who graded, by which rule a line's grades became one, and how far they agree.

    ``settled`` counts distinct lines by whose grade counts, ``waiting`` those that wait by reason; ``astride`` are
    settled by judges who stand on two sides of the threshold.
    """

    rule: dict[str, Any]
    judges: tuple[Judge, ...]
    settled: dict[str, int]
    waiting: dict[str, int]
    astride: int
    alone: int
    pairs: tuple[Pair, ...]
    repeats: tuple[Spread, ...]
    under: tuple[Under, ...]
    overrides: tuple[Override, ...]
    notes: tuple[str, ...]


def judging(
    rows: Sequence[Row],
    grades: Sequence[Grade],
    scale: Scale,
    protocol: Mapping[str, Any] | None = None,
    models: Sequence[ModelEntry] = (),
    rule: Rule = RULE,
) -> Judging | None:
    """What is to be said of the grades on this scale; None where no judge and not two humans graded."""
    own = [grade for grade in grades if (grade.scale, grade.version) == (scale.id, scale.version)]
    rated, settled = rated_by(own), settled_grades(own, scale, rule)
    if not any(name.startswith(JUDGE) for name in rated) and len(rated) < 3:
        return None
    judges = tuple(_judges(own, rated, models))
    alone = {_key(grade) for grade in own if (note := note_of(grade)) and note.alone}
    single = sum(one.by == "judges" and len(one.votes) == 1 and key in alone for key, one in settled.items())
    waiting = dict(Counter(str(one.why) for one in settled.values() if one.grade is None))
    return Judging(
        rule=rule.as_json() | {"apart_on_this_scale": rule.most_apart(scale)},
        judges=judges,
        settled=dict(Counter(one.by for one in settled.values() if one.grade is not None)),
        waiting=waiting,
        astride=sum(_astride(one, scale) for one in settled.values()),
        alone=single,
        pairs=tuple(_pairs(rated, settled, scale)),
        repeats=tuple(_spreads(own, judges, scale)),
        under=tuple(_under(rows, rated, scale, longest_list(protocol))),
        overrides=tuple(_overrides(own, settled)),
        notes=tuple(_notes(judges, waiting, single, own)),
    )


def sentences(judging: Judging) -> list[str]:
    """Who graded by which rule, and what must be read with every figure that rests on their grades."""
    told = []
    if judging.judges:
        judges = ", ".join(
            f"{one.name} ({one.family or 'no family'}, {one.rubric or 'no rubric'})" for one in judging.judges
        )
        rule = judging.rule
        told.append(
            f"Judges: {judges}. Human grades count before theirs; of theirs the {rule['name'].replace('-', ' ')} of at "
            f"least {rule['judges']}, none more than {rule['apart_on_this_scale']} level(s) apart."
        )
    settled = ", ".join(f"{number} by {by}" for by, number in sorted(judging.settled.items()))
    told.append(f"Distinct lines settled by a grade: {settled or 'none'}.")
    if judging.astride:
        told.append(f"On {judging.astride} of them the judges stand on two sides of the threshold.")
    if judging.overrides:
        told.append(f"{len(judging.overrides)} grades of judges or programs were replaced by a human's other one.")
    return [*told, *judging.notes]


def _key(grade: Grade) -> Key:
    return grade.case, normalise(grade.line)


def rated_by(grades: Iterable[Grade]) -> Rated:
    """The newest grade of each line by each judge, by each human, and by humans as a whole; repeats left out."""
    names: dict[tuple[str, str | None], str] = {}
    rated: Rated = {}
    for grade in grades:
        if judge_of(grade.source) is not None:
            rated.setdefault(grade.source, {})[_key(grade)] = grade.grade
        elif is_human(grade.source):
            person = (grade.source, grade.grader)
            if person not in names:
                same = sum(source == grade.source for source, _ in names)
                names[person] = f"{HUMAN}:{grade.source}" + (f" ({same + 1})" if same else "")
            for rater in (HUMAN, names[person]):
                rated.setdefault(rater, {})[_key(grade)] = grade.grade
    return rated


def _judges(grades: Sequence[Grade], rated: Rated, models: Sequence[ModelEntry]) -> Iterable[Judge]:
    families: dict[str, list[str]] = {}
    for entry in models:
        families.setdefault(str(entry.details.get("family")), []).append(entry.model)
    newest = {grade.source: note_of(grade) or JudgeNote() for grade in grades if judge_of(grade.source) is not None}
    for source, note in sorted(newest.items()):
        related = tuple(sorted(set(families.get(note.family, ())))) if note.family else ()
        name = source.removeprefix(JUDGE)
        yield Judge(
            name=name,
            family=note.family,
            rubric=note.rubric,
            rubric_hash=note.rubric_hash,
            lines=len(rated[source]),
            relatives=related,
        )


def _pairs(rated: Rated, settled: Mapping[Key, Settled], scale: Scale) -> Iterable[Pair]:
    people = [name for name in rated if name.startswith(f"{HUMAN}:")]
    judges = sorted(name for name in rated if name.startswith(JUDGE))
    for first, second in [*combinations(judges, 2), *combinations(sorted(people), 2)]:
        yield _pair(rated, first, second, scale, "all", ())
    unsettled = [key for key, one in settled.items() if one.why]
    for judge in judges if HUMAN in rated else ():
        yield _pair(rated, judge, HUMAN, scale, "all", ())
        yield _pair(rated, judge, HUMAN, scale, "settled", unsettled)


def _pair(
    rated: Rated, first: str, second: str, scale: Scale, lines: Literal["all", "settled"], left_out: Iterable[Key]
) -> Pair:
    both = sorted(rated[first].keys() & rated[second].keys() - set(left_out))
    grades = [(rated[first][key], rated[second][key]) for key in both]
    found = asdict(agreement(grades, scale.grades, [case for case, _ in both]))
    return Pair(first=first.removeprefix(JUDGE), second=second.removeprefix(JUDGE), lines=lines, **found)


def _spreads(grades: Sequence[Grade], judges: Sequence[Judge], scale: Scale) -> Iterable[Spread]:
    for judge in judges:
        given: dict[Key, dict[str, int]] = {}
        for grade in grades:
            if grade.source.split(REPEAT)[0] == JUDGE + judge.name:
                given.setdefault(_key(grade), {})[grade.source] = grade.grade
        found = repeats([list(own.values()) for own in given.values()], scale.grades, scale.correct_from)
        if found.lines:
            yield Spread(judge=judge.name, **asdict(found))


def _under(rows: Sequence[Row], rated: Rated, scale: Scale, cap: int) -> Iterable[Under]:
    """The groups' scores with one grader's grades alone."""
    from scoring.measures import frame, summary

    for name in sorted(name for name in rated if name == HUMAN or name.startswith(JUDGE)):
        given: Given = rated[name]
        scored = frame(readings(rows, given, scale), cap, scale)
        for one in summary(scored) if len(scored) else ():
            if one.measure in MEASURES:
                score = {part: getattr(one, part) for part in ("group", "measure", "estimate", "low", "high", "n")}
                yield Under(by=name.removeprefix(JUDGE), **score)


def _astride(settled: Settled, scale: Scale) -> bool:
    if settled.by != "judges" or settled.grade is None:
        return False
    return len({scale.correct(vote.grade) for vote in settled.votes}) > 1


def _overrides(grades: Sequence[Grade], settled: Mapping[Key, Settled]) -> Iterable[Override]:
    newest = {_key(grade): grade for grade in grades if is_human(grade.source)}
    for (case, normal), one in sorted(settled.items()):
        if one.by == "human" and one.grade is not None and one.replaced is not None and one.replaced != one.grade:
            told = newest[case, normal]
            parts = {"grade": one.grade, "replaced": one.replaced}
            yield Override(case=case, line=told.line, source=told.source, note=told.note, **parts)


def _notes(judges: Sequence[Judge], waiting: Mapping[str, int], alone: int, grades: Sequence[Grade]) -> Iterable[str]:
    """Sentences that must be read with every figure that rests on these grades."""
    if alone:
        yield f"{alone} lines were graded by one judge alone, because one judge was said to be enough."
    for judge in judges:
        if judge.relatives:
            others = ", ".join(judge.relatives)
            yield f"The judge {judge.name} is of the family {judge.family}, as are {others}, whose answers it graded."
        elif judge.family is None:
            yield f"The judge {judge.name} declares no family: whether it graded a relative's answers is not known."
    if any((note := note_of(grade)) and note.everything for grade in grades):
        yield "Judges were asked about lines that equal the diagnosis, too; their grades of these count."
    if waiting.get("apart"):
        yield f"{waiting['apart']} lines wait for a human: the judges are further apart than the rule allows."
    if waiting.get("one judge"):
        yield f"{waiting['one judge']} lines wait for a human: fewer than two judges gave a grade."
