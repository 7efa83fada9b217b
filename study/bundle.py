"""A case bundle on disk: ``study.yaml``, ``cases/<key>/case.yaml``, images beside it; read whole or refused whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from . import bundle_images, bundle_yaml
from .bundle_images import ImageFile
from .bundle_report import Notice, Report
from .bundle_wording import across_cases, of_case
from .bundle_yaml import Document, FieldPath
from .case import Case, StudyFile

Progress = Callable[[int, int], None]
Model = TypeVar("Model", bound=BaseModel)
_DICOM = "is a DICOM file, whose tags identify people; remove it"
_MESSAGES = {
    "extra_forbidden": "unknown key; see `readerstudy cases schema` for those that exist",
    "missing": "is required and not there",
    "string_type": "must be text; put it in quotes",
    "string_too_short": "is empty",
}


@dataclass(frozen=True)
class Bundle:
    """A bundle without faults; ``images`` maps (case key, file as the case names it) to what lies on disk."""

    path: Path
    study: StudyFile
    cases: tuple[Case, ...]
    images: dict[tuple[str, str], ImageFile]
    report: Report


class BundleRefused(ValueError):
    """The bundle has faults; ``report`` lists them all."""

    def __init__(self, report: Report) -> None:
        self.report = report
        lines = [f"{notice.file}: {notice.field}: {notice.message}" for notice in report.faults]
        super().__init__(f"{report.path} is refused, {len(lines)} fault(s):\n" + "\n".join(lines))


def read(path: Path | str, progress: Progress | None = None) -> Bundle:
    """The bundle at ``path``; raises :class:`BundleRefused` with every fault at once."""
    survey = _Survey(Path(path))
    survey.run(progress)
    report = survey.report()
    if report.faults or survey.study is None:
        raise BundleRefused(report)
    cases = tuple(file.case for file in survey.files if file.case)
    return Bundle(survey.path, survey.study, cases, survey.images, report)


def check(path: Path | str, progress: Progress | None = None) -> Report:
    """Every fault and warning of the bundle at ``path`` by file and field; ``progress`` hears (done, all)."""
    survey = _Survey(Path(path))
    survey.run(progress)
    return survey.report()


def field_name(path: FieldPath) -> str:
    """A field as authors write it: ``evidence[2].images[0].alt``."""
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return name.lstrip(".") or "(file)"


@dataclass
class CaseFile:
    """One case on its way through the check: ``case`` is None where its fields have faults."""

    folder: Path
    name: str
    document: Document
    case: Case | None
    key: str


@dataclass
class _Survey:
    path: Path
    study: StudyFile | None = None
    files: list[CaseFile] = field(default_factory=list)
    images: dict[tuple[str, str], ImageFile] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def report(self) -> Report:
        title = self.study.title if self.study else None
        return Report(self.path, title, len(self.files), len(self.images), tuple(self.notices))

    def run(self, progress: Progress | None) -> None:
        if not self.path.is_dir():
            self._fault("folder", str(self.path), None, (), "is no folder; give the folder that holds study.yaml")
            return
        document = self._document(self.path / "study.yaml", "study.yaml")
        self.study = self._model(StudyFile, document, "study.yaml", None) if document else None
        folders = list(self._case_folders())
        for number, folder in enumerate(folders, start=1):
            self._case(folder)
            if progress:
                progress(number, len(folders))
        self._across()

    def _case_folders(self) -> Iterator[Path]:
        parent = self.path / "cases"
        if not parent.is_dir() or parent.is_symlink():
            self._fault("folder", "cases", None, (), "the folder `cases`, with one folder a case, is not there")
            return
        entries = sorted(entry for entry in parent.iterdir() if not entry.name.startswith("."))
        if not entries:
            self._fault("folder", "cases", None, (), "holds no case; a bundle has at least one")
        for entry in entries:
            name = f"cases/{entry.name}"
            if entry.is_symlink():
                self._fault("folder", name, None, (), "is a symbolic link; put the folder itself there")
            elif entry.is_dir():
                yield entry
            elif bundle_images.is_dicom(entry):
                self._fault("identifying", name, None, (), _DICOM)

    def _case(self, folder: Path) -> None:
        name = f"cases/{folder.name}/case.yaml"
        document = self._document(folder / "case.yaml", name)
        if document is None:
            return
        case = self._model(Case, document, name, folder.name)
        key = _string(document.data, "key") or folder.name
        file = CaseFile(folder, name, document, case, key)
        self.files.append(file)
        if key != folder.name:
            self._fault("key", name, document, ("key",), f"is {key!r}, but the folder is {folder.name!r}", folder.name)
        self._block_ids(file)
        self._image_files(file)
        self._dicom_beside(file)
        if case is not None:
            for level, kind, where, message in of_case(case):
                self._note(level, kind, name, document, where, message, case.key)

    def _document(self, path: Path, name: str) -> Document | None:
        if path.is_symlink() or not path.is_file():
            self._fault("folder", name, None, (), "is not there" if not path.is_symlink() else "is a symbolic link")
            return None
        document = bundle_yaml.read(path)
        for fault in document.faults:
            self.notices.append(Notice("fault", "yaml", name, field_name(fault.field), fault.message, fault.line))
        if document.data is None and document.faults:
            return None
        return document

    def _model(self, model: type[Model], document: Document, name: str, case: str | None) -> Model | None:
        if not isinstance(document.data, dict):
            self._fault("field", name, document, (), "must hold fields (key: value) and does not", case)
            return None
        try:
            return model.model_validate(document.data)
        except ValidationError as error:
            listed = error.errors(include_url=False)
            for fault in listed:
                # A list whose entries are all faulty counts as empty too; the entries' own faults say it better.
                within = [other for other in listed if other["loc"][: len(fault["loc"])] == fault["loc"]]
                if fault["type"] != "too_short" or len(within) == 1:
                    self._fault("field", name, document, fault["loc"], _message(dict(fault)), case)
            return None

    def _block_ids(self, file: CaseFile) -> None:
        seen: dict[str, int] = {}
        for index, block in enumerate(_list(file.document.data, "evidence")):
            block_id = _string(block, "id")
            if block_id is None:
                continue
            if block_id in seen:
                message = f"the id {block_id!r} is used twice (first in evidence[{seen[block_id]}])"
                self._fault("key", file.name, file.document, ("evidence", index, "id"), message, file.key)
            seen.setdefault(block_id, index)

    def _image_files(self, file: CaseFile) -> None:
        synthetic = bool(isinstance(file.document.data, dict) and file.document.data.get("synthetic") is True)
        for index, block in enumerate(_list(file.document.data, "evidence")):
            for number, image in enumerate(_list(block, "images")):
                where: FieldPath = ("evidence", index, "images", number)
                if not synthetic and isinstance(image, dict) and not image.get("deidentified"):
                    message = "says nothing of de-identification; give deidentified: {by, on, how}"
                    self._fault("deidentification", file.name, file.document, where, message, file.key)
                self._image(file, (*where, "file"), _string(image, "file"))

    def _image(self, file: CaseFile, where: FieldPath, name: str | None) -> None:
        if name is None or (file.key, name) in self.images:
            return
        path, refusal = bundle_images.locate(file.folder, name)
        if path is None:
            self._fault("image", file.name, file.document, where, refusal or "", file.key)
            return
        result = bundle_images.inspect(path)
        for kind, message in result.faults:
            self._fault(kind, file.name, file.document, where, f"{name!r} {message}", file.key)
        if result.image:
            self.images[(file.key, name)] = result.image

    def _dicom_beside(self, file: CaseFile) -> None:
        named = {image.path for image in self.images.values()}
        for path in sorted(file.folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and path not in named and bundle_images.is_dicom(path):
                beside = path.relative_to(self.path).as_posix()
                self._fault("identifying", beside, None, (), _DICOM, file.key)

    def _across(self) -> None:
        by_key: dict[str, CaseFile] = {}
        for file in self.files:
            if file.key in by_key:
                message = f"the key {file.key!r} is that of {by_key[file.key].name} too"
                self._fault("key", file.name, file.document, ("key",), message, file.key)
            by_key.setdefault(file.key, file)
        cases = [file.case for file in self.files if file.case]
        for key, level, kind, where, message in across_cases(cases, set(by_key), self.study):
            self._note(level, kind, by_key[key].name, by_key[key].document, where, message, key)

    def _fault(
        self, kind: str, name: str, document: Document | None, where: FieldPath, message: str, case: str | None = None
    ) -> None:
        self._note("fault", kind, name, document, where, message, case)

    def _note(
        self,
        level: Any,
        kind: str,
        name: str,
        document: Document | None,
        where: FieldPath,
        message: str,
        case: str | None,
    ) -> None:
        line = document.line(where) if document else None
        self.notices.append(Notice(level, kind, name, field_name(where), message, line, case))


def _message(error: dict[str, Any]) -> str:
    if error["type"] == "string_pattern_mismatch" and "a-z0-9-" in error["msg"]:
        return f"{error['input']!r} must be lower-case letters, digits and hyphens, at most 64"
    return _MESSAGES.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")


def _list(data: Any, key: str) -> list[Any]:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []


def _string(data: Any, key: str) -> str | None:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, str) else None
