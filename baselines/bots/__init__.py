"""Bots that read whole studies as clinicians do, through the same calls: for trials, never for analysis."""

from baselines.bots.manner import MANNERS, Manner
from baselines.bots.simulation import Simulated, simulate

__all__ = ["MANNERS", "Manner", "Simulated", "simulate"]
