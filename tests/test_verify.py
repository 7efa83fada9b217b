"""``verify`` counts what it checked, holds on an honest record, and names the first row that somebody changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from psycopg import sql

from study.database.wire import StudyError
from study.exporting import source
from study.exporting.export import export
from study.exporting.manifest import manifest
from study.verify import Verdict, verify
from tests.home import Connection, Home
from tests.small_study import IMAGE, SmallStudy, small_study


@pytest.fixture
def study(home: Home) -> SmallStudy:
    """One reader and one model have read everything; a second reader stands in the middle of a case."""
    made = small_study(home)
    made.read_all(made.add_reader(), ["Pneumonia", "Gout"])
    second = made.add_reader()
    made.read(second, made.readings(second)[0]["reading"], ["Flu"], upto=2)
    made.add_model("baseline", ["Gout", "Pneumonia"])
    return made


def check(study: SmallStudy) -> Verdict:
    return verify(study.home.owner, study.study, study.home.images)


def test_an_honest_record_holds_and_everything_is_counted(study: SmallStudy) -> None:
    verdict = check(study)
    assert verdict.faults == ()
    assert verdict.unchecked == ()
    counted = verdict.counted
    assert (counted["readings"], counted["cases"], counted["scripts"], counted["media"]) == (12, 4, 4, 1)
    # a whole reading: begun, shown and locked for each of 6 steps, completed; the half one: begun, 3 shown, 2 locked
    assert counted["events"] == counted["payloads"] == 8 * 14 + 6
    assert verdict.line.endswith("everything holds")


@contextmanager
def behind_the_back(study: SmallStudy) -> Iterator[Connection]:
    """Past the triggers that keep everybody from changing rows."""
    with study.home.database() as conn:
        conn.execute("set session_replication_role = replica")
        yield conn


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "update study.event_payloads set payload = '{{}}' where seq = 7 and reading = {r}",
            "row 7: its payload is not",
        ),
        ("update study.events set step = 9 where seq = 3 and reading = {r}", "row 3: its hash does not follow"),
        (
            "update study.event_payloads set payload = null, nonce = null where seq = 5 and reading = {r}",
            "1 payloads are gone",
        ),
        ("update study.readings set state = 'skipped' where reading = {r}", "its stored state is 'skipped'"),
        (
            "update study.study_events set body = '{{}}' where seq = 2 and study = {s}",
            "study chain, row 2: its hash does not follow",
        ),
        (
            "update study.cases set content = content || '{{\"version\": \"2\"}}' where key = 'beta' and study = {s}",
            "case beta: its content",
        ),
        (
            'update study.scripts set content = content || \'{{"arm": "x"}}\' where study = {s}',
            "its content does not have the hash",
        ),
        (
            'update study.studies set protocol = protocol || \'{{"name": "x"}}\' where study = {s}',
            "protocol: its content",
        ),
        (
            "update study.studies set texts = jsonb_set(texts, '{{ddx,en,text}}', '\"x\"') where study = {s}",
            "text ddx (en): its words",
        ),
    ],
)
def test_a_change_behind_the_records_back_is_named(study: SmallStudy, statement: str, told: str) -> None:
    reading = study.readings(study.readers[0])[0]["reading"]
    with behind_the_back(study) as conn:
        conn.execute(sql.SQL(statement).format(r=sql.Literal(reading), s=sql.Literal(study.study)))
    verdict = check(study)
    assert not verdict.holds
    assert told in str(verdict.faults[0])


def cut_tail(study: SmallStudy, reading: str) -> None:
    """Take the last event of a whole reading away, and make its projection fit."""
    with behind_the_back(study) as conn:
        cut = "delete from study.{table} where reading = %s and seq = 14"
        for table in ("event_payloads", "events"):
            conn.execute(sql.SQL(cut).format(table=sql.Identifier(table)), [reading])
        conn.execute(
            "update study.readings r set state = 'reading', step = 5, count = 13, completed_attempt = null, "
            "locked_at = null, head = e.hash, last_at = e.at "
            "from study.events e where r.reading = %s and e.reading = r.reading and e.seq = 13",
            [reading],
        )


def test_a_tail_cut_with_its_projection_is_shown_by_the_heads_of_an_export(study: SmallStudy) -> None:
    reading = study.readings(study.readers[0])[0]["reading"]
    study.act("export_heads", study=study.study)
    cut_tail(study, reading)
    verdict = check(study)
    assert [fault.where for fault in verdict.faults] == [f"reading {reading}, row 14"]
    assert "its tail was cut" in verdict.faults[0].what


def test_tails_cut_with_the_note_of_them_are_shown_by_an_earlier_export(study: SmallStudy, tmp_path: Path) -> None:
    export(study.home.owner, study.study, tmp_path / "out")
    earlier = manifest(tmp_path / "out" / "manifest.json")
    reading = study.readings(study.readers[0])[0]["reading"]
    cut_tail(study, reading)
    with behind_the_back(study) as conn:
        count = earlier.study_chain.count
        conn.execute("delete from study.study_events where study = %s and seq = %s", [study.study, count])
        conn.execute(
            "update study.studies s set count = e.seq, head = e.hash from study.study_events e "
            "where s.study = %s and e.study = s.study and e.seq = %s",
            [study.study, count - 1],
        )
    assert check(study).holds
    verdict = verify(study.home.owner, study.study, study.home.images, earlier=earlier)
    assert [fault.where for fault in verdict.faults] == [f"study chain, row {count}", f"reading {reading}, row 14"]


def test_an_export_of_another_study_is_no_witness(study: SmallStudy, home: Home, tmp_path: Path) -> None:
    other = small_study(home)
    export(other.home.owner, other.study, tmp_path / "out")
    with pytest.raises(StudyError, match="of another study"):
        verify(study.home.owner, study.study, earlier=manifest(tmp_path / "out"))


def test_grades_are_recomputed_from_their_rows(study: SmallStudy) -> None:
    study.close()
    grade = {"case": "beta", "scale": "bond", "version": "1", "grade": 2, "note": "=a\nb"}
    for lines in (["Flu", "Pneumonia"], ["Gout"]):
        study.act("save_grades", study=study.study, items=[{**grade, "line": line} for line in lines])
    assert check(study).faults == ()
    with behind_the_back(study) as conn:
        conn.execute("update study.grades set grade = 5 where line = 'Gout' and study = %s", [study.study])
    (fault,) = check(study).faults
    assert "they are not those that were sealed" in fault.what


def test_long_acts_and_many_rows_come_in_parts_that_add_up(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = check(study)
    monkeypatch.setattr(source, "ROWS", 1)
    monkeypatch.setattr(source, "ACTS", 2)
    monkeypatch.setattr(source, "CHUNK", 3)
    assert check(study) == whole


def test_a_body_longer_than_a_chunk_is_read_whole(study: SmallStudy) -> None:
    words = "x\u00e9" * 300_000  # 600,000 characters, where a part has 250,000
    study.act("pause_study", study=study.study, reason=words)
    last = list(source.acts(study.home.owner, study.study))[-1]
    assert last.kind == "paused"
    assert words in last.body
    assert check(study).holds


def test_an_erased_reader_is_counted_and_the_chain_holds(study: SmallStudy) -> None:
    study.act("withdraw_reader", member=study.members[0], mode="erase", reason="asked")
    verdict = check(study)
    assert verdict.faults == ()
    # four readings of 14 events and one withdrawal each
    assert verdict.counted["erased"] == 4 * 15


def test_an_image_that_changed_or_went_is_named(study: SmallStudy) -> None:
    with study.home.altered_image(study.study, IMAGE, b"other"):
        assert "are not those that were stored" in str(check(study).faults[0])
    with study.home.altered_image(study.study, IMAGE, None):
        assert f"image {IMAGE}: it is not where images are kept" in str(check(study).faults[0])
    assert check(study).holds


def test_humans_and_models_saw_the_same_stage_by_stage(study: SmallStudy) -> None:
    parity = check(study).parity
    assert parity.holds
    assert len(parity.stages) == 3 * 7  # six steps and the option order, for three cases beside practice
    assert {(stage.humans, stage.models, stage.same) for stage in parity.stages} == {(1, 1, True)}
    assert [stage.shown for stage in parity.stages[:3]] == ["history (text)", "picture (image)", "ddx"]


def test_a_models_other_script_is_named_as_a_difference(study: SmallStudy) -> None:
    with behind_the_back(study) as conn:
        conn.execute(
            "with other as (insert into study.scripts (study, hash, content) "
            "select study, repeat('0', 64), jsonb_set(content, '{steps,2,cap}', '10') from study.scripts "
            "where content -> 'case' ->> 'key' = 'beta' and study = %s returning hash) "
            "update study.readings r set script = o.hash from other o, study.members m "
            "where m.member = r.member and m.study = %s and m.kind = 'model' and r.case_key = 'beta'",
            [study.study, study.study],
        )
    stage = next(stage for stage in check(study).parity.stages if stage.same is False)
    assert (stage.case, stage.stage, stage.difference) == ("beta", 3, "cap: 5 and 10")
