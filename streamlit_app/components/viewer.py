"""The evidence viewer: original images with zoom, pan, brightness and contrast, as a stack or side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from streamlit_app.components.assets import component
from streamlit_app.components.place import Place, worded
from streamlit_app.components.texts import VIEWER

_VIEWER = component("viewer", "picture", "gestures", "viewer", styles=("viewer",))


@dataclass(frozen=True)
class Image:
    """An original image by its address; width and height in pixels shape the stage before it has loaded."""

    url: str
    alt: str
    caption: str = ""
    width: int = 0
    height: int = 0


def viewer(
    images: Sequence[Image],
    *,
    key: str,
    place: Place,
    block: str,
    awaits: Sequence[str] = (),
    texts: Mapping[str, str] | None = None,
) -> None:
    """Shows one evidence block's images; at least one.

    `awaits` names all image blocks of the step that is being timed: when every one of them is decoded and painted,
    "ready" is posted once for the step. A block that merely stays in view awaits nothing.
    """
    if not images:
        raise ValueError(f"block {block!r} has no image: show its text instead of a viewer")
    data = {
        "images": [asdict(image) for image in images],
        "place": asdict(place),
        "block": block,
        "awaits": list(awaits),
        "texts": worded(VIEWER, texts),
    }
    _VIEWER(key=key, data=data)
