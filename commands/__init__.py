"""The `readerstudy` command line."""
