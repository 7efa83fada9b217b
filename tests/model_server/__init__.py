"""A server on loopback that speaks Responses, chat completions and batches, and goes wrong as it is told.

``with model_server(script) as server:`` runs it in a thread on a free port; ``server.url`` is a model's ``base_url``.
A script is a function of the request; it returns what the server does, or None for a plain answer. The answers follow
from the request alone, so that repeated runs agree. ``python -m tests.model_server --delay 2`` runs one in a process of
its own, prints its address and ends with its standard input.
"""

from tests.model_server.acts import Act, Asked, Broken, Cut, Dribble, Fail, Hang, Reset, Say, Script
from tests.model_server.server import ModelServer, model_server

__all__ = [
    "Act",
    "Asked",
    "Broken",
    "Cut",
    "Dribble",
    "Fail",
    "Hang",
    "ModelServer",
    "Reset",
    "Say",
    "Script",
    "model_server",
]
