"""The exported tables, column by column: name, kind, meaning. Files and data dictionary both follow from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from study.times import IDLE_AFTER

Kind = Literal["text", "whole", "number", "yes/no", "time", "json"]


@dataclass(frozen=True)
class Column:
    """A column: its name, the kind of its values, and what they mean."""

    name: str
    kind: Kind
    meaning: str


MISSING = {
    "": "there is an answer",
    "not reached": "the reading had not come to this step when the export was taken",
    "skipped": "the reader skipped the case before this step, with a reason",
    "timed out empty": "a hard limit passed and no draft had been written",
    "withdrew": "the reader withdrew before this step; earlier answers were kept",
    "technical": "the reading was ended for a technical reason",
    "excluded": "the reader was excluded, or withdrew and had the answers excluded or erased",
}


def _columns(*lines: tuple[str, Kind, str]) -> tuple[Column, ...]:
    return tuple(Column(*line) for line in lines)


_WHO = _columns(
    ("study", "text", "Short name of the study."),
    ("reading", "text", "Id of the reading: one reader, one case."),
    ("reader", "text", "Pseudonym of the reader in results; it differs from the one on the coordinator's screens."),
    ("group", "text", "human or model."),
    ("model", "text", "Name of the model; empty for a human."),
    ("sample", "whole", "Which of the model's repeated samples; empty for a human."),
    ("trial", "yes/no", "Whether the reader only tried the study out and is never analysed."),
    ("case", "text", "Key of the case."),
    ("case_version", "text", "Version of the case, as its author names it."),
    ("case_hash", "text", "SHA-256 of the case's content."),
    ("language", "text", "Language in which the case was read."),
    ("specialty", "text", "Specialty of the case."),
    ("practice", "yes/no", "Whether the case is for practice and not analysed."),
    ("position", "whole", "Place of the case in this reader's order, from 1; practice cases are counted apart."),
    ("arm", "text", "Arm of the protocol in which the case was read."),
    ("script", "text", "Hash of the script: which evidence in which form, and which questions, in which order."),
    ("protocol", "text", "Hash of the protocol."),
)

_STEP = _columns(
    (
        "attempt",
        "whole",
        "Attempt at the reading, from 1; a reopened reading has several.",
    ),
    (
        "counts",
        "yes/no",
        "Whether this attempt is analysed: the first completed, or the present one until then.",
    ),
    ("step", "whole", "Index of the step in the script, from 0."),
    (
        "kind",
        "text",
        "show, ddx, open, selection or closing; after a model's answer was shown (advice), assisted-ddx, "
        "assisted-open and assisted-selection: the same questions once more.",
    ),
)

_TIMES = _columns(
    ("opened_at", "time", "When the server released the step."),
    (
        "ready_at",
        "time",
        "When all of it was on screen, by the browser's offset from the release, never after its word arrived.",
    ),
    ("first_input_at", "time", "When the reader first wrote or chose anything; empty where the browser did not tell."),
    ("locked_at", "time", "When the server accepted the answer."),
    ("open_s", "number", "Seconds from the release to the lock."),
    ("elapsed_s", "number", "Seconds from ready to lock; empty where either is missing, never guessed."),
    ("visible_s", "number", "Elapsed seconds less hidden and paused: the time to report first."),
    (
        "active_s",
        "number",
        f"Visible seconds less idle, where idle is the part of a gap without input beyond {IDLE_AFTER} s.",
    ),
    ("hidden_s", "number", "Seconds in which the page was not visible, or away between two visits."),
    ("unfocused_s", "number", "Seconds in which the page was visible without focus."),
    ("idle_s", "number", f"Seconds without input beyond {IDLE_AFTER} s of each gap."),
    ("paused_s", "number", "Seconds paused."),
    ("writing_s", "number", "Seconds in which the reader wrote, also while evidence was being released."),
    ("revisits", "whole", "How often the reading was opened again at this step."),
)

ANSWERS = (
    *_WHO,
    *_STEP,
    *_columns(
        ("missing", "text", "Why there is no answer; empty where there is one. One of: "
         + "; ".join(f"{code or '(empty)'}: {meaning}" for code, meaning in MISSING.items()) + "."),
        ("lines", "json", "The diagnoses as written, a JSON list in rank order, lines past the cap included."),
        ("lines_n", "whole", "How many diagnoses were written; blank lines do not count."),
        ("cap", "whole", "How many lines of a differential count."),
        ("none", "yes/no", "Whether the reader said that they can name no diagnosis."),
        ("unchanged", "yes/no", "Whether a later differential was left as the one before."),
        ("choice", "text", "Label of the option chosen; empty with no missing code where the reader could not tell."),
        ("choice_text", "text", "Text of the option chosen."),
        ("options", "json", "The options' texts in the order in which this reading showed them (A, B, ...)."),
        ("confidence", "whole", "Confidence in per cent, 0 to 100; empty where not asked or not given."),
        ("seen_before", "text", "Closing question: had the reader seen this case before? no, unsure or yes."),
        ("looked_up", "yes/no", "Closing question: whether the reader looked anything up."),
        ("comment", "text", "Closing question: comment."),
        ("late", "yes/no", "Whether an answer came after a hard limit had locked the step; it is in the events."),
        ("timed_out", "yes/no", "Whether a hard limit locked the last draft as the answer."),
    ),
    *_TIMES,
    *_columns(("software", "text", "Version of the software that made this export.")),
)  # fmt: skip

STAGES = (
    *_WHO,
    *_STEP,
    *_columns(
        ("evidence", "json", "Ids and forms of the evidence that the step released, a JSON list; empty for questions."),
    ),
    *_TIMES,
)

# Only in the export of a study that shows advice.
ADVICE = (
    *_WHO,
    *_STEP,
    *_columns(
        ("shown_at", "time", "When the server released the model's answer to the reader."),
        ("advisor", "text", "Name of the model whose answer was shown."),
        ("advisor_sample", "whole", "Which of its answers to the case it was."),
        ("named", "yes/no", "Whether the reader saw the model's name."),
        ("hash", "text", "SHA-256 of what was shown: of the canonical JSON of `advice` in the event's payload."),
        ("lines", "json", "The differential shown, a JSON list in rank order; empty where none was or is erased."),
        ("open", "text", "The final diagnosis shown in the model's words."),
        ("choice", "text", "Label, in this reading, of the option that the model chose; empty where it could not."),
        ("choice_text", "text", "Text of that option."),
        ("confidence_ddx", "whole", "How sure the model was of its first line, in per cent, where shown."),
        ("confidence_open", "whole", "The same of its final diagnosis."),
        ("confidence_selection", "whole", "The same of its choice."),
    ),
)  # fmt: skip

EVENTS = _columns(
    ("reading", "text", "Id of the reading."),
    ("seq", "whole", "Number of the row in the reading's chain, from 1."),
    ("kind", "text", "What happened: begun, shown, ready, locked, late, timed_out, skipped, flagged, paused, resumed, "
     "revisited, reopened, withdrawn or completed."),
    ("step", "whole", "Index of the step at which it happened, from 0; -1 before the first."),
    ("attempt", "whole", "Attempt at the reading, from 1."),
    ("actor", "text", "Id of the person who acted: the reader, a coordinator, or who turned a model's pages."),
    ("reader", "text", "Id of the member whose reading it is."),
    ("at", "time", "Time of the server."),
    ("request_id", "text", "Id of the request that caused it; empty where none did."),
    ("client", "json", "What the browser said of itself and its times."),
    ("payload", "json", "What was answered, released or said; empty once erased."),
    ("erased", "yes/no", "Whether the payload has been erased."),
    ("nonce", "text", "Salt of the payload's digest, in hex; empty once erased."),
    ("payload_digest", "text", "SHA-256 of the nonce's bytes and the payload."),
    ("previous", "text", "Hash of the row before; 64 zeros for the first."),
    ("hash", "text", "Hash of this row, which the next one names."),
)  # fmt: skip

READINGS = (
    *_WHO,
    *_columns(
        ("state", "text", "assigned, reading, paused, completed, skipped, withdrawn, excluded or technical."),
        ("step", "whole", "Step reached, from 0; -1 before the first; the number of steps when completed."),
        ("steps", "whole", "How many steps the script has."),
        ("attempt", "whole", "Present attempt, from 1."),
        ("completed_attempt", "whole", "First attempt that was completed; empty where none was."),
        ("begun_at", "time", "When the first page was released."),
        ("locked_at", "time", "When the last step of the present attempt was locked, or the case skipped."),
        ("flags", "json", "Flags raised, a JSON list of kind, step and text."),
        ("seed", "text", "Seed of the option order; given once the study is unblinded."),
        ("events", "whole", "How many events of this reading are in this export."),
        ("head", "text", "Hash of the last of these events."),
    ),
)

READERS = _columns(
    ("study", "text", "Short name of the study."),
    ("reader", "text", "Pseudonym of the reader in results."),
    ("group", "text", "human or model."),
    ("model", "text", "Name of the model; empty for a human."),
    ("sample", "whole", "Which of the model's repeated samples."),
    ("condition", "text", "Condition in which the model reads: main, or one of the protocol's; main for a human."),
    ("trial", "yes/no", "Whether the reader only tried the study out and is never analysed."),
    ("state", "text", "invited, joined, consented, declined, withdrawn or excluded."),
    ("languages", "json", "Languages declared, in order of preference."),
    ("profile", "json", "What the reader said of themselves, in bands."),
    ("details", "json", "What is known of the model: version, settings."),
    ("consented_at", "time", "When consent was given or declined."),
)

CHAIN = _columns(
    ("study", "text", "Id of the study."),
    ("seq", "whole", "Number of the row in the study's own chain, from 1."),
    ("kind", "text", "What was done: created, case_added, protocol_set, allocated, opened, exported, closed ..."),
    ("actor", "text", "Id of the person who did it."),
    ("at", "time", "Time of the server."),
    ("body", "json", "What was done in full; at opening, export, close and unblinding with every reading's head."),
    ("previous", "text", "Hash of the row before; 64 zeros for the first."),
    ("hash", "text", "Hash of this row."),
)

TRUTH = _columns(
    ("study", "text", "Short name of the study."),
    ("case", "text", "Key of the case."),
    ("diagnosis", "text", "The diagnosis."),
    ("synonyms", "json", "Wordings that mean the same, a JSON list."),
    ("codes", "json", "Codes of the diagnosis, a JSON list of system and code."),
    ("right_option", "text", "Text of the right option; empty where the case has no options."),
)

CASES = _columns(
    ("study", "text", "Short name of the study."),
    ("case", "text", "Key of the case."),
    ("version", "text", "Version of the case, as its author names it."),
    ("hash", "text", "SHA-256 of the case's content."),
    ("language", "text", "Language of the case."),
    ("translation_of", "text", "Key of the case that this one translates; empty for an original."),
    ("specialty", "text", "Specialty of the case."),
    ("synthetic", "yes/no", "Whether the case was made up."),
    ("practice", "yes/no", "Whether the case is for practice and not analysed."),
    ("published", "text", "Day on which the case first appeared, as its author says; empty where unknown."),
    ("licence", "text", "Licence of the case's source."),
    ("evidence", "json", "Id, type, number of images and whether there is a finding, of each evidence in order."),
    ("options", "whole", "How many options the case has; 0 where it has none."),
    ("reviewed", "whole", "How many of the wrong options a clinician has reviewed and holds good."),
    ("signed_off", "yes/no", "Whether a clinician signed that the evidence confirms the diagnosis."),
)

TELEMETRY = _columns(
    ("reading", "text", "Id of the reading."),
    ("step", "whole", "Index of the step in the script, from 0."),
    ("attempt", "whole", "Attempt at the reading, from 1."),
    ("tab", "text", "Which of the reader's tabs measured."),
    ("number", "whole", "Number of the measurement in its tab, rising; each has totals since the tab opened the step."),
    ("at", "time", "When it arrived at the server."),
    ("body", "json", "What was measured: milliseconds visible, hidden, idle ..., images opened, zoom."),
)

GRADES = _columns(
    ("study", "text", "Short name of the study."),
    ("seq", "whole", "Number of the grade, in the order in which grades were given."),
    ("case", "text", "Key of the case."),
    ("line", "text", "The diagnosis as written, once a case, whoever wrote it."),
    ("scale", "text", "Id of the scale."),
    ("scale_version", "text", "Version of the scale."),
    ("grade", "whole", "Grade on the scale."),
    ("grader", "text", "Id of the grader, which tells nothing else of them."),
    ("source", "text", "Who graded: a human by the name given; judge:NAME; judge:NAME#2 and on for a judge's repeats."),
    ("note", "text", "Remark of the grader; of a judge, its call, rubric, family and terms as JSON."),
    (
        "guess",
        "text",
        "Who the grader thought wrote the line: human, model or unsure; empty where not said.",
    ),
    ("at", "time", "When the grade was given."),
)

CALLS = _columns(
    ("study", "text", "Short name of the study."),
    ("model", "text", "Name of the model, judge or generator that was asked."),
    ("condition", "text", "Condition in which the model read; empty for calls that belong to no reading."),
    ("purpose", "text", "read, judge, options or probe."),
    ("outcome", "text", "ok, refused, truncated, invalid, failed, lost or in flight. Only ok is an answer."),
    ("calls", "whole", "How many calls stand so."),
    ("cached", "whole", "How many of them were answered from the record's own replies and cost nothing."),
    ("uncertain", "whole", "How many of them were lost in flight and perhaps paid for."),
    ("input_tokens", "whole", "Tokens in, as reported, without cached replies; empty where none was reported."),
    ("output_tokens", "whole", "Tokens out, likewise."),
    ("cost", "number", "Cost in US dollars as priced when asked, likewise."),
    ("timed", "whole", "How many calls told how long their reply took; cached replies are not among them."),
    ("median_ms", "number", "Median milliseconds that these replies took."),
    ("p95_ms", "number", "95th percentile of the same."),
)

OPEN_TABLES: Mapping[str, tuple[Column, ...]] = {
    "answers": ANSWERS,
    "stages": STAGES,
    "events": EVENTS,
    "readings": READINGS,
    "readers": READERS,
}
# The chain waits too: what opening notes of the bundle's warnings may name a diagnosis.
UNBLINDED_TABLES: Mapping[str, tuple[Column, ...]] = {
    "cases": CASES,
    "telemetry": TELEMETRY,
    "truth": TRUTH,
    "grades": GRADES,
    "chain": CHAIN,
    "calls": CALLS,
}
RANKED = "Diagnosis on line {} as written; empty where there is none."


def with_ranks(columns: tuple[Column, ...], cap: int) -> tuple[Column, ...]:
    """The columns of the answers with one for each rank that counts, after the list as written."""
    ranks = tuple(Column(f"rank_{n}", "text", RANKED.format(n)) for n in range(1, cap + 1))
    place = [column.name for column in columns].index("lines") + 1
    return (*columns[:place], *ranks, *columns[place:])


def tables(cap: int, unblinded: bool, advised: bool = False) -> dict[str, tuple[Column, ...]]:
    """The tables of an export: those of a study under way, and the hidden ones once it is unblinded."""
    found = {**OPEN_TABLES, "answers": with_ranks(ANSWERS, cap)}
    if advised:
        found["advice"] = with_ranks(ADVICE, cap)
    return {**found, **UNBLINDED_TABLES} if unblinded else found
