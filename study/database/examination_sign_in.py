"""How one signs in to a project: what Auth tells everybody, and a mail that is really sent where that was asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from study.database.accounts import Accounts, SignInRefused
from study.database.examination import CONFIG, DIGITS, Finding, mend, not_shown, ok
from study.database.examination_probe import Probe, told
from study.database.wire import StudyError

_CODE = re.compile(r"\d{6,10}")


def settings(probe: Probe) -> Iterator[Finding]:
    """Whether people sign in by a confirmed e-mail address and by nothing that the record does not take."""
    answer = told(probe.ask("GET", "/auth/v1/settings"))
    if not isinstance(answer, dict) or not isinstance(answer.get("external"), dict):
        yield mend("sign-in", "Auth does not tell its settings.", f"Look at SUPABASE_URL and SUPABASE_KEY. {CONFIG}")
        return
    external = answer["external"]
    faults = {
        "e-mail sign-in is off": not external.get("email"),
        "addresses count without having been confirmed": bool(answer.get("mailer_autoconfirm")),
        "anybody may sign in anonymously": bool(external.get("anonymous_users")),
        "sign-in by telephone is on": bool(external.get("phone")),
        "no new accounts are taken, so that nobody who is invited can come in": bool(answer.get("disable_signup")),
    }
    wrong = [words for words, holds in faults.items() if holds]
    if wrong:
        yield mend("sign-in", f"Of the sign-in: {'; '.join(wrong)}.", CONFIG)
    else:
        yield ok("sign-in", "People sign in by e-mail; an address counts once it is confirmed; new accounts are taken.")


def mail(accounts: Accounts, address: str | None, arrived: Callable[[str], str | None]) -> Iterator[Finding]:
    """Have a code sent and ask what came: ``arrived`` gives the code or other words, None where nobody can say."""
    if address is None:
        do = "Run `readerstudy doctor --mail ADDRESS` with an address whose mail you can read."
        yield not_shown("mail", "Whether a mail with a code arrives was not tried.", do)
        return
    try:
        accounts.send_code(address)
    except SignInRefused as refusal:
        do = "Wait, and try again." if refusal.reason == "rate" else f"Set an SMTP server of your own. {CONFIG}"
        yield mend("mail", f"No code could be sent to {address}: {refusal}", do)
        return
    answer = arrived(address)
    if answer is None:
        yield not_shown(
            "mail", f"A mail was sent to {address}; nobody said whether it came.", "Run this in a terminal."
        )
    else:
        yield _of_mail(accounts, address, "".join(answer.split()))


def _of_mail(accounts: Accounts, address: str, answer: str) -> Finding:
    """What the mail that came tells of the template."""
    if not _CODE.fullmatch(answer):
        do = f"Look into the spam folder; set an SMTP server of your own and templates with {{{{ .Token }}}}. {CONFIG}"
        return mend("mail", f"No code of digits came to {address}, but {answer[:40] or 'nothing'!r}.", do)
    try:
        tokens = accounts.with_code(address, answer)
    except StudyError as fault:
        return mend("mail", f"The code that came to {address} was not taken: {fault}", CONFIG)
    accounts.sign_out(tokens.access)
    if len(answer) < DIGITS:
        seen = (
            f"A mail with a code came, but of {len(answer)} digits; by {DIGITS} it is a hundred times harder to guess."
        )
        return mend("mail", seen, CONFIG)
    return ok("mail", f"A mail with a code of {len(answer)} digits came to {address}, and the code was taken.")
