"""Engines: each advances a batch of trajectories; the reference engine defines what the others must give."""
