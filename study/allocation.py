"""Who reads what, in which order and arm, and the option order of each reading: drawn by seed, balanced, stored.

A pool holds the rows that readers of the same languages take one after another, so every prefix of its rows is as
balanced as it can be: whoever comes, and however many come. Translations of one case never meet in a reader's row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from study import draws
from study.conditions import MAIN
from study.draws import Draws
from study.orders import complete_rows, incomplete_rows
from study.protocol import Protocol
from study.script import Outline, applies, compile_script

GENERATOR = f"readerstudy-allocation-1/{draws.NAME}"
MODELS = "models"
MAX_LANGUAGES = 3


class AllocationError(ValueError):
    """The study cannot be allocated; the message says what was found and what to do."""


@dataclass(frozen=True)
class Slot:
    """One reading to come. ``options[i]`` is the index, in the case file, of the option under the i-th label."""

    case: str
    script: str
    arm: str
    seed: int
    options: tuple[int, ...]


@dataclass(frozen=True)
class Allocation:
    """The rows of each pool (pool key: languages in order of preference, or ``models``) and what drew them."""

    generator: str
    seed: int
    pools: dict[str, list[list[Slot]]]


def option_order(seed: int, n_options: int) -> tuple[int, ...]:
    """The option order that a reading's seed gives: indices into the case's options, each order equally likely."""
    return tuple(Draws("options", seed).shuffled(range(n_options)))


def pool_keys(languages: Sequence[str]) -> list[str]:
    """Every choice and order of preference of the languages, joined by a comma: ``en``, ``zh``, ``en,zh`` ..."""
    lengths = range(1, len(languages) + 1)
    return [",".join(choice) for length in lengths for choice in permutations(languages, length)]


def eligible(cases: Sequence[Outline], pool: str) -> list[Outline]:
    """The cases that a reader of this pool may get, in written order: of translations the preferred language's only."""
    if pool == MODELS:
        return list(cases)
    preferred = pool.split(",")
    best: dict[str, int] = {}
    for case in cases:
        if case.language in preferred:
            rank = preferred.index(case.language)
            best[case.group] = min(rank, best.get(case.group, rank))
    return [case for case in cases if preferred[best.get(case.group, 0)] == case.language]


def allocate(
    cases: Sequence[Outline],
    languages: Sequence[str],
    readers: int,
    protocol: Protocol,
    seed: int,
    advice: Mapping[str, str] | None = None,
) -> Allocation:
    """``readers`` rows for every pool of ``languages`` and for models; practice cases come first in each row.

    ``advice`` is the hash of the advice on each case: people's rows name scripts that show it, models' rows do not.
    Raises ``AllocationError`` where the cases and the languages do not fit one another.
    """
    _check(cases, languages, readers)
    told, read = advice or {}, [(case, arm) for case in cases for arm in protocol.arms]
    scripts = {(case.key, arm): compile_script(protocol, case, arm).hash for case, arm in read}
    advised = {(case.key, arm): compile_script(protocol, case, arm, told.get(case.key)).hash for case, arm in read}
    pools: dict[str, list[list[Slot]]] = {}
    for pool in [*pool_keys(languages), MODELS]:
        own = eligible(cases, pool)
        if any(not case.practice for case in own):
            pools[pool] = _rows(own, pool, readers, protocol, seed, scripts if pool == MODELS else advised)
    for name in protocol.conditions:
        own = [case for case in eligible(cases, MODELS) if not case.practice and applies(protocol, case, name)]
        if own:
            pools[pool_of(name)] = condition_rows(own, name, protocol, seed, range(protocol.model_samples))
    return Allocation(GENERATOR, seed, pools)


def pool_of(condition: str) -> str:
    """The pool of a condition's places; that of the main reading is ``models``."""
    return MODELS if condition == MAIN else f"{MODELS}:{condition}"


def condition_rows(
    cases: Sequence[Outline], condition: str, protocol: Protocol, seed: int, numbers: Sequence[int]
) -> list[list[Slot]]:
    """The rows of a condition with these numbers, each drawn for itself, so that further ones can be added later."""
    pool = pool_of(condition)
    scripts = {(case.key, condition): compile_script(protocol, case, condition).hash for case in cases}
    rows = []
    for number in numbers:
        order = Draws("orders", seed, pool, number).shuffled(list(cases))
        rows.append([_slot(case, condition, scripts, (seed, pool, number)) for case in order])
    return rows


def further_rows(
    cases: Sequence[Outline], condition: str, protocol: Protocol, seed: int, amount: int
) -> list[list[Slot]]:
    """``amount`` more rows for models in a condition, or in the main reading; ``seed`` is new for each such draw."""
    own = eligible(cases, MODELS)
    if condition == MAIN:
        scripts = {(case.key, arm): compile_script(protocol, case, arm).hash for case in own for arm in protocol.arms}
        return _rows(own, MODELS, amount, protocol, seed, scripts)
    read = [case for case in own if not case.practice and applies(protocol, case, condition)]
    return condition_rows(read, condition, protocol, seed, range(amount))


def _check(cases: Sequence[Outline], languages: Sequence[str], readers: int) -> None:
    if readers < 1:
        raise AllocationError(f"an allocation needs 1 reader or more, got {readers}")
    if not 1 <= len(languages) <= MAX_LANGUAGES or len(set(languages)) < len(languages):
        raise AllocationError(f"a study has 1 to {MAX_LANGUAGES} different languages, got {', '.join(languages)}")
    keys = [case.key for case in cases]
    if len(set(keys)) < len(keys):
        raise AllocationError("two cases have the same key: give each case its own")
    foreign = [f"{case.key} ({case.language})" for case in cases if case.language not in languages]
    if foreign:
        raise AllocationError(f"cases in languages that the study does not list: {', '.join(foreign)}")
    if all(case.practice for case in cases):
        raise AllocationError("there is no case to allocate beside practice cases")


def _rows(
    cases: list[Outline],
    pool: str,
    readers: int,
    protocol: Protocol,
    seed: int,
    scripts: dict[tuple[str, str], str],
) -> list[list[Slot]]:
    practice = [case for case in cases if case.practice]
    counted = [case for case in cases if not case.practice]
    arms = list(protocol.arms)
    places = {case.key: place for place, case in enumerate(Draws("arms", seed, pool).shuffled(counted))}
    rows: list[list[Slot]] = []
    for number, order in enumerate(_orders(len(counted), pool, readers, protocol, seed)):
        drawn = [(case, arms[0]) for case in practice]
        drawn += [(case, arms[(number + places[case.key]) % len(arms)]) for case in (counted[i] for i in order)]
        rows.append([_slot(case, arm, scripts, (seed, pool, number)) for case, arm in drawn])
    return rows


def _orders(n_cases: int, pool: str, readers: int, protocol: Protocol, seed: int) -> list[list[int]]:
    rule = protocol.allocation
    stream = Draws("orders", seed, pool)
    if pool == MODELS or rule.readers_per_case is None or rule.readers is None:
        return complete_rows(n_cases, readers, stream)
    return incomplete_rows(n_cases, readers, rule.readers_per_case, rule.readers, stream)


def _slot(case: Outline, arm: str, scripts: dict[tuple[str, str], str], row: tuple[int, str, int]) -> Slot:
    seed = Draws("reading", *row, case.key).below(1 << 48)
    return Slot(case.key, scripts[case.key, arm], arm, seed, option_order(seed, case.n_options))
