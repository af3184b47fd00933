"""Measurements of the fused engine against what people use instead, in one run: `ratelab bench`."""
