"""Conditions: what models read beside the main reading, so that it shows what their answers hang on.

Each is fixed with the protocol before the study opens, compiled to scripts of its own and given places of its own. The
conditions of MEDSYN's Tables 3, 4 and 6 are made from the kinds of evidence that the cases have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from study.case import TEXTUAL_TYPES, EvidenceType
from study.draws import Draws

MAIN = "main"
Form = Literal["image", "finding", "absent"]


class Condition(BaseModel):
    """What one condition changes; a part that it leaves out is as in the main reading.

    ``visual`` and ``by_type`` are the forms of evidence that has images; ``text`` is what becomes of history and
    examination; ``context`` whether a model's conversation goes on from question to question; ``refine`` the type of
    evidence that the instruction names.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    visual: Form = "image"
    by_type: Mapping[EvidenceType, Form] = Field(default_factory=dict)
    text: Literal["shown", "absent", "random"] = "shown"
    context: Literal["carried", "fresh"] = "carried"
    refine: EvidenceType | None = None

    def form(self, kind: str) -> Form:
        """The form in which visual evidence of this type is shown."""
        return self.by_type.get(kind, self.visual)  # type: ignore[call-overload, no-any-return]

    def touches(self, kinds: Sequence[str], textual: bool) -> bool:
        """Whether it changes anything of a case with visual evidence of these types, and with text or not."""
        if self.text != "shown":
            return textual
        if self.refine is not None:
            return self.refine in kinds
        if self.by_type:
            return any(kind in kinds for kind in self.by_type)
        return bool(kinds) if self.visual != "image" else True


def medsyn(kinds: Sequence[EvidenceType]) -> dict[str, Condition]:
    """MEDSYN's ablations for cases with visual evidence of these types, by name.

    Expert findings in place of images, text removed, text replaced by random words; each type left out, with the others
    as images and as findings; each type alone as its finding; the instruction naming each type; a fresh context.
    """
    found = {
        "findings": Condition(visual="finding"),
        "remove-text": Condition(text="absent"),
        "random-text": Condition(text="random"),
        "fresh": Condition(context="fresh"),
    }
    for kind in kinds:
        found[f"without-{kind}"] = Condition(by_type={kind: "absent"})
        found[f"without-{kind}-findings"] = Condition(visual="finding", by_type={kind: "absent"})
        found[f"finding-{kind}"] = Condition(by_type={kind: "finding"})
        found[f"refine-{kind}"] = Condition(refine=kind)
    return found


def is_textual(kind: str) -> bool:
    """Whether evidence of this type is history or examination, which are text alone."""
    return kind in TEXTUAL_TYPES


def random_text(text: str, others: Sequence[str], *key: object) -> str:
    """As many words as ``text`` has, drawn by ``key`` from the words of ``others``; letters where words are not spaced.

    Empty where the others have no word.
    """
    spaced = " " in text.strip() or text.isascii()
    pool = [word for other in others for word in (other.split() if spaced else [c for c in other if not c.isspace()])]
    if not pool:
        return ""
    draws = Draws("random-text", *key)
    amount = len(text.split()) if spaced else sum(not c.isspace() for c in text)
    return (" " if spaced else "").join(pool[draws.below(len(pool))] for _ in range(amount))
