"""Streamlit's settings, for an app that is started from an installed package, where no ``.streamlit`` folder is found.

``.streamlit/config.toml`` says the same for those who start it from the project's folder; a test compares the two.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from study.serving import Serving

SESSION_KEY = "READERSTUDY_SESSION_KEY"

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


def settings_of(serving: Serving) -> dict[str, Any]:
    """Where the app listens and to which names it answers, as Streamlit's settings."""
    settings = {
        "server.address": serving.address,
        "server.port": serving.port,
        "server.allowedHosts": serving.hosts,
        # Streamlit's own line would tell an address that nobody can open, and ask a foreign host for the machine's own.
        "logger.hideWelcomeMessage": serving.protected,
    }
    if serving.certificate:
        settings |= {"server.sslCertFile": str(serving.certificate), "server.sslKeyFile": str(serving.private_key)}
    return settings


def secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """What the servers under the app take from the environment alone.

    Streamlit signs its cookies by a key that is the same in every process with the same session key. uvicorn would
    believe every proxy on this machine unless it is told to believe none: https.py hears those that were named.
    """
    told = {"FORWARDED_ALLOW_IPS": ""}
    key = environment.get(SESSION_KEY, "").split(",")[0].strip()
    if key:
        signing = hmac.new(key.encode(), b"streamlit-cookie", hashlib.sha256)
        told["STREAMLIT_SERVER_COOKIE_SECRET"] = signing.hexdigest()
    return told
