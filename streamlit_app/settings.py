"""Streamlit's settings, for an app that is started from an installed package, where no ``.streamlit`` folder is found.

``.streamlit/config.toml`` says the same for those who start it from the project's folder; a test compares the two.
"""

from __future__ import annotations

SETTINGS: dict[str, str | int | bool] = {
    "server.address": "127.0.0.1",
    "server.enableAgentApi": False,
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 200,
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "client.showSidebarNavigation": False,
    "runner.postScriptGC": False,
}
