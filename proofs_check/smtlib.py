"""cvc5 as a program: SMT-LIB text from standard input, cvc5's answer to standard output, in so many seconds.

It imports nothing of the project, so that it starts at once. `python smtlib.py SECONDS` is ended by the system after
SECONDS of processor time.
"""

from __future__ import annotations

import resource
import sys

import cvc5


def answer(text: str) -> str:
    """Return what cvc5 prints on the commands of an SMT-LIB text."""
    solver = cvc5.Solver()
    symbols = cvc5.SymbolManager(solver)
    parser = cvc5.InputParser(solver, symbols)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "the goal")
    printed = []
    while not (command := parser.nextCommand()).isNull():
        printed.append(command.invoke(solver, symbols))
    return "".join(printed).strip()


if __name__ == "__main__":
    seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    print(answer(sys.stdin.read()))
