"""``python -m streamlit_app``: the app on 127.0.0.1, with the project's own settings."""

from __future__ import annotations

import os

from streamlit_app.app import app
from streamlit_app.settings import SETTINGS

if __name__ == "__main__":
    app.run(config={**SETTINGS, "server.port": int(os.environ.get("PORT", "8501"))})
