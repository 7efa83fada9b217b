"""Evidence images as they are sent: read from the record and fitted once, kept while they are needed often."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from baselines import pictures
from baselines._declaration import Limits
from baselines.adapters import Picture
from study.database import StudyError
from study.database.media import MediaStore
from study.desk import PageImage

KEPT_BYTES = 128_000_000


class Images:
    """Fitted images of one study within one model's limits; the ones used last are kept, up to ``kept`` bytes."""

    def __init__(self, media: MediaStore, study: str, limits: Limits, kept: int = KEPT_BYTES) -> None:
        self._media, self._study, self._limits, self._most = media, study, limits, kept
        self._kept: OrderedDict[str, Picture] = OrderedDict()
        self._bytes = 0
        self._records: dict[str, dict[str, Any]] = {}
        self._coming: dict[str, asyncio.Task[Picture]] = {}

    async def fetched(self, images: Iterable[PageImage]) -> dict[str, Picture]:
        """These images by their hash; raises ``StudyError`` where one cannot be had or cannot be made to fit."""
        wanted = list(dict.fromkeys(image.sha256 for image in images))
        return {sha256: await self._one(sha256) for sha256 in wanted}

    def record(self, picture: Picture) -> dict[str, Any]:
        """What the record keeps in place of the image's bytes."""
        return self._records[picture.sha256]

    async def _one(self, sha256: str) -> Picture:
        if sha256 in self._kept:
            self._kept.move_to_end(sha256)
            return self._kept[sha256]
        if sha256 not in self._coming:
            self._coming[sha256] = asyncio.create_task(asyncio.to_thread(self._made, sha256))
        try:
            picture = await asyncio.shield(self._coming[sha256])
        finally:
            self._coming.pop(sha256, None)
        return self._keep(picture)

    def _made(self, sha256: str) -> Picture:
        try:
            content = self._media.read(self._study, sha256)
        except FileNotFoundError:
            raise StudyError(f"The image {sha256[:12]} of this study is missing where images are kept.") from None
        picture = pictures.fitted(content, self._limits)
        if picture.sha256 != sha256:
            raise StudyError(f"The image {sha256[:12]} has other bytes than it was given: it is not shown to a model.")
        self._records[sha256] = pictures.record(picture)
        return picture

    def _keep(self, picture: Picture) -> Picture:
        if picture.sha256 not in self._kept:
            self._kept[picture.sha256] = picture
            self._bytes += len(picture.content)
        while self._bytes > self._most and len(self._kept) > 1:
            self._bytes -= len(self._kept.popitem(last=False)[1].content)
        return picture
