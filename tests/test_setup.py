"""A study from a bundle: what is written, that a broken set-up goes on, and the commands around it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from commands.main import build
from study.bundle import Bundle, read
from study.canonical import digest
from study.codes import Code, new_code, normalised
from study.database import Refused, StudyError, open_box
from study.database.media import MediaFolder
from study.desk import CoordinatorDesk, SetupDesk
from study.protocol import preset, protocol_from
from study.setup import SetupRefused, case_content, create_study
from tests.home import Home
from tests.played_bundle import played_bundle
from tests.small_bundle import write_bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return read(write_bundle(tmp_path / "bundle"))


class BreaksAfter:
    """A wire that fails for good after some calls, as a killed set-up does."""

    def __init__(self, home: Home, calls: int) -> None:
        self.home, self.left = home, calls

    def call(self, function: str, /, **arguments: Any) -> Any:
        if not self.left:
            raise StudyError("broken off")
        self.left -= 1
        return self.home.owner.call(function, **arguments)


def test_a_set_up_that_breaks_anywhere_goes_on_to_the_same_study(home: Home, bundle: Bundle) -> None:
    slug, media = f"s-{uuid4().hex[:8]}", home.images
    for calls in range(1, 8):
        with pytest.raises(StudyError, match="broken off"):
            create_study(SetupDesk(BreaksAfter(home, calls)), media, bundle, preset("medsyn"), slug, 7, 3)
    study = create_study(SetupDesk(home.owner), media, bundle, preset("medsyn"), slug, 7, 3)
    status = CoordinatorDesk(home.owner).status(study)
    assert (status.cases, status.places, status.state) == (2, {"en": 3, "models": 3}, "draft")
    assert status.protocol_hash == preset("medsyn").hash


def test_images_lie_under_their_hash_and_cases_name_them_by_it(home: Home, bundle: Bundle) -> None:
    case = next(case for case in bundle.cases if case.key == "pain")
    (image,) = case_content(case, bundle)["evidence"][1]["images"]
    study = create_study(SetupDesk(home.owner), home.images, bundle, preset("medsyn"), f"s-{uuid4().hex[:8]}", 7, 2)
    assert "file" not in image
    assert len(home.images.read(study, image["sha256"])) == image["bytes"]


def test_what_does_not_fit_is_refused_whole_before_anything_is_written(home: Home, bundle: Bundle) -> None:
    protocol = protocol_from({"feedback": "after_reading", "ddx": {"asked": "named", "after": ["ct"]}})
    slug = f"s-{uuid4().hex[:8]}"
    with pytest.raises(SetupRefused, match=r"(?s)synthetic cases only.*no case has: ct"):
        create_study(SetupDesk(home.owner), home.images, bundle, protocol, slug, 7, 2)
    with pytest.raises(Refused):
        CoordinatorDesk(home.owner).find(slug)


def test_a_study_of_real_cases_does_not_open_without_its_particulars(home: Home, bundle: Bundle) -> None:
    slug = f"s-{uuid4().hex[:8]}"
    study = create_study(SetupDesk(home.owner), home.images, bundle, preset("medsyn"), slug, 7, 2)
    with pytest.raises(Refused, match="ethics, controller"):
        CoordinatorDesk(home.owner).open(study, {}, {})


def test_the_hash_of_a_case_is_that_of_its_content(bundle: Bundle) -> None:
    first, second = (digest(case_content(case, bundle)) for case in bundle.cases)
    assert first != second
    assert first == digest(json.loads(json.dumps(case_content(bundle.cases[0], bundle))))


def test_a_media_folder_knows_no_other_names(tmp_path: Path) -> None:
    media = MediaFolder(tmp_path)
    kept = media.put("a study", b"image", "image/png")
    assert media.put("another", b"image", "image/png") == kept
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [kept]
    for name in ("../" + kept, "0" * 64, "", kept.upper()):
        with pytest.raises(FileNotFoundError):
            media.read("a study", name)


def test_codes_are_read_as_people_type_them() -> None:
    code = new_code()
    assert normalised(code.text) == code.text.replace("-", "")
    assert Code(code.text.lower().replace("-", " ")).hash == code.hash
    assert normalised("oOiIlL") == "001111"
    assert len({new_code().text for _ in range(100)}) == 100


def run(data: Path, *arguments: str) -> Any:
    return CliRunner().invoke(build(), [*arguments, "--data", str(data)], env={"COLUMNS": "200"})


def test_the_commands_take_a_study_from_its_bundle_to_its_unblinding(data_folder: Path, tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "bundle")
    particulars = "".join(f"{name}: stated\n" for name in PARTICULARS)
    (path / "study.yaml").write_text((path / "study.yaml").read_text() + particulars)
    with open_box(data_folder):  # held open, so that each command joins the server instead of starting one
        made = run(data_folder, "study", "new", str(path), "--slug", "first", "--readers", "2", "--json")
        assert json.loads(made.stdout)["slug"] == "first"
        assert json.loads(run(data_folder, "study", "open", "--json").stdout)["state"] == "open"
        (invited,) = json.loads(run(data_folder, "readers", "invite", "--name", "A", "--json").stdout)
        assert invited["reader"] == "R01"
        replaced = json.loads(run(data_folder, "readers", "reissue", "R01", "--json").stdout)
        assert replaced[0]["code"] != invited["code"]
        run(data_folder, "readers", "withdraw", "R01", "--mode", "exclude", "--reason", "asked to")
        people = json.loads(run(data_folder, "readers", "list", "--json").stdout)
        assert [person["state"] for person in people if person["role"] == "reader"] == ["excluded"]
        run(data_folder, "readers", "invite", "--role", "grader")
        assert "G02 is removed" in run(data_folder, "readers", "remove", "G02", "--reason", "left the clinic").stdout
        people = json.loads(run(data_folder, "readers", "list", "--json").stdout)
        assert [person["state"] for person in people if person["pseudonym"] == "G02"] == ["removed"]
        alone = run(data_folder, "readers", "remove", "C01", "--reason", "left too").exception
        assert "only coordinator" in str(alone)
        for act, state in (("pause", "paused"), ("resume", "open"), ("close", "closed"), ("unblind", "unblinded")):
            assert json.loads(run(data_folder, "study", act, "--reason", "r", "--json").stdout)["state"] == state


def test_a_study_with_warnings_says_which_options_open_it(data_folder: Path, tmp_path: Path) -> None:
    bundle = played_bundle(tmp_path / "bundle")  # three keys give the diagnosis away
    with open_box(data_folder):
        made = run(data_folder, "study", "new", str(bundle), "--slug", "played")
        assert 'study open --study played --reason leak="WHY"' in made.stdout
        refused = run(data_folder, "study", "open")
        assert 'Add --reason leak="WHY" to open it.' in str(refused.exception)
        assert run(data_folder, "study", "open", "--reason", "leak=for the test").exit_code == 0


PARTICULARS = ("ethics", "controller", "contact", "purpose", "withdrawal", "retention", "telemetry", "pay")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("study", "new", "nowhere", "--slug", "x"), "is no folder"),
        (("study", "open", "--reason", "leak"), "KIND=TEXT"),
        (("study", "status"), "no study in this data folder"),
        (("readers", "invite", "-n", "2", "--name", "A"), "one person"),
    ],
)
def test_bad_input_is_told_in_a_sentence(data_folder: Path, arguments: tuple[str, ...], sentence: str) -> None:
    result = run(data_folder, *arguments)
    assert isinstance(result.exception, StudyError)
    assert sentence in str(result.exception)
