"""Places for models: a row of cases for each sample; more of them can be added while the study is open."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from study.allocation import GENERATOR, Allocation, further_rows, pool_of
from study.database import Refused, StudyError, Wire
from study.database.wire import NOT_ALLOWED
from study.desk import SetupDesk, StudyStatus
from study.desk._base import fresh_id
from study.protocol import Protocol
from study.script import Outline
from study.setup import allocation_chunks


def make_room(
    wire: Wire, status: StudyStatus, protocol: Protocol, cases: Sequence[Outline], condition: str, wanted: int
) -> int:
    """Add the places that ``wanted`` samples lack in a condition; how many were added.

    Raises ``StudyError`` where none of the cases is read in it, and where places may not be added by whoever asks.
    """
    pool = pool_of(condition)
    lacking = wanted - status.places.get(pool, 0)
    if lacking <= 0:
        return 0
    seed = secrets.randbelow(1 << 48)
    rows = further_rows(cases, condition, protocol, seed, lacking)
    if not rows or not rows[0]:
        raise StudyError(
            f"The condition {condition} changes nothing of any case of {status.slug}: there is nothing to read."
        )
    desk, generator = SetupDesk(wire), {"name": GENERATOR, "seed": str(seed)}
    try:
        for name, chunk in allocation_chunks(Allocation(GENERATOR, seed, {pool: rows})):
            desk.add_allocation(status.study, name, chunk, generator, fresh_id())
    except Refused as refusal:
        if refusal.code != NOT_ALLOWED:
            raise
        raise StudyError(
            f"{status.slug} has {status.places.get(pool, 0)} places left for models in the condition {condition}, and "
            f"{wanted} are needed. A coordinator adds them by starting this run."
        ) from None
    return lacking
