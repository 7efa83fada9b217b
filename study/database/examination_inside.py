"""What the database says of itself to its owner: rights, tables, roles, the bucket's rules, migrations, limits."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, ValidationError

from study.database.examination import OPEN, PUSH, Finding, mend, not_shown, ok, some
from study.database.migrations import migrations, preludes
from study.database.wire import NOT_ALLOWED, NOT_SIGNED_IN, Refused, Wire

LONGEST_MS = 8000
RELOAD = "notify pgrst, 'reload config'"
_PARTS = {
    "functions": ("functions", "Who may call what is as it was made."),
    "tables": ("tables", "Nobody may touch a table; row-level security is on everywhere."),
    "roles": ("roles", "No role passes by these walls, and what is new is granted to nobody."),
    "bucket": ("image rules", "The bucket is private and limited, and has our two rules alone."),
    "replies": ("1,000 rows", "Every function returns one value, so that the cap on rows cuts nothing."),
}


class Examined(BaseModel):
    """The reply of ``examine``."""

    model_config = ConfigDict(extra="ignore")

    home: str
    functions: list[str]
    tables: list[str]
    roles: list[str]
    bucket: list[str]
    replies: list[str]
    open: list[str]
    migrations: list[str] | None
    time_zone: str
    limit_ms: int
    visitors_limit: str | None


def inside(wire: Wire) -> Iterator[Finding]:
    """What strayed, as the owner is told; one finding that it is not shown where the caller is not the owner."""
    try:
        reply = Examined.model_validate(wire.call("examine"))
    except Refused as refusal:
        if refusal.code in (NOT_SIGNED_IN, NOT_ALLOWED):
            do = "Sign in as the project's owner with `readerstudy login`, then run this again."
            yield not_shown("inside", f"The database tells its owner alone about itself. {refusal}", do)
        else:
            yield mend("inside", str(refusal), PUSH)
        return
    except ValidationError:
        yield mend("inside", "The database answers in a form that this program cannot read.", PUSH)
        return
    yield from judged(reply)


def judged(reply: Examined) -> Iterator[Finding]:
    """A finding for each part of what the database said."""
    editor = "the dashboard's SQL editor" if reply.home == "supabase" else "psql, as the box's superuser"
    for name, (check, well) in _PARTS.items():
        strayed: list[str] = getattr(reply, name)
        do = f"Somebody changed this beside the migrations. Put back what is named, in {editor}."
        yield mend(check, f"{some(strayed)}.", do) if strayed else ok(check, well)
    yield _open(reply, editor)
    yield _recorded(reply)
    yield _zone(reply, editor)
    yield _limits(reply, editor)


def _open(reply: Examined, editor: str) -> Finding:
    wanted = {f"{schema}.{name}" for schema in ("api", "desk") for name in OPEN}
    more, less = sorted(set(reply.open) - wanted), sorted(wanted - set(reply.open))
    if more:
        do = f"In {editor}: `revoke execute on function {more[0]} from anon, public`, and so for each."
        return mend("open functions", f"Visitors may call {some(more)}.", do)
    if less:
        return mend("open functions", f"Visitors may not call {some(less)}, by which sessions go on.", PUSH)
    return ok("open functions", f"Visitors may call {', '.join(sorted(OPEN))} and nothing else.")


def _recorded(reply: Examined) -> Finding:
    if reply.migrations is None:
        do = f"{PUSH} A schema that was pasted into the SQL editor is recorded nowhere."
        return mend("migrations", "The database records no migrations.", do)
    ours = {one.version for one in migrations()}
    there = set(reply.migrations) - {one.version for one in preludes()}
    missing, unknown = sorted(ours - there), sorted(there - ours)
    if missing:
        return mend("migrations", f"The database lacks {some(missing)}.", PUSH)
    if unknown:
        do = "Use the version of readerstudy that set it up; another program belongs into a project of its own."
        return mend("migrations", f"The database has migrations that this program does not know: {some(unknown)}.", do)
    return ok("migrations", f"All {len(ours)} migrations are recorded, and no other.")


def _zone(reply: Examined, editor: str) -> Finding:
    if reply.time_zone != "UTC":
        do = f"In {editor}: `alter database postgres set timezone to 'UTC'`."
        return mend("time zone", f"The database tells times in {reply.time_zone}, not in UTC.", do)
    return ok("time zone", "The database tells times in UTC.")


def _limits(reply: Examined, editor: str) -> Finding:
    visitors = reply.visitors_limit
    if not 0 < reply.limit_ms <= LONGEST_MS:
        seen = f"A call may take {reply.limit_ms / 1000:.0f} s (0: for ever); the program waits for 12 s."
        do = f"In {editor}: `alter role authenticated set statement_timeout = '8s'`, then `{RELOAD}`."
        return mend("time limits", seen, do)
    if reply.home == "supabase" and visitors in (None, "", "0"):
        do = f"In {editor}: `alter role anon set statement_timeout = '3s'`, then `{RELOAD}`."
        return mend("time limits", "A visitor's call may take for ever.", do)
    of_visitors = f", a visitor's after {visitors}" if visitors else ""
    return ok("time limits", f"A call is given up after {reply.limit_ms / 1000:.0f} s{of_visitors}.")
