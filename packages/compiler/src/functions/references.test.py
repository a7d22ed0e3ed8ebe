# Makes references.test.json: for each function of doubles some hundred arguments, the result rounded to a double, and
# what the rounding lost in thousandths of a unit in the last place. Needs mpmath.
# Run: python references.test.py [points a function] > references.test.json
import json
import math
import random
import struct
import sys

from mpmath import (acos, asin, atan, atan2, cos, cosh, erf, exp, expm1, floor, fmod, log, log1p, mp, mpf, pi, sin,
                    sinh, sqrt, tan, tanh)

mp.prec = 2400
random.seed(20)
count = int(sys.argv[1]) if len(sys.argv) > 1 else 120


def sigmoid(x):
    return 1 / (1 + exp(-x))


def uniform(low, high):
    return random.uniform(low, high)


def wide(low, high):
    """Log-uniform between powers of two, of either sign."""
    return random.choice((-1, 1)) * 2.0 ** uniform(low, high) * uniform(0.5, 1)


def positive(draw):
    return lambda: abs(draw())


def near(*centres):
    """Close to one of the points where an algorithm changes, or where a result cancels."""
    return lambda: random.choice(centres) * (1 + wide(-50, -3))


# The double that is nearest to a multiple of π/2.
worst = 6381956970095103 * 2.0**797


def near_multiple_of_huge():
    """q 2^e next to a multiple of π/2: q is the last denominator below 2^53 of the continued fraction of 2^e · 2/π."""
    exponent = random.randint(1, 960)
    denominator = 1 << 400
    numerator = int(floor(mpf(2) ** exponent * 2 / pi * denominator)) % denominator
    before, q = 0, 1
    while numerator != 0:
        term, rest = divmod(denominator, numerator)
        if term * q + before >= 2**53:
            break
        before, q = q, term * q + before
        numerator, denominator = rest, numerator
    return random.choice((-1, 1)) * float(q) * 2.0**exponent


def multiple():
    """Next to a multiple of π/2."""
    if random.random() < 0.1:
        return worst
    k = random.choice((random.randint(1, 30), int(2 ** uniform(3, 19)), int(2 ** uniform(19, 50))))
    return random.choice((-1, 1)) * float(k * pi / 2)


angles = [lambda: uniform(-4, 4), lambda: wide(-30, 20), multiple, near_multiple_of_huge, lambda: wide(20, 1023)]
small = [lambda: wide(-40, 0), lambda: uniform(-1, 1)]
one = {
    "exp": (exp, [lambda: uniform(-745, 709), lambda: uniform(-1, 1), lambda: uniform(-745.2, -708), lambda: wide(-60, 0)]),
    "expm1": (expm1, [lambda: uniform(-40, 709), lambda: uniform(-1, 1), lambda: wide(-60, 0)]),
    "log": (log, [positive(lambda: wide(-1074, 1023)), near(1), lambda: uniform(0.5, 2)]),
    "log1p": (log1p, [positive(lambda: wide(-60, 1023)), lambda: wide(-60, 0), lambda: uniform(-0.9, 2)]),
    "sqrt": (sqrt, [positive(lambda: wide(-1074, 1023))]),
    "rsqrt": (lambda x: 1 / sqrt(x), [positive(lambda: wide(-1074, 1023))]),
    "sin": (sin, angles),
    "cos": (cos, angles),
    "tan": (tan, angles),
    "asin": (asin, [*small, near(0.5, -0.5)]),
    "acos": (acos, [*small, near(0.5, -0.5), lambda: 1 - abs(wide(-50, -2))]),
    "atan": (atan, [*small, lambda: wide(-5, 60), near(math.sqrt(2) - 1, 1, math.sqrt(2) + 1)]),
    "sinh": (sinh, [*small, lambda: uniform(-710, 710), lambda: uniform(-3, 3)]),
    "cosh": (cosh, [*small, lambda: uniform(-710, 710), lambda: uniform(-3, 3)]),
    "tanh": (tanh, [*small, lambda: uniform(-20, 20), lambda: uniform(-3, 3)]),
    "sigmoid": (sigmoid, [lambda: wide(-40, 5), lambda: uniform(-709, 40), lambda: uniform(-3, 3)]),
    "erf": (erf, [*small, lambda: uniform(-6, 6), near(0.875, 1.5)]),
}


def power_near_limits():
    x = positive(lambda: wide(-1074, 1023))()
    return x, uniform(-744, 709) / math.log(x)


two = {
    "pow": (lambda x, y: x**y, [lambda: (uniform(0.1, 10), uniform(-30, 30)), power_near_limits, lambda: (abs(near(1)()), wide(30, 45))]),
    "atan2": (atan2, [lambda: (uniform(-1, 1), uniform(-1, 1)), lambda: (wide(-1000, 1000), wide(-1000, 1000))]),
    "rem": (lambda x, y: fmod(abs(x), abs(y)) * (1 if x > 0 else -1), [lambda: (wide(0, 60), wide(-30, 30)), lambda: (wide(-1074, 1023), wide(-1074, 1023))]),
}


# Where the largest errors were found among millions of arguments.
hardest = {
    "exp": [(0.3607633282605758,)],
    "expm1": [(0.3682319242644585,)],
    "log": [(0.7071067811788726,)],
    "log1p": [(0.4142136183454916,)],
    "tanh": [(0.1811157310904667,)],
    "sigmoid": [(-1.9992506179670375,)],
    "pow": [(0.7125826722163591, 1991.1769705860606)],
}


def row(arguments, value):
    rounded = float(value)
    lost = round(float((value - mpf(rounded)) / mpf(math.ulp(rounded))) * 1000)
    return [*arguments, rounded, lost]


def rows(name, f, draws, many):
    drawn = [row(arguments, f(*map(mpf, arguments))) for arguments in hardest.get(name, [])]
    most = len(drawn) + count
    while len(drawn) < most:
        arguments = draws[(len(drawn) + count - most) % len(draws)]()
        arguments = arguments if many else (arguments,)
        value = f(*(mpf(argument) for argument in arguments))
        # Overflow is tested elsewhere.
        if not math.isinf(float(value)):
            drawn.append(row(arguments, value))
    return drawn


lines = [f'"{name}": {json.dumps(rows(name, f, draws, False))}' for name, (f, draws) in one.items()]
lines += [f'"{name}": {json.dumps(rows(name, f, draws, True))}' for name, (f, draws) in two.items()]
print("{\n" + ",\n".join(lines) + "\n}")
