"""The wire in the box."""

from __future__ import annotations

from study.database import Box


def test_a_visitor_can_ask_about_the_box(box: Box) -> None:
    assert isinstance(box.wire(None).call("about"), dict)


def test_the_owner_is_known_by_the_secret_of_the_data_folder(fresh_box: Box) -> None:
    me = fresh_box.owner.call("me")
    assert isinstance(me, dict)
    assert me["owner"] is True
