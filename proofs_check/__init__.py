"""Engines that check a proof without trusting each other, and the claims that they check."""
