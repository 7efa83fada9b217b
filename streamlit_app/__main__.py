"""``python -m streamlit_app``: the app with the project's own settings, on 127.0.0.1 unless it is told otherwise."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

from streamlit_app.app import app
from streamlit_app.record import opened
from streamlit_app.settings import SETTINGS, secrets, settings_of
from study.database import StudyError
from study.serving import Serving


def main() -> None:
    """Open the record first, so that what is wrong with it is told in a sentence; then serve until Ctrl-C."""
    # uvicorn raises the signal that stopped it once more: a SIGTERM then ends here like Ctrl-C, and the database stops.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        serving = Serving.told(os.environ).checked()
        os.environ.update(secrets(os.environ))
        with opened(), suppress(KeyboardInterrupt):
            app.run(config={**SETTINGS, **settings_of(serving)})
    except StudyError as fault:
        sys.exit(str(fault))


if __name__ == "__main__":
    main()
