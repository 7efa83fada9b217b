"""Models as readers: they turn the same pages as a clinician."""
