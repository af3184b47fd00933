"""Formulas as MathML Core, which browsers set without a script, a font of their own or a network.

Only elements of the Core (https://www.w3.org/TR/mathml-core/, Candidate Recommendation 2025) are written. An
expression with a part that is not known here is set as text, never left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import pairwise

import sympy as sp
from sympy.printing.conventions import split_super_sub

ATOM, POWER, PRODUCT, SUM, RELATION = 4, 3, 2, 1, 0  # how tightly a part is bound
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "lamda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "ell": "ℓ", "infty": "∞", "inf": "∞",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω",
}  # fmt: skip
RELATIONS = {sp.Le: "≤", sp.Ge: "≥", sp.Lt: "&lt;", sp.Gt: "&gt;", sp.Eq: "=", sp.Ne: "≠"}
CONSTANTS = {sp.S.Infinity: "∞", sp.S.NegativeInfinity: "−∞", sp.S.Pi: "π", sp.S.Exp1: "e", sp.S.true: "true"}
SETS = {sp.S.Naturals: "ℕ", sp.S.Naturals0: "ℕ₀", sp.S.Integers: "ℤ", sp.S.Rationals: "ℚ", sp.S.Reals: "ℝ"}
TIMES = "<mo>&#x2062;</mo>"


def math(*parts: sp.Basic | str, display: bool = False) -> str:
    """Return one formula: expressions, and strings for the words and signs between them.

    display: on a line of its own, with fractions at full size.
    """
    inner = "".join(_words(part) if isinstance(part, str) else mathml(part) for part in parts)
    return f'<math display="{"block" if display else "inline"}"><mrow>{inner}</mrow></math>'


def _words(text: str) -> str:
    """Return words, or a sign. In words "x_t" has an index and "^2" an exponent, as papers are read aloud."""
    signs = ("≤", "≥", "=", "→", "∈", "<", ">")
    return f"<mo>{escape(text)}</mo>" if text in signs else f"<mtext><span>{written(text)}</span></mtext>"


INDEX = re.compile(rf"\b([A-Za-z]|{'|'.join(GREEK)}|[mv]hat)_(\{{[^{{}}]+\}}|[A-Za-z0-9]+)(?![A-Za-z0-9_(])")
EXPONENT = re.compile(r"\^(\{[^{}]+\}|\((?:[^()]|\([^()]*\))+\)|\*|[−-]?\d+(?:[./]\d+)?|[−-]?[A-Za-z]+)")
LETTER = re.compile(rf"\b({'|'.join(name for name in GREEK if name not in ('inf', 'pi', 'eps', 'infty'))})(\d?)\b")
SIGNS = {"||": "‖", "==": "=", "&lt;=": "≤", "&gt;=": "≥", "-&gt;": "→", " - ": " − ", " -+ ": " ∓ ", "sqrt(": "√("}


def written(text: str) -> str:
    """Return words as HTML with the formulas in them set: "E ||x_T||^2 <= mu" has an index, an exponent and a µ."""
    html = escape(text, quote=False)
    for plain, sign in SIGNS.items():
        html = html.replace(plain, sign)
    html = INDEX.sub(lambda m: f"{GREEK.get(m[1], m[1])}<sub>{m[2].strip('{}')}</sub>", html)
    html = EXPONENT.sub(lambda m: f"<sup>{m[1].strip('{}').replace('-', '−')}</sup>", html)
    return LETTER.sub(lambda m: GREEK[m[1]] + (f"<sub>{m[2]}</sub>" if m[2] else ""), html)


def mathml(e: sp.Basic) -> str:
    """Return the presentation of an expression, a relation or a set, without the element `math` around it."""
    return _set(e)[0]


def _set(e: sp.Basic) -> tuple[str, int]:
    """Return an expression's presentation and how tightly it is bound."""
    if e in CONSTANTS:
        return f"<mi>{CONSTANTS[e]}</mi>", ATOM
    match e:
        case sp.Symbol():
            return _symbol(e), ATOM
        case sp.Rational() | sp.Float():
            return _number(e)
        case sp.Add():
            return _sum(e), SUM
        case sp.Mul():
            return _product(e)
        case sp.Pow() | sp.exp():
            return _power(e)
        case sp.core.relational.Relational():
            a, b = (mathml(side) for side in e.args)
            return f"{a}<mo>{RELATIONS[type(e)]}</mo>{b}", RELATION
        case sp.Sum() | sp.Product() | sp.Limit() | sp.Piecewise():
            return _large(e), PRODUCT
        case sp.And() | sp.Or():
            sign = "<mo>∧</mo>" if isinstance(e, sp.And) else "<mo>∨</mo>"
            return sign.join(_wrapped(a, RELATION) for a in e.args), RELATION
        case sp.Set():
            return _domain(e), ATOM
        case sp.Tuple():
            return _fenced(_list(e.args)), ATOM
    return _function(e)


def _wrapped(e: sp.Basic, least: int) -> str:
    """Return a part in brackets where it is bound less tightly than `least`."""
    inner, bound = _set(e)
    return inner if bound >= least else _fenced(inner)


def _fenced(inner: str, left: str = "(", right: str = ")") -> str:
    return f'<mrow><mo fence="true">{left}</mo>{inner}<mo fence="true">{right}</mo></mrow>'


def _list(args: Sequence[sp.Basic]) -> str:
    return "<mo>,</mo>".join(mathml(a) for a in args)


def _symbol(s: sp.Symbol) -> str:
    """Return a name as a letter with its marks: "beta2" is β with the index 2; other names are text."""
    plain = all(c.isalnum() or c in "_{}^+-'" for c in s.name)
    if not plain:
        return f"<mtext>{escape(s.name)}</mtext>"
    base, above, below = split_super_sub(s.name)
    letter = f"<mi>{escape(GREEK.get(base, base))}</mi>"
    over, under = (_marks(marks) for marks in (above, below))
    if over and under:
        return f"<msubsup>{letter}{under}{over}</msubsup>"
    return f"<msub>{letter}{under}</msub>" if under else f"<msup>{letter}{over}</msup>" if over else letter


def _marks(marks: Sequence[str]) -> str:
    words = (escape(GREEK.get(m.strip("{}"), m.strip("{}"))) for m in marks)
    return f"<mrow>{'<mo>,</mo>'.join(f'<mi>{w}</mi>' for w in words)}</mrow>" if marks else ""


def _number(e: sp.Expr) -> tuple[str, int]:
    size = abs(e)
    if isinstance(e, sp.Rational) and e.q != 1:
        shown, bound = f"<mfrac><mn>{size.p}</mn><mn>{size.q}</mn></mfrac>", PRODUCT
    else:
        shown, bound = f"<mn>{size.p if isinstance(e, sp.Rational) else f'{float(size):.6g}'}</mn>", ATOM
    return (f"<mo>−</mo>{shown}", SUM) if e < 0 else (shown, bound)


def _sum(e: sp.Add) -> str:
    terms = [(term, term.could_extract_minus_sign()) for term in e.as_ordered_terms()]
    first = next((i for i, (_, negative) in enumerate(terms) if not negative), 0)
    out = ""
    for i, (term, negative) in enumerate([terms[first], *terms[:first], *terms[first + 1 :]]):  # 1 - a, not -a + 1
        out += "<mo>−</mo>" if negative else "<mo>+</mo>" if i else ""
        out += _wrapped(-term if negative else term, PRODUCT)
    return out


def _product(e: sp.Mul) -> tuple[str, int]:
    if e.args[0].is_number and e.args[0].is_negative:
        return f"<mo>−</mo>{_wrapped(-e, PRODUCT)}", SUM
    above, below = sp.fraction(e, exact=True)
    if below != 1:
        return f"<mfrac><mrow>{mathml(above)}</mrow><mrow>{mathml(below)}</mrow></mfrac>", PRODUCT
    return _factors(e.as_ordered_factors()), PRODUCT


def _factors(factors: Sequence[sp.Expr]) -> str:
    """Return factors side by side, with a sign of multiplication between two numbers."""
    out = _wrapped(factors[0], POWER)
    for before, factor in pairwise(factors):
        out += ("<mo>·</mo>" if before.is_Number and _begins_with_a_digit(factor) else TIMES) + _wrapped(factor, POWER)
    return out


def _begins_with_a_digit(e: sp.Expr) -> bool:
    return bool(e.is_Number or (isinstance(e, sp.Pow) and e.base.is_Number and e.exp.is_Integer))


def _power(e: sp.Expr) -> tuple[str, int]:
    base, exponent = e.as_base_exp()
    if exponent.could_extract_minus_sign() and not isinstance(e, sp.exp):
        return f"<mfrac><mn>1</mn><mrow>{mathml(sp.Pow(base, -exponent, evaluate=False))}</mrow></mfrac>", PRODUCT
    if exponent == sp.Rational(1, 2):
        return f"<msqrt>{mathml(base)}</msqrt>", ATOM
    if isinstance(exponent, sp.Rational) and exponent.p == 1 and exponent.q != 1:
        return f"<mroot><mrow>{mathml(base)}</mrow><mn>{exponent.q}</mn></mroot>", ATOM
    if exponent == 1:
        return _set(base)
    return _raised(base, _flat(exponent)), POWER


def _raised(base: sp.Expr, exponent: str) -> str:
    """Return a power; that of a letter with an index has both at the letter's own height."""
    if isinstance(base, sp.Symbol) and (shown := _symbol(base)).startswith("<msub>"):
        return f"<msubsup>{shown[6:-7]}<mrow>{exponent}</mrow></msubsup>"
    return f"<msup><mrow>{_wrapped(base, ATOM)}</mrow><mrow>{exponent}</mrow></msup>"


def _flat(e: sp.Expr) -> str:
    """Return an exponent with fractions on one line."""
    above, below = sp.fraction(e, exact=True)
    return mathml(e) if below == 1 else f"{_wrapped(above, PRODUCT)}<mo>/</mo>{_wrapped(below, POWER)}"


def _large(e: sp.Basic) -> str:
    if isinstance(e, sp.Piecewise):
        rows = ((mathml(value), _condition(where)) for value, where in e.args)
        cells = "".join(f"<mtr><mtd>{value}</mtd><mtd>{where}</mtd></mtr>" for value, where in rows)
        return f'<mrow><mo fence="true">{{</mo><mtable columnalign="left">{cells}</mtable></mrow>'
    if isinstance(e, sp.Limit):
        below = f"{mathml(e.args[1])}<mo>→</mo>{mathml(e.args[2])}"
        return f"<munder><mo>lim</mo><mrow>{below}</mrow></munder>{_wrapped(e.args[0], PRODUCT)}"
    sign = "∑" if isinstance(e, sp.Sum) else "∏"
    signs = ""
    for index, first, last in reversed(e.limits):
        ends = f"<mrow>{mathml(index)}<mo>=</mo>{mathml(first)}</mrow><mrow>{mathml(last)}</mrow>"
        signs += f'<munderover><mo largeop="true">{sign}</mo>{ends}</munderover>'
    return signs + _wrapped(e.function, PRODUCT)


def _condition(where: sp.Basic) -> str:
    return "<mtext>otherwise</mtext>" if where == sp.true else f"<mtext>if </mtext>{mathml(where)}"


def _domain(e: sp.Set) -> str:
    if e in SETS:
        return f"<mi>{SETS[e]}</mi>"
    if isinstance(e, sp.Interval):
        left, right = "(" if e.left_open else "[", ")" if e.right_open else "]"
        return _fenced(f"{mathml(e.start)}<mo>,</mo>{mathml(e.end)}", left, right)
    if isinstance(e, sp.FiniteSet):
        return _fenced(_list(e.args), "{", "}")
    return f"<mtext>{escape(str(e))}</mtext>"


def _function(e: sp.Basic) -> tuple[str, int]:
    match e:
        case sp.Abs():
            return _fenced(mathml(e.args[0]), "|", "|"), ATOM
        case sp.Mod():
            return f"{_wrapped(e.args[0], ATOM)}<mo> mod </mo>{_wrapped(e.args[1], ATOM)}", PRODUCT
        case sp.Min() | sp.Max():
            args = sorted(e.args, key=sp.default_sort_key)
            return f"<mi>{type(e).__name__.lower()}</mi>{_fenced(_list(args))}", ATOM
        case sp.Function():
            return f"<mi>{escape(e.func.__name__)}</mi><mo>&#x2061;</mo>{_fenced(_list(e.args))}", ATOM
    return f"<mtext>{escape(str(e))}</mtext>", SUM
