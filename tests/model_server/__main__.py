"""The server in a process of its own: it prints its address, and ends when its standard input does."""

from __future__ import annotations

import argparse
import sys

from tests.model_server import Say, model_server


def main() -> None:
    """Serve plain answers, each after a delay."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds until an answer")
    delay = parser.parse_args().delay
    with model_server(lambda _: Say(delay=delay)) as server:
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
