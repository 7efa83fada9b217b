"""``python -m study.demo.drawing KEY FOLDER`` draws one case: a process of its own, so that cases are drawn at once."""

from __future__ import annotations

import sys
from pathlib import Path

from study.demo.drawing import draw

if __name__ == "__main__":
    draw(sys.argv[1], Path(sys.argv[2]))
