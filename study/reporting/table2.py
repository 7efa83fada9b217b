"""MEDSYN's Table 2 for this study: coverage, final diagnosis and gap of the panel and of each model, with n."""

from __future__ import annotations

from collections.abc import Iterator

from study.gap import Score
from study.reporting.facts import GROUPS, Facts
from study.reporting.parts import NONE, Block, Bullets, Paragraph, Section, Table, Text, count, percent, share

SHOWN = (
    ("coverage", "DDx coverage"),
    ("selection", "FDx selection"),
    ("selection_gap", "gap (selection)"),
    ("open", "FDx open"),
    ("open_gap", "gap (open)"),
)
MADE_OF = (
    ("coverage5", "coverage at the scale's highest grade"),
    ("top1", "first line"),
    ("selection_corrected", "selection, chance-corrected"),
    ("lost", "lost"),
    ("rescued", "rescued"),
)
WRONG = tuple(measure for measure, _ in SHOWN)


def table2(facts: Facts) -> Section:
    """Humans first, then each model by its selections, then all models; per cent with 95 % intervals."""
    rows = list(answerers(facts))
    blocks: list[Block] = [
        Paragraph((_intervals(facts),)),
        Table("Coverage, final diagnosis and gap, per cent [95 % interval]", _head(SHOWN), _rows(facts, rows, SHOWN)),
        Table("What the gap is made of, per cent [95 % interval]", _head(MADE_OF), _rows(facts, rows, MADE_OF)),
        Table("Readings left out of the tables above, and why", _left_head(), tuple(_left_out(facts, rows))),
        Bullets(tuple(_notes(facts))),
    ]
    if any(score.failed for score in facts.gap.scores):
        blocks.insert(3, Table("The same with failures counted as wrong, per cent", _head(SHOWN), _wrong(facts, rows)))
    return Section("table2", "Coverage, final diagnosis and the gap between them", tuple(blocks))


Answerer = tuple[str, str | None]


def answerers(facts: Facts) -> Iterator[Answerer]:
    """The panel, the models by their selections, and all models; nothing for a group without readings."""
    if facts.names("human"):
        yield "human", None
    names = facts.names("model")
    yield from (("model", name) for name in sorted(names, key=lambda name: (-_sorted_by(facts, name), name)))
    if len(names) > 1:
        yield "model", None


def _sorted_by(facts: Facts, name: str) -> float:
    for measure in ("selection", "open", "coverage"):
        score = facts.score(measure, "model", name)
        if score is not None and score.estimate is not None:
            return score.estimate
    return -1.0


def label(group: str, reader: str | None, readers: int | None = None) -> str:
    """What a row of the table is called."""
    return reader if reader is not None else GROUPS[group] + (f" ({readers})" if readers else "")


def key(group: str, reader: str | None) -> str:
    """The part of a number's id that says whose it is."""
    return group if reader is None else f"{group}.{reader}"


def _head(shown: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return ("answerer", *(words for _, words in shown), "n")


def _rows(facts: Facts, answerers: list[Answerer], shown: tuple[tuple[str, str], ...]) -> tuple[tuple[Text, ...], ...]:
    return tuple(_row(facts, group, reader, shown) for group, reader in answerers)


def _row(facts: Facts, group: str, reader: str | None, shown: tuple[tuple[str, str], ...]) -> tuple[Text, ...]:
    name = f"table2.{key(group, reader)}"
    scores = {measure: facts.score(measure, group, reader) for measure, _ in shown}
    cells = [estimate(f"{name}.{measure}", score) for measure, score in scores.items()]
    return ((label(group, reader, facts.gap.readers.get(group)),), *cells, _n(name, scores))


def estimate(name: str, score: Score | None) -> Text:
    """A score with its interval; its bounds while lines wait for a grade; a dash where nobody answered."""
    if score is None or not score.n:
        return NONE
    if score.estimate is not None:
        return share(name, score.estimate, score.interval)
    if score.low is None or score.high is None:
        return NONE
    return (*percent(f"{name}.lowest", score.low), " … ", *percent(f"{name}.highest", score.high))


def _n(name: str, scores: dict[str, Score | None]) -> Text:
    """The cells behind a row; each measure with its own where they differ."""
    told = {measure: score.n for measure, score in scores.items() if score is not None}
    if not told:
        return ("no answers",)
    most = max(told.values())
    others: list[Text] = [
        (f"{measure.replace('_', ' ')} ", *count(f"{name}.{measure}.n", n)) for measure, n in told.items() if n != most
    ]
    found: Text = count(f"{name}.n", most)
    for other in others:
        found = (*found, "; ", *other)
    return found


def _wrong(facts: Facts, answerers: list[Answerer]) -> tuple[tuple[Text, ...], ...]:
    found = []
    for group, reader in answerers:
        name = f"table2.wrong.{key(group, reader)}"
        scores = [facts.score(measure, group, reader) for measure in WRONG]
        cells = [
            percent(f"{name}.{measure}", score.as_wrong if score and score.n else None)
            for measure, score in zip(WRONG, scores, strict=True)
        ]
        most = max((score.n_as_wrong for score in scores if score), default=0)
        found.append(((label(group, reader, facts.gap.readers.get(group)),), *cells, count(f"{name}.n", most)))
    return tuple(found)


def _left_head() -> tuple[str, ...]:
    return ("answerer", "readings given out", "completed", "left out, by reason")


def _left_out(facts: Facts, answerers: list[Answerer]) -> Iterator[tuple[Text, ...]]:
    for group, reader in answerers:
        name = f"table2.left_out.{key(group, reader)}"
        counts = facts.left_out(group, reader)
        reasons: list[Text] = [
            (f"{state} ", *count(f"{name}.{state.replace(' ', '_')}", n))
            for state, n in sorted(counts.items())
            if state != "completed"
        ]
        told: Text = ("none",) if not reasons else ()
        for place, reason in enumerate(reasons):
            told = (*told, *([", "] if place else []), *reason)
        total = count(f"{name}.given_out", counts.total())
        yield (
            (label(group, reader, facts.gap.readers.get(group)),),
            total,
            count(f"{name}.completed", counts["completed"]),
            told,
        )


def _intervals(facts: Facts) -> str:
    found = facts.gap
    return (
        f"Graded on {found.scale}; a grade of {found.threshold} or more is covered, and the first {found.cap} lines of "
        "a list count. n is the number of reader and case cells behind a row; repeated runs of a model are averaged by "
        f"case first. Intervals: crossed bootstrap, {found.draws:,} draws, seed {found.seed}, percentile; over readers "
        "and cases for a group, over cases for one model."
    )


def _notes(facts: Facts) -> Iterator[Text]:
    yield ("Lost: covered by the list, not selected. Rescued: selected, not covered. The gap is lost minus rescued.",)
    for measure, words in SHOWN:
        yield (f"{words}: {facts.status(measure)}.",)
    if facts.gap.ungraded:
        waiting = count("table2.ungraded", facts.gap.ungraded)
        yield (
            "Provisional: ",
            *waiting,
            " answers wait for a grade; a range goes from all of them worthless to all of them exact.",
        )
    yield from ((f"{sentence}.".replace("..", "."),) for sentence in (*facts.gap.notes, *facts.refused))
