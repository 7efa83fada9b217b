"""Streamlit's settings, for an app that is started from an installed package, where no ``.streamlit`` folder is found.

``.streamlit/config.toml`` says the same for those who start it from the project's folder; a test compares the two.
"""

from __future__ import annotations

from typing import Any

SETTINGS: dict[str, Any] = {
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
    "theme.baseRadius": "0.5rem",
    "theme.buttonRadius": "0.5rem",
    "theme.headingFontSizes": ["1.75rem", "1.4rem", "1.2rem", "1.05rem", "1rem", "0.9rem"],
    "theme.headingFontWeights": [650, 650, 600, 600, 600, 600],
    "theme.light.primaryColor": "#0b6e8a",
    "theme.light.backgroundColor": "#ffffff",
    "theme.light.secondaryBackgroundColor": "#f1f5f7",
    "theme.light.textColor": "#16232e",
    "theme.light.linkColor": "#0b6e8a",
    "theme.light.borderColor": "#d3dde3",
    "theme.dark.primaryColor": "#1f7f9b",
    "theme.dark.backgroundColor": "#10181f",
    "theme.dark.secondaryBackgroundColor": "#1a2630",
    "theme.dark.textColor": "#e6edf2",
    "theme.dark.linkColor": "#7cc4dc",
    "theme.dark.borderColor": "#33434f",
}
