"""Auth's own settings, as the Management API tells them: mail server, mails, limits, tokens, codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from study.database.examination import CONFIG, DIGITS, Finding, mend, ok
from study.database.examination_limits import LIMITS, enough_for, needed

MAILS = {"magic_link": "mail to who is known", "confirmation": "mail to who is new"}
SHORTEST_TOKEN, LONGEST_TOKEN, LONGEST_CODE, REUSE = 300, 3600, 3600, 10
_CODE = re.compile(r"\{\{-?\s*\.Token\s*-?\}\}")
_LINK = re.compile(r"\.(ConfirmationURL|TokenHash)\b")
Json = Mapping[str, Any]


def auth(reply: Json, readers: int) -> Iterator[Finding]:
    """A finding for each part of Auth's settings; raises whatever a reply of another form leads to."""
    yield _smtp(reply)
    yield from (_template(reply, mail, check) for mail, check in MAILS.items())
    yield _rates(reply, readers)
    yield _tokens(reply)
    yield _codes(reply)


def _smtp(reply: Json) -> Finding:
    if not reply.get("smtp_host"):
        seen = "Mail goes by Supabase's built-in server: two an hour, and to the project's own team alone."
        return mend("mail server", seen, f"Set an SMTP server of your own. {CONFIG}")
    return ok("mail server", f"Mail goes by {reply['smtp_host']}, from {reply.get('smtp_admin_email')}.")


def _template(reply: Json, mail: str, check: str) -> Finding:
    content = str(reply.get(f"mailer_templates_{mail}_content") or "")
    if not content:
        return mend(check, "It is Supabase's own: a link, which mail scanners in hospitals use up.", CONFIG)
    faults = ["carries no code, {{ .Token }}"] if not _CODE.search(content) else []
    faults += ["carries a link, which mail scanners in hospitals use up"] if _LINK.search(content) else []
    return mend(check, f"It {' and '.join(faults)}.", CONFIG) if faults else ok(check, "It carries a code and no link.")


def _rates(reply: Json, readers: int) -> Finding:
    numbers = {limit: int(reply.get(limit.name) or 0) for limit in LIMITS}
    fits = min(enough_for(limit, number) for limit, number in numbers.items())
    words = ", ".join(f"{number} {limit.words}" for limit, number in numbers.items())
    seen = f"{words}: enough for {fits} readers behind one address who begin within five minutes"
    if fits < readers:
        return mend("rate limits", f"{seen}, not for {readers}.", f"{readers} need {needed(readers)} of each. {CONFIG}")
    return ok("rate limits", f"{seen}.")


def _tokens(reply: Json) -> Finding:
    span, reuse = int(reply.get("jwt_exp") or 0), int(reply.get("security_refresh_token_reuse_interval") or 0)
    faults = []
    if not SHORTEST_TOKEN <= span <= LONGEST_TOKEN:
        faults.append(f"an access token lasts {span} s, not {SHORTEST_TOKEN} to {LONGEST_TOKEN}")
    if not reply.get("refresh_token_rotation_enabled"):
        faults.append("refresh tokens are good for ever, not once")
    if reuse < REUSE:
        faults.append(f"a refresh token that two ask with at once ends the session after {reuse} s, not {REUSE}")
    if faults:
        return mend("tokens", f"Of the tokens: {'; '.join(faults)}.", CONFIG)
    return ok("tokens", f"An access token lasts {span} s; a refresh token is good once.")


def _codes(reply: Json) -> Finding:
    digits, span = int(reply.get("mailer_otp_length") or 6), int(reply.get("mailer_otp_exp") or 3600)
    if digits < DIGITS or span > LONGEST_CODE:
        return mend(
            "codes", f"A code has {digits} digits and is good for {span} s; by {DIGITS} it is hard to guess.", CONFIG
        )
    return ok("codes", f"A code has {digits} digits and is good for {span} s.")
