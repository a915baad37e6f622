"""What a kernel does, whatever it is written as: the weight of every neighbour, exactly."""

from fractions import Fraction

from convfilter.kernel import Kernel

NOTHING = Fraction(0)
LOST = Fraction(1, 10**12)

Effect = tuple[dict[tuple[int, int], Fraction], Fraction]


def effect(kernel: Kernel) -> Effect:
    """Return the share of each neighbour, by its distance down and right, and the offset."""
    row, column = kernel.origin
    sign = -1 if kernel.operation == "convolve" else 1
    shares = {
        (sign * (y - row), sign * (x - column)): Fraction(weight) / Fraction(kernel.divisor)
        for y, weights in enumerate(kernel.exact_weights)
        for x, weight in enumerate(weights)
        if weight
    }
    return shares, Fraction(kernel.offset)


def nearly(one: Effect, other: Effect) -> bool:
    """Whether two effects differ by no more than what 64-bit floats lose."""
    places = set(one[0]) | set(other[0])
    pairs = [(one[0].get(place, NOTHING), other[0].get(place, NOTHING)) for place in places]
    return all(
        abs(a - b) <= LOST * max(1 + NOTHING, abs(a)) for a, b in [*pairs, (one[1], other[1])]
    )
