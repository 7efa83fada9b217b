"""What each attempt must come to: done for those who may, and for everybody else a refusal that tells no more."""

from __future__ import annotations

from tests.record.attempts import DONE
from tests.record.call import ANYONE, Call
from tests.record.world import World

FORBIDDEN = "42501"
REFUSALS = {FORBIDDEN, "RS401", "RS403", "RS404", "RS423"}
# What a refusal may be for those who are nobody to the study: its existence is not told.
STRANGERS = {"visitor", "mailed", "foreign reader", "foreign coordinator"}


def wanted(call: Call, world: World, persona: str) -> set[str]:
    """The verdicts that are right for this persona, with arguments with which the rightful caller succeeds."""
    if persona in call.may(world):
        return {DONE}
    if not call.may(world) and call.allowed:
        return {FORBIDDEN, "RS401", "RS403"}  # one of the box's own doors
    if call.function == "enter":
        return {FORBIDDEN, "RS401", "RS409"}  # one sign-in begins one session, which theirs has
    if persona not in STRANGERS:
        return REFUSALS
    return {FORBIDDEN, "RS404"} | (set() if "study" in call.arguments(world) else {"RS403"})


def wanted_of_role(call: Call, world: World, role: str) -> set[str]:
    """The same for a role without a person: only the API's two may, and what everybody may."""
    if role not in ("nameless", "nobody") or call.function not in ANYONE:
        return {FORBIDDEN, "RS401"}
    return {DONE} if call.may(world) else {"RS403"}
