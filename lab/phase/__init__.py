"""Phase maps: what becomes of a method over two parameters, refined where it changes."""

from lab.phase.axis import Axis as Axis
from lab.phase.map import PhaseMap as PhaseMap, Theory as Theory
from lab.phase.measures import UNDECIDED as UNDECIDED, Drift as Drift, Fate as Fate, Side as Side
from lab.phase.table import disagreeing as disagreeing

__all__ = ["UNDECIDED", "Axis", "Drift", "Fate", "PhaseMap", "Side", "Theory", "disagreeing"]
