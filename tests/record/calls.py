"""Every function of the record: at which stage it can be called, with what, and who may. The one table of verdicts."""

from __future__ import annotations

from uuid import uuid4

from tests.record.call import (
    ANSWER,
    CODE,
    COORDINATORS,
    DRAFT,
    EVERYBODY,
    GRADE,
    HEX,
    NEW,
    NEW_STUDY,
    NO_ROWS,
    READERS,
    REASON,
    SIGNED_IN,
    STAFF,
    Call,
    act_on,
    arriving,
    code_of,
    handle,
    in_study,
    member,
    on,
    turns_on,
)
from tests.record.world import LEASE
from tests.small_study import IMAGE

CALLS = [
    # whoever comes
    Call("about", EVERYBODY, lambda _: {}),
    Call(
        "sign_in",
        EVERYBODY,
        lambda _: {"code": "0000-0000", "token_hash": HEX, "client": "c"},
        lambda _: {"code": "0000-0000", "token_hash": "short", "client": "c"},
        on_supabase=set(),
    ),
    Call("enter", {"newcomer"}, lambda _: {"token_hash": HEX, "sealed": "s"}),
    Call(
        "session_tokens",
        EVERYBODY,
        lambda w: {"token": w.sealed_token, "lease": NEW},
        lambda _: {"token": "nobody's"},
        "RS401",
    ),
    Call(
        "renew_session",
        EVERYBODY,
        lambda w: {"token": w.sealed_token, "lease": LEASE, "sealed": "anew"},
        lambda w: {"token": w.sealed_token, "lease": NEW, "sealed": "anew"},
        "RS409",
    ),
    # whoever is signed in, about themselves
    Call("password_set", {"mailed"}, lambda _: {}, on_supabase=SIGNED_IN),
    Call("redeem", SIGNED_IN, lambda _: {"code": "0000-0000"}),
    Call("me", SIGNED_IN, lambda _: {}),
    Call("studies", SIGNED_IN, lambda _: {}),
    Call("sign_out", SIGNED_IN, lambda _: {}),
    Call(
        "another_session",
        SIGNED_IN,
        lambda _: {"token_hash": HEX},
        lambda _: {"token_hash": "short"},
        on_supabase=set(),
    ),
    # readers, in their own study
    Call("study_home", READERS | {"left"}, in_study()),
    Call(
        "consent",
        READERS,
        in_study(decision="given", version="1", request_id=NEW),
        in_study(decision="perhaps", version="1", request_id=NEW),
    ),
    Call(
        "save_profile",
        READERS,
        in_study(profile={}, languages=["en"], request_id=NEW),
        in_study(profile={}, languages=["xx"], request_id=NEW),
    ),
    Call("instructed", READERS, in_study(request_id=NEW)),
    Call(
        "leave_study",
        READERS | {"left"},
        in_study(mode="erase", **REASON),
        in_study(mode="burn", **REASON),
    ),
    # one reader's reading
    Call("open_reading", {"reader"}, on(1, visit=NEW)),
    Call("turn", {"reader"}, act_on(1, 1, **ANSWER), act_on(1, 1, **ANSWER | {"answer": {"lines": []}})),
    Call("turns", {"reader"}, turns_on(1), lambda _: {"items": {}}),
    Call("save_draft", {"reader"}, act_on(1, 2, **DRAFT), act_on(1, 2, **DRAFT | {"body": []})),
    Call("mark_ready", {"reader"}, act_on(1, 1, client={}, request_id=NEW), act_on(1, 1, client=[], request_id=NEW)),
    Call("save_telemetry", {"reader"}, act_on(1, 1, **DRAFT), act_on(1, 1, **DRAFT | {"tab": "t" * 65})),
    Call("evidence_image", {"reader"}, on(1, sha256=IMAGE), on(1, sha256=HEX), "RS404"),
    Call("evidence_image", set(), on(2, sha256=IMAGE), label="before it is shown"),
    Call("skip_case", {"reader"}, on(1, step=1, **REASON), on(1, step=1, reason=" ", request_id=NEW)),
    Call(
        "flag",
        {"reader"},
        on(1, step=1, kind="ambiguous", words="", request_id=NEW),
        on(1, step=1, kind="dull", words="", request_id=NEW),
    ),
    Call("pause", {"reader"}, on(1, request_id=NEW), on(0, request_id=NEW), "RS409"),
    Call("resume", {"fellow"}, on(1, "fellow", request_id=NEW), on(0, "fellow", request_id=NEW), "RS409"),
    Call("feedback", {"reader"}, on(0), on(1), "RS403"),
    Call("open_reading", set(), on(1, "left", visit=NEW), label="of one who left"),
    Call("turn", set(), act_on(1, 1, "left", **ANSWER), label="of one who left"),
    # a model's reading
    Call("open_reading", {"runner", "owner"}, on(0, "model", visit=NEW), label="of a model"),
    Call("turn", {"runner", "owner"}, act_on(1, -1, "model", **ANSWER), label="of a model"),
    Call(
        "enrol_model",
        {"runner", "owner"},
        in_study(name="another", details={}, samples=1, request_id=NEW),
        in_study(name="another", details={}, samples=0, request_id=NEW),
    ),
    Call("model_readings", {"runner", "owner"}, in_study(name=None)),
    # setting up
    Call(
        "create_study",
        {"coordinator", "foreign coordinator", "owner"},
        lambda _: {"slug": f"new-{uuid4().hex}"} | NEW_STUDY,
        lambda _: {"slug": "No Slug"} | NEW_STUDY,
    ),
    Call(
        "add_case",
        COORDINATORS,
        in_study(
            content={
                "key": "delta",
                "version": "1",
                "language": "en",
                "specialty": "general",
                "synthetic": True,
                "practice": False,
                "diagnosis": {},
                "evidence": [],
                "options": [],
            },
            hash=HEX,
            request_id=NEW,
        ),
        in_study(content={"key": "delta", "options": []}, hash=HEX, request_id=NEW),
        stage="draft",
    ),
    Call(
        "add_media",
        COORDINATORS,
        in_study(sha256=HEX, mime="image/png", width=1, height=1, bytes=1, request_id=NEW),
        in_study(sha256=HEX, mime="text/html", width=1, height=1, bytes=1, request_id=NEW),
        stage="draft",
    ),
    Call(
        "set_protocol",
        COORDINATORS,
        in_study(protocol={}, hash=HEX, texts={}, request_id=NEW),
        in_study(protocol={}, hash=HEX, texts=None, request_id=NEW),
        stage="draft",
    ),
    Call(
        "add_script",
        COORDINATORS,
        in_study(hash=HEX, content={}, request_id=NEW),
        in_study(hash=None, content={}, request_id=NEW),
        stage="draft",
    ),
    Call(
        "add_allocation",
        COORDINATORS,
        in_study(**NO_ROWS),
        in_study(**NO_ROWS | {"rows": [[{"case": "alpha", "script": "none", "options": [0]}]]}),
    ),
    Call(
        "open_study",
        COORDINATORS,
        in_study(warnings={}, reasons={}, request_id=NEW),
        in_study(warnings={"leak": 1}, reasons={}, request_id=NEW),
        stage="draft",
    ),
    # running
    Call("pause_study", COORDINATORS, in_study(**REASON)),
    Call("resume_study", COORDINATORS, in_study(**REASON), stage="paused"),
    Call("close_study", COORDINATORS, in_study(**REASON)),
    Call("unblind", COORDINATORS, in_study(**REASON), stage="closed"),
    Call("unblind", set(), in_study(**REASON), label="before the close"),
    Call("invite", COORDINATORS, in_study(role="reader", **CODE), in_study(role="king", **CODE)),
    Call("reissue", COORDINATORS, code_of("reader", **CODE), code_of("reader", **CODE | {"code_hash": "x"})),
    Call("study_status", STAFF, in_study()),
    Call("matrix", COORDINATORS, in_study()),
    Call("people", COORDINATORS, in_study()),
    Call(
        "withdraw_reader",
        COORDINATORS,
        member("reader", mode="exclude", **REASON),
        member("reader", mode="burn", **REASON),
    ),
    Call("reopen_reading", COORDINATORS, handle(0, **REASON), handle(1, **REASON), "RS409"),
    Call("reopen_reading", set(), on(0, **REASON), label="by the id that readers and exports have"),
    Call("matrix_reader", COORDINATORS, lambda w: {"study": w.study, "member": w.members["reader"]}),
    Call(
        "link_reader",
        COORDINATORS,
        member("reader", **REASON),
        member("reader", reason=" ", request_id=NEW),
    ),
    Call("remove_member", COORDINATORS, member("grader", **REASON), member("reader", **REASON)),
    # grading and results
    Call("grading_lines", {"grader"}, in_study()),
    Call("grading_lines", {"grader", "owner"}, in_study(), stage="closed", label="after the close"),
    Call(
        "save_grades",
        {"grader"},
        in_study(items=[GRADE], request_id=NEW),
        in_study(items=[GRADE | {"grade": 6}], request_id=NEW),
    ),
    Call(
        "analysis",
        {"analyst", "owner"},
        in_study(after=None, amount=10),
        in_study(after=None, amount=0),
        stage="unblinded",
    ),
    Call("analysis", set(), in_study(after=None, amount=10), label="before unblinding", stage="closed"),
    Call("analysis_grades", {"analyst", "owner"}, in_study(), stage="unblinded"),
    Call("analysis_grades", set(), in_study(), label="before unblinding", stage="closed"),
    # what leaves
    Call("export_heads", COORDINATORS, in_study(request_id=NEW), in_study(request_id=None)),
    Call(
        "export_events",
        COORDINATORS,
        lambda w: (
            {"study": w.study, "upto": {w.readings["reader"][1]: 9}, "after_reading": None}
            | {"after_seq": None, "amount": 10}
        ),
        in_study(upto={}, after_reading=None, after_seq=None, amount=0),
    ),
    *(
        Call("export_rows", COORDINATORS, in_study(part=part, after=None, amount=10), label=part)
        for part in ("readings", "members", "cases", "scripts", "media")
    ),
    Call(
        "export_rows",
        {"owner"},
        in_study(part="grades", after=None, amount=10),
        in_study(part="truths", after=None, amount=10),
        label="grades",
    ),
    Call("export_study", COORDINATORS, in_study()),
    Call("export_telemetry", COORDINATORS, in_study(readings=[]), in_study(readings=[HEX])),
    Call("study_chain", COORDINATORS, in_study(after_seq=0, amount=10), in_study(after_seq=0, amount=0)),
    Call("act_body", COORDINATORS, in_study(seq=1, after=0), in_study(seq=0, after=0), "RS404"),
    # what the owner's own checks read
    Call("examine", {"owner"}, lambda _: {}),
    Call("case_contents", {"owner"}, in_study()),
    Call("option_orders", {"owner"}, in_study(readings=[]), in_study(readings=[HEX])),
    # from one record to another
    Call("moving_manifest", {"owner"}, in_study()),
    Call(
        "moving_rows",
        {"owner"},
        in_study(part="truths", after=None, amount=10),
        in_study(part="people", after=None, amount=10),
    ),
    Call(
        "moving_piece",
        {"owner"},
        lambda w: {"study": w.study, "part": "studies", "key": {"study": w.study}, "after": 0},
        in_study(part="people", key={}, after=0),
    ),
    Call(
        "depart",
        {"owner"},
        in_study(destination="elsewhere", arrival=NEW),
        in_study(destination=" ", arrival=NEW),
        stage="paused",
    ),
    Call("depart", set(), in_study(destination="elsewhere", arrival=NEW), label="of an open study"),
    Call(
        "stay", {"owner"}, lambda w: {"study": w.gone} | REASON, lambda w: {"study": w.gone} | REASON | {"reason": ""}
    ),
    Call(
        "arrive_begin",
        {"owner"},
        lambda w: {"coming": NEW, "slug": f"new-{uuid4().hex}", "origin": "elsewhere", "form": w.form},
        lambda w: {"coming": w.study, "slug": w.made.slug, "origin": "elsewhere", "form": w.form},
        "RS409",
    ),
    Call("arrive_rows", {"owner"}, arriving(part="cases", rows=[]), arriving(part="people", rows=[])),
    Call("arrive_piece", {"owner"}, arriving(place=0, words="{}"), arriving(place=0, words="")),
    Call("arrive_forget", {"owner"}, arriving(wholly=True, amount=10), arriving(wholly=True, amount=0)),
    Call(
        "arrive_end",
        {"owner"},
        lambda w: {"study": w.arriving, "extent": w.extent},
        arriving(extent={"state": "open"}),
        "RS409",
    ),
]
