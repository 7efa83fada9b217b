"""What a reader touches: the viewer, the editors, the clock and the small parts around them.

Each component is a Python function beside its own .js and .css. Typing, zooming and counting stay in the
browser; drafts, readiness and telemetry go to one POST route; Python hears only of a lock, a limit, a sign-in.
"""

from streamlit_app.components.answers import Locked, Option, Refusal, choice, differential, single
from streamlit_app.components.arrival import arrival
from streamlit_app.components.assets import component_routes
from streamlit_app.components.clock import clock
from streamlit_app.components.place import Place
from streamlit_app.components.release import release
from streamlit_app.components.session import sign_in, sign_out
from streamlit_app.components.tab_guard import tab_guard
from streamlit_app.components.texts import TEXTS
from streamlit_app.components.viewer import Image, viewer

__all__ = [
    "TEXTS",
    "Image",
    "Locked",
    "Option",
    "Place",
    "Refusal",
    "arrival",
    "choice",
    "clock",
    "component_routes",
    "differential",
    "release",
    "sign_in",
    "sign_out",
    "single",
    "tab_guard",
    "viewer",
]
