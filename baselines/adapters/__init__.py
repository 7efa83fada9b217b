"""Models behind an interface: one small file for each kind of API, and the types that all of them speak."""

from baselines.adapters._types import Adapter, Ask, Can, Message, Picture, Said

__all__ = ["Adapter", "Ask", "Can", "Message", "Picture", "Said"]
