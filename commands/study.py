"""``readerstudy study``: a study from its bundle to its unblinding. Each act is entered in the study's own chain."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
import yaml
from rich.console import Console
from rich.table import Table

from commands._advice import with_advice
from commands._conditions import with_conditions
from commands._data import Where, opened
from commands._progress import counted
from commands._study import Slug, find_study
from commands.moving import pull, push, stay
from study.bundle import Bundle, BundleRefused, read
from study.canonical import digest
from study.database import Record, StudyError
from study.desk import CoordinatorDesk, SetupDesk, StudyStatus
from study.protocol import PRESETS, Protocol, ProtocolError, preset, protocol_from
from study.setup import create_study

app = typer.Typer(help="A study from its bundle to its unblinding.", no_args_is_help=True)
for _moving in (push, pull, stay):
    app.command()(_moving)

Reason: TypeAlias = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the study's chain.")]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON for another program.")]


@app.command()
def new(
    bundle: Annotated[Path, typer.Argument(help="The case bundle: a folder with study.yaml and cases/.")],
    data: Where,
    slug: Annotated[str, typer.Option("--slug", help="The study's short name: small letters, digits, hyphens.")],
    protocol: Annotated[
        str | None,
        typer.Option("--protocol", metavar="NAME|FILE", help=f"{', '.join(PRESETS)}, or a YAML file."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, max=(1 << 48) - 1, help="Draws the orders; one is drawn without.")
    ] = None,
    conditions: Annotated[
        str | None,
        typer.Option("--conditions", metavar="medsyn|FILE", help="What models read beside: MEDSYN's, or a file."),
    ] = None,
    readers: Annotated[
        int, typer.Option("--readers", min=1, max=1000, help="Places for each choice of languages.")
    ] = 60,
    advice: Annotated[
        str | None,
        typer.Option("--advice", metavar="FILE|STUDY", help="Where the answers are that an assisted reading shows."),
    ] = None,
    advisor: Annotated[
        str | None, typer.Option("--advisor", metavar="NAME", help="The model whose answers are shown.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a draft study of a checked bundle; the same command again goes on where it broke."""
    checked = _bundle(bundle)
    rules = with_conditions(_protocol(protocol or checked.study.protocol), conditions, checked)
    with opened(data) as record:
        rules, answered = with_advice(record, rules, advice, advisor, checked)
        drawn = _Seed(record, slug, seed)
        with counted("Study") as tick:
            study = create_study(
                SetupDesk(record.owner),
                record.images,
                checked,
                rules,
                slug,
                drawn.value,
                readers,
                lambda done, total, _: tick(done, total),
                answered,
            )
        drawn.forget()
        made = CoordinatorDesk(record.owner).status(study)
    _told(as_json, {"study": study, "slug": slug, "protocol": rules.hash}, _made(made, checked))


class _Seed:
    """The seed given, or one drawn and kept until the study is whole, so that a set-up that broke goes on with it."""

    def __init__(self, record: Record, slug: str, given: int | None) -> None:
        folder = record.drafts
        folder.mkdir(exist_ok=True, mode=0o700, parents=True)
        self._path = folder / digest(slug)
        if given is None and not self._path.exists():
            self._path.write_text(str(secrets.randbelow(1 << 48)), encoding="utf-8")
        self.value = int(self._path.read_text(encoding="utf-8")) if given is None else given

    def forget(self) -> None:
        """The record has the study: who knows the seed knows where the right options stand."""
        self._path.unlink(missing_ok=True)


@app.command("open")
def open_(
    data: Where,
    study: Slug = None,
    reason: Annotated[
        list[str] | None,
        typer.Option("--reason", metavar="KIND=TEXT", help="Why a kind of warning is accepted; repeat for each kind."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Freeze the study under one hash and open it to readers; each kind of warning of the bundle needs a reason."""
    reasons = _reasons(reason or [])
    with opened(data) as record:
        desk = CoordinatorDesk(record.owner)
        found = find_study(record.owner, study)
        warnings = desk.status(found).meta.get("warnings", {})
        if missing := sorted(warnings.keys() - reasons.keys()):
            raise StudyError(f"The bundle has warnings of kind {', '.join(missing)}. Add{_asked(missing)} to open it.")
        desk.open(found, warnings, reasons)
        status = desk.status(found)
    frozen = f"{status.slug} is open. Frozen under {status.frozen_hash}."
    _told(as_json, {"state": status.state, "frozen": status.frozen_hash}, frozen)


@app.command()
def pause(data: Where, reason: Reason, study: Slug = None, as_json: AsJson = False) -> None:
    """Take no answers for now; what is locked stays, readers see a sentence."""
    _act(data, study, "pause", reason, as_json)


@app.command()
def resume(data: Where, reason: Reason, study: Slug = None, as_json: AsJson = False) -> None:
    """Take answers again after a pause."""
    _act(data, study, "resume", reason, as_json)


@app.command()
def close(data: Where, reason: Reason, study: Slug = None, as_json: AsJson = False) -> None:
    """Take no more answers, for good; results stay blinded."""
    _act(data, study, "close", reason, as_json)


@app.command()
def unblind(data: Where, reason: Reason, study: Slug = None, as_json: AsJson = False) -> None:
    """Let the results of a closed study be seen; after this nothing can be reopened."""
    _act(data, study, "unblind", reason, as_json)


@app.command()
def status(data: Where, study: Slug = None, as_json: AsJson = False) -> None:
    """Where the study stands: counts by state, nothing about correctness."""
    with opened(data) as record:
        found = CoordinatorDesk(record.owner).status(find_study(record.owner, study))
    if as_json:
        print(found.model_dump_json())
        return
    Console().print(_table(found))


def _act(data: Path | None, slug: str | None, act: str, reason: str, as_json: bool) -> None:
    with opened(data) as record:
        desk = CoordinatorDesk(record.owner)
        found = find_study(record.owner, slug)
        getattr(desk, act)(found, reason)
        after = desk.status(found)
    _told(as_json, {"study": found, "state": after.state}, f"{after.slug} is {after.state}.")


def _bundle(path: Path) -> Bundle:
    try:
        with counted("Bundle") as tick:
            return read(path, tick)
    except BundleRefused as refused:
        raise StudyError(str(refused)) from None


def _protocol(name: str) -> Protocol:
    try:
        path = Path(name)
        if name in PRESETS or not path.is_file():
            return preset(name)
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ProtocolError("the file holds no parts of a protocol: write `reveal: all` and the like")
        return protocol_from(content)
    except (ProtocolError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise StudyError(f"The protocol {name} is refused: {error}.") from None


def _reasons(given: list[str]) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for entry in given:
        kind, found, text = entry.partition("=")
        if not found or not kind.strip() or not text.strip():
            raise StudyError(f"--reason {entry!r} is not of the form KIND=TEXT, such as leak='named as excluded'.")
        reasons[kind.strip()] = text.strip()
    return reasons


def _asked(kinds: Iterable[str]) -> str:
    """The options that accept these kinds of warnings, to be completed."""
    return "".join(f' --reason {kind}="WHY"' for kind in kinds)


def _made(status: StudyStatus, bundle: Bundle) -> str:
    counts = bundle.report.warning_counts()
    kinds = ", ".join(f"{kind} ({n})" for kind, n in counts.items())
    needed = f" Opening asks a reason for each of: {kinds}." if kinds else ""
    return (
        f"{status.slug} is a draft with {status.cases} cases and {status.practice_cases} for practice.{needed}\n"
        f"Next: readerstudy study open --study {status.slug}{_asked(counts)}"
    )


def _told(as_json: bool, facts: dict[str, Any], sentence: str) -> None:
    if as_json:
        print(json.dumps(facts))
    else:
        Console().print(sentence, markup=False, highlight=False, soft_wrap=True)


def _table(found: StudyStatus) -> Table:
    table = Table(title=f"{found.title}{' (synthetic)' if found.synthetic else ''}", show_header=False)
    protocol = f"{(found.protocol or {}).get('name', 'none')} {(found.protocol_hash or '')[:12]}"
    for name, value in (
        ("study", found.slug),
        ("state", found.state + (f", moved to {found.moved_to}" if found.moved_to else "")),
        ("languages", ", ".join(found.languages)),
        ("protocol", protocol),
        ("cases", f"{found.cases} and {found.practice_cases} for practice"),
        ("readers", _counts(found.readers)),
        ("models' samples", str(found.models)),
        ("readings", _counts(found.readings)),
        ("places left", _counts(found.places)),
    ):
        table.add_row(name, value)
    return table


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{n} {state}" for state, n in sorted(counts.items())) or "none"
