"""Everybody tries every image: what has not been shown yet, what is another's or of another study, every way to write.

Over HTTP as clients of Storage do, and in SQL as Storage itself asks. ``tests.record.gallery`` says who may read what.
Supabase lets the secret key past every rule of the bucket, so that it reads what lies there: no process of ours has it.
Truncating the image store's tables is Supabase's own to grant; no request can name it. The stand-in neither moves,
copies nor signs: those requests are refused by the rules on a real project alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from psycopg import sql

from study.database.bucket import BUCKET
from tests.home import Connection, Home
from tests.record.acts import new_id
from tests.record.attempts import DONE, rows_of
from tests.record.call import EVERYBODY
from tests.record.gallery import ORDER, PICTURES, Gallery, gallery
from tests.record.over_http import Attempts, attempts, state_of
from tests.small_study import IMAGE
from tests.supabase.home import SupabaseHome

WAYS = {
    "GET": "/storage/v1/object/authenticated/{}",
    "HEAD": "/storage/v1/object/authenticated/{}",
    "GET without a word": "/storage/v1/object/{}",
    "GET in public": "/storage/v1/object/public/{}",
    "GET what it is": "/storage/v1/object/info/authenticated/{}",
}
NOT_THERE = "0" * 64


@pytest.fixture(scope="module")
def shown(cloud: SupabaseHome) -> Gallery:
    return gallery(cloud)


@pytest.fixture(scope="module")
def tries(cloud: SupabaseHome, shown: Gallery) -> Iterator[Attempts]:
    with attempts(cloud, shown.world) as made:
        yield made


@pytest.fixture
def nothing_changes(shown: Gallery) -> Iterator[None]:
    with shown.world.home.database() as conn:
        before = state_of(conn)
        yield
        assert state_of(conn) == before


def told(name: str, found: dict[str, str], wanted: dict[str, str]) -> None:
    refused = sum(verdict != DONE for verdict in found.values())
    wrong = {one: verdict for one, verdict in found.items() if verdict != wanted[one]}
    print(f"\n{name}: {len(found)} attempts, {refused} refused, {len(wrong)} wrongly")
    assert wrong == {}


def read(reply: httpx.Response) -> str:
    """Whether an image came, or was said not to be there."""
    if reply.is_success:
        return DONE
    words = reply.json() if reply.content else {}
    assert words.get("statusCode", "404") in ("404", "403"), reply.text
    return "refused"


@pytest.mark.usefixtures("nothing_changes")
def test_an_image_is_read_by_whom_it_was_shown_to_and_by_nobody_else(tries: Attempts, shown: Gallery) -> None:
    found, wanted = {}, {}
    for persona in tries.personas:
        may = set(shown.objects) if persona == "secret key" else shown.readable(persona)
        for name, what in shown.objects.items():
            for way, path in WAYS.items():
                attempted = f"{way} {what}: {persona}"
                found[attempted] = read(tries(persona, way.split()[0], path.format(f"{BUCKET}/{name}")))
                wanted[attempted] = DONE if name in may and way != "GET in public" else "refused"
    told("images over HTTP", found, wanted)


def test_a_refused_image_is_told_from_none_by_nobody(tries: Attempts, shown: Gallery) -> None:
    path = WAYS["GET"]
    for persona in ("reader", "fellow", "left", "foreign reader", "newcomer", "reader signed out", "grader"):
        names = [*(set(shown.objects) - shown.readable(persona)), f"{shown.world.study}/{NOT_THERE}"]
        names.append(f"{new_id()}/{IMAGE}")
        answers = {tries(persona, "GET", path.format(f"{BUCKET}/{name}")).text for name in names}
        assert len(answers) == 1, persona


@pytest.mark.usefixtures("nothing_changes")
def test_a_list_names_what_one_may_read_and_nothing_else(tries: Attempts, shown: Gallery) -> None:
    studies = {name.split("/")[0] for name in shown.objects}
    for persona in tries.personas:
        may = set(shown.objects) if persona == "secret key" else shown.readable(persona)
        for study in studies:
            reply = tries(persona, "POST", f"/storage/v1/object/list/{BUCKET}", json={"prefix": study, "limit": 1000})
            listed = {f"{study}/{one['name']}" for one in reply.json()} if reply.is_success else set()
            assert listed == {name for name in may if name.startswith(study)}, persona


def put(tries: Attempts, persona: str, method: str, name: str, over: str = "false") -> str:
    headers = {"content-type": "image/png", "x-upsert": over}
    path = f"/storage/v1/object/{BUCKET}/{name}"
    reply = tries(persona, method, path, content=b"other bytes", headers=headers)
    return DONE if reply.is_success else "refused"


@pytest.mark.usefixtures("nothing_changes")
def test_nothing_is_put_into_the_bucket_changed_or_removed(tries: Attempts, shown: Gallery) -> None:
    found: dict[str, str] = {}
    elsewhere = {"bucketId": BUCKET, "destinationBucket": BUCKET, "destinationKey": f"{shown.draft}/{NOT_THERE}"}
    new = {f"{study}/{NOT_THERE}": f"new in {what}" for study, what in _studies(shown).items()}
    for persona in tries.personas:
        if persona == "secret key":
            continue
        for name, what in (shown.objects | new).items():
            if persona == "owner" and name.startswith(shown.draft) and name in new:
                continue  # whoever sets the draft up may; the next test does
            for method, over in (("POST", "false"), ("POST", "true"), ("PUT", "true")):
                found[f"{method} {over} {what}: {persona}"] = put(tries, persona, method, name, over)
            removed = tries(persona, "DELETE", f"/storage/v1/object/{BUCKET}", json={"prefixes": [name]})
            found[f"remove {what}: {persona}"] = DONE if removed.is_success and removed.json() else "refused"
            for act in ("move", "copy"):
                if name in shown.objects and persona != "owner":
                    moved = tries(persona, "POST", f"/storage/v1/object/{act}", json={"sourceKey": name, **elsewhere})
                    found[f"{act} {what}: {persona}"] = DONE if moved.is_success else "refused"
    told("writing into the bucket over HTTP", found, dict.fromkeys(found, "refused"))


def _studies(shown: Gallery) -> dict[str, str]:
    return {shown.world.study: "the open study", shown.world.other.study: "another study", shown.draft: "a draft"}


def test_an_image_is_put_into_ones_own_draft_once(tries: Attempts, shown: Gallery) -> None:
    name = f"{shown.draft}/{'1' * 64}"
    assert [put(tries, "owner", "POST", name), put(tries, "owner", "POST", name, "true")] == [DONE, "refused"]


def test_no_address_is_signed_for_an_image_that_one_may_not_read(tries: Attempts, shown: Gallery) -> None:
    found = {}
    for persona in set(tries.personas) - {"secret key"}:
        for name in set(shown.objects) - shown.readable(persona):
            reply = tries(persona, "POST", f"/storage/v1/object/sign/{BUCKET}/{name}", json={"expiresIn": 60})
            found[f"sign {shown.objects[name]}: {persona}"] = DONE if reply.is_success else "refused"
    told("signed addresses", found, dict.fromkeys(found, "refused"))


def test_a_reader_fetches_nothing_ahead_and_an_image_once_its_step_is_shown(cloud: SupabaseHome) -> None:
    shown = gallery(cloud)
    world, wire = shown.world, shown.world.wire("reader")
    with attempts(cloud, world) as tries:

        def seen() -> set[str]:
            path = WAYS["GET"]
            return {
                key for key in ORDER if tries("reader", "GET", path.format(f"{BUCKET}/{shown.name(key)}")).is_success
            }

        practice, current = ORDER[0], shown.next_case
        assert seen() == {practice}
        page = world.made.read(wire, world.readings["reader"][1], ["Gout"], upto=1)
        assert seen() == {practice, current}
        path = WAYS["GET"].format(f"{BUCKET}/{shown.name(current)}")
        assert tries("reader", "GET", path).content == PICTURES[current]
        world.made.act("pause", wire, reading=page["reading"])
        assert seen() == {practice}, "a pause covers the evidence"
        world.made.act("leave_study", wire, study=world.study, mode="keep", reason="no time")
        assert seen() == set()


# -- in SQL, as Storage asks ---------------------------------------------------------------------------------------

TOUCHES = {
    "select": "select 1 from storage.objects where name = %s",
    "update": "update storage.objects set name = name || 'x' where name = %s",
    "delete": "delete from storage.objects where name = %s",
    "insert": "insert into storage.objects (bucket_id, name) values ('evidence', %s || 'x')",
    "select buckets": "select 1 from storage.buckets where id <> %s",
    "update buckets": "update storage.buckets set public = true where id <> %s",
    "delete buckets": "delete from storage.buckets where id <> %s",
    "insert buckets": "insert into storage.buckets (id, name) values (%s, 'new')",
}


@pytest.fixture(scope="module")
def hung(sql_home: Home) -> Gallery:
    return gallery(sql_home)


@pytest.fixture
def wire_role(sql_home: Home) -> Iterator[Connection]:
    with sql_home.database("authenticator") as conn:
        if conn.execute("select session_user::text").fetchone() != ("authenticator",):
            pytest.skip("Nobody logs in to a real project as its data API does; it is attacked over HTTP alone.")
        yield conn


def test_rows_of_the_image_store_are_seen_by_whom_they_were_shown_to_and_changed_by_nobody(
    hung: Gallery, wire_role: Connection
) -> None:
    found, wanted, in_bucket = {}, {}, hung.world.home.kind == "supabase"
    for persona in (*sorted(EVERYBODY & set(hung.world.tokens)), "nameless", "nobody", "authenticator"):
        for name, what in hung.objects.items():
            for act, words in TOUCHES.items():
                statement = sql.SQL(words)
                verdict = rows_of(wire_role, hung.world, persona, statement, [name])
                found[f"{act} {what}: {persona}"] = DONE if verdict not in ("0 rows", "42501") else "refused"
                may = act == "select" and in_bucket and name in hung.readable(persona)
                wanted[f"{act} {what}: {persona}"] = DONE if may else "refused"
    told("rows of the image store", found, wanted)


def test_no_made_up_name_opens_anything(hung: Gallery, wire_role: Connection) -> None:
    """Names that are no study and hash are refused, and none of them breaks the rule that is asked."""
    names = ["", "x", "/", f"{hung.world.study}/", f"{hung.world.study}/{IMAGE}/", f"{hung.world.study}/{IMAGE}\n"]
    names += [f"{hung.world.study.upper()}/{IMAGE}", f"{hung.draft}/../{hung.world.study}/{IMAGE}", f"'/{IMAGE}"]
    for persona in ("reader", "coordinator", "owner", "foreign coordinator"):
        for rule in ("may_read_object", "may_put_object"):
            statement = sql.SQL("select 1 where desk.{}(%s)").format(sql.Identifier(rule))
            verdicts = {name: rows_of(wire_role, hung.world, persona, statement, [name]) for name in names}
            assert set(verdicts.values()) == {"0 rows"}, (persona, rule, verdicts)
