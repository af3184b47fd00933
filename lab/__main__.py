"""`python -m lab` is `ratelab`."""

from lab.cli import main

main()
