"""The pages of whoever runs, grades or analyses a study; each is imported when it is first opened."""

from __future__ import annotations

from typing import Any

import streamlit as st

from streamlit_app.catalogue import say


def staff_pages(me: dict[str, Any], first: bool) -> dict[str, list[Any]]:
    """The pages by group for the caller's roles; ``first`` makes the first of them the one that opens."""
    roles = {membership["role"] for membership in me["memberships"]}
    # Without icons: Streamlit would fetch a page's icon from a foreign host for the browser's tab.
    wanted = [
        ("coordinator", "studies", "coordinator" in roles or me["owner"]),
        ("grader", "grading", "grader" in roles),
        ("analyst", "results", "analyst" in roles),
    ]
    pages: list[Any] = []
    for role, path, theirs in wanted:
        if theirs:
            default = first and not pages
            drawn = st.Page(_opened(role, me), title=say(f"{path}_title"), url_path=path, default=default)
            pages.append(drawn)
    return {say("staff_group"): pages} if pages else {}


def _opened(role: str, me: dict[str, Any]) -> Any:
    def coordinator() -> None:
        from streamlit_app.pages import coordinator as pages

        pages.page(me)

    def grader() -> None:
        from streamlit_app.pages import grader as pages

        pages.page(me)

    def analyst() -> None:
        from streamlit_app.pages import analyst as pages

        pages.page(me)

    return {"coordinator": coordinator, "grader": grader, "analyst": analyst}[role]
