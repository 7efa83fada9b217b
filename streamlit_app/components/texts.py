"""Every sentence that a component shows, in English: the keys that a catalogue of another language must fill."""

_ANSWER = {
    "confidence": "How likely is it that this is the patient's diagnosis?",
    "confidence_range": "Enter a whole per cent from 0 to 100.",
    "confidence_missing": "Enter how likely it is, in whole per cent from 0 to 100.",
    "lock": "Lock answer",
    "locking": "Locking…",
    "lock_hint": "Ctrl+Enter locks. A locked answer cannot be changed.",
    "lock_slow": "Still waiting for the server, for at most half a minute. Stay on this page: it will say whether your "
    "answer is locked.",
    "lock_unanswered": "The server has not answered. Your answer is still here; lock it again, it counts once.",
    "saving": "Saving…",
    "saved": "Saved at {time}",
    "unsaved": "Not saved, retrying",
    "other_tab": "Not saved: another tab or device is writing this answer. Retrying",
    "second": "Not saved: this case is open in another tab.",
    "locked": "This answer is already locked.",
}

DIFFERENTIAL = {
    **_ANSWER,
    "title": "Differential diagnosis",
    "task": "List the diagnoses you consider, the most likely first. One diagnosis a line.",
    "line": "Diagnosis {n}",
    "add": "Add a line",
    "up": "Move up",
    "down": "Move down",
    "remove": "Remove this line",
    "count": "{n} of at most {cap}",
    "not_scored": "not scored",
    "none": "I can name no diagnosis",
    "no_change": "No change since my last list",
    "privacy": "Do not write a patient's name or other identifying details.",
    "keys": "Enter adds a line · Alt+↑ and Alt+↓ move it · Backspace on an empty line removes it",
    "empty": "Name at least one diagnosis, or say that you can name none.",
}

SINGLE = {
    **_ANSWER,
    "title": "Final diagnosis",
    "task": "Choose the one diagnosis you would sign.",
    "other": "Another diagnosis",
    "other_label": "Another diagnosis: write it here",
    "none": "I can name no diagnosis",
    "privacy": "Do not write a patient's name or other identifying details.",
    "keys": "The number keys choose a line.",
    "empty": "Choose one diagnosis, or write another.",
}

CHOICE = {
    **_ANSWER,
    "title": "Selection",
    "task": "Choose the diagnosis that fits best.",
    "cannot_tell": "I cannot tell",
    "keys": "The letters or number keys choose an option.",
    "empty": "Choose one option.",
}

VIEWER = {
    "stage": "Image viewer. Plus and minus zoom, arrow keys move, Page Up and Page Down change the image.",
    "toolbar": "Image tools",
    "previous": "Previous image",
    "next": "Next image",
    "nth": "{n} of {of}",
    "side_by_side": "Side by side",
    "zoom_in": "Zoom in",
    "zoom_out": "Zoom out",
    "fit": "Fit",
    "fit_long": "Show the whole image",
    "one_to_one": "One image pixel on one screen pixel",
    "brightness": "Brightness",
    "contrast": "Contrast",
    "reset": "Reset",
    "reset_long": "Reset zoom, brightness and contrast",
    "fullscreen": "Full screen",
    "loading": "Loading…",
    "progress": "{n} of {of} images loaded",
    "all_loaded": "All {of} images loaded",
    "one_loaded": "Image loaded",
    "failed": "Image {n} could not be loaded.",
    "some_failed": "{n} of {of} images could not be loaded",
    "retry": "Try again",
    "keys": "Click the image, then: wheel or + and − zoom · drag or arrows move · right-drag or B and C (Shift: less) "
    "brightness and contrast · 0 fit · 1 full size · R reset · F full screen · S side by side · Page Up and Page Down "
    "change the image",
}

CLOCK = {
    "elapsed": "Time on this step {time}",
    "left": "{time} left",
    "over": "Time is up",
    "near": "Less than one minute is left.",
    "soft_over": "The suggested time is over. You may go on.",
    "hard_over": "The time limit is reached. What you have written is being locked.",
    "paused": "Paused",
}

SESSION = {"working": "One moment…", "failed": "The server could not be reached. Reload the page to try again."}

RELEASE = {
    "waiting": "One moment…",
    "slow": "Still waiting for the server, for at most half a minute.",
    "unanswered": "The server has not answered. Try again; the page is turned once.",
}

TAB_GUARD = {
    "second": "This case is already open in another tab. What you type here is not saved.",
    "take": "Go on in this tab",
}

TEXTS: dict[str, dict[str, str]] = {
    "differential": DIFFERENTIAL,
    "single": SINGLE,
    "choice": CHOICE,
    "viewer": VIEWER,
    "clock": CLOCK,
    "session": SESSION,
    "release": RELEASE,
    "tab_guard": TAB_GUARD,
}
