"""Pairs of taps that stand to each other as others do: added up once for all of them.

A line of nine is four pairs of neighbours, of which each is what the one before it is two pixels
further on, and one cell more.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from convfilter.engine.program import Program, Tap
from convfilter.frozen import frozen
from convfilter.options import Pair

MOST_TAPS = 64
"""Among more taps, looking for pairs would take longer than they save."""

LEAST_PAIRS = 4
"""Fewer pairs of a kind save nothing: memory for their sums costs as much as three additions."""


@frozen
class _Kind:
    """What pairs have in common: the value read, how far on the second is, and with which sign."""

    value: int
    apart: Pair
    is_sum: bool


def paired(program: Program, taps: Sequence[Tap]) -> list[Tap]:
    """Append the sums of pairs to a program; return taps that read these instead.

    Greedy: the kind of which there are most comes first.
    """
    left = [tap for tap in taps if tap[2] != 0]
    while len(left) <= MOST_TAPS and (found := _most_frequent(left)):
        kind, pairs = found
        value, back = _append_sum(program, kind)
        taken = {tap for pair in pairs for tap in pair}
        left = [tap for tap in left if tap not in taken]
        # A difference is the second less the first: it has the weight of the second.
        left += [(value, (y, x - back), weight) for (_, (y, x), _), (_, _, weight) in pairs]
    return left


def _append_sum(program: Program, kind: _Kind) -> tuple[int, int]:
    """Append the sum of a pair; return it, and how many columns left of its first tap it begins."""
    down, right = kind.apart
    back = max(0, -right)
    first, second = (0, back), (down, right + back)
    if kind.is_sum:
        return program.add(kind.value, first, kind.value, second), back
    return program.subtract(kind.value, second, kind.value, first), back


def _most_frequent(taps: list[Tap]) -> tuple[_Kind, list[tuple[Tap, Tap]]] | None:
    """Return the kind of which there are most pairs that share no tap, and these; None if few."""
    best, most = None, LEAST_PAIRS - 1
    for kind, count in _kinds(taps).most_common():
        if count <= most:
            break  # those that share taps are counted too
        pairs = _apart(taps, kind)
        if len(pairs) > most:
            best, most = (kind, pairs), len(pairs)
    return best


def _kinds(taps: list[Tap]) -> Counter[_Kind]:
    """Count the pairs of each kind, those that share taps included."""
    kinds: Counter[_Kind] = Counter()
    for (one, first, weight), (other, second, again) in combinations(sorted(taps, key=_place), 2):
        if one == other and abs(weight) == abs(again):
            apart = second[0] - first[0], second[1] - first[1]
            kinds[_Kind(one, apart, weight == again)] += 1
    return kinds


def _apart(taps: list[Tap], kind: _Kind) -> list[tuple[Tap, Tap]]:
    """Return pairs of a kind that share no tap."""
    there = {tap[1]: tap for tap in sorted(taps, key=_place) if tap[0] == kind.value}
    pairs = []
    for place, tap in list(there.items()):
        further = place[0] + kind.apart[0], place[1] + kind.apart[1]
        other = there.get(further)
        wanted = tap[2] if kind.is_sum else -tap[2]
        if place in there and other is not None and other[2] == wanted:
            pairs.append((tap, other))
            del there[place], there[further]
    return pairs


def _place(tap: Tap) -> tuple[int, Pair]:
    return tap[0], tap[1]
