"""Kernels explained as text: the matrix, then a line for each fact, then other tools."""

import sys
from typing import TYPE_CHECKING

from convfilter.cli.kernels.heat import heat_rows
from convfilter.cli.kernels.telling import MOST_SHOWN, heading_lines, matrix_lines
from convfilter.cli.messages import printable
from convfilter.errors import UsageError
from convfilter.named import OPERATIONS, RANGES
from convfilter.number import counted, format_briefly, format_number

if TYPE_CHECKING:
    from convfilter.explain.equivalents import Equivalent
    from convfilter.explain.facts import KernelFacts
    from convfilter.explain.kernels import Explanation, LinkFacts, PartFacts
    from convfilter.factors import Factors
    from convfilter.kernel import Kernel

MOST_CELLS_OF_CODE = 81
"""Kernels of more cells are not written out for other tools."""

LONGEST_FACTOR = 15


def explanation_lines(explanation: "Explanation") -> list[str]:
    """Write all there is to know of kernels."""
    lines: list[str] = []
    if explanation.single is None:
        for given in explanation.filters:
            lines += heading_lines(given)
        lines.append("")
    count = len(explanation.links)
    for number, link in enumerate(explanation.links, start=1):
        if count > 1:
            lines += [f"step {number} of {count}: {printable(link.kernel.label)}"]
        lines += [*_link_lines(link), ""]
    lines += _whole_lines(explanation)
    if explanation.single:
        lines += _equivalent_lines(explanation.single)
    return lines


def _link_lines(link: "LinkFacts") -> list[str]:
    lines = []
    combine = getattr(link.kernel, "combine", None)
    for n, part in enumerate(link.parts):
        lines += ([""] if n else []) + [*_part_lines(part)]
    if not link.parts:
        lines.append(f"{link.kernel!r}".strip("<>"))
    if combine:
        divided = f", ÷ {format_number(link.kernel.divisor)}" if link.kernel.divisor != 1 else ""
        lines += ["", _fact("combined", f"{combine} of {len(link.parts)} responses{divided}")]
    if link.link.range:
        lines.append(_fact("then", f"range {link.link.range}: {RANGES[link.link.range]}"))
    height, width = link.laying.size
    share = f"{link.laying.border_share:.2%}"
    lines.append(
        _fact("border", f"{share} of the windows leave a picture of {width}×{height} pixels")
    )
    return lines


def _part_lines(part: "PartFacts") -> list[str]:
    kernel, facts = part.kernel, part.facts
    return [
        *([part.role] if part.role else heading_lines(kernel)),
        "",
        *_matrix(kernel),
        "",
        *fact_lines(facts),
        _fact("outside", f"border {part.step.problem.border}"),
        _fact("algorithm", f"{part.step.algorithm.name}: {part.step.reason}"),
        *(_fact("rejected", f"{o.algorithm}: {o.reason}") for o in part.step.rejected),
    ]


def _matrix(kernel: "Kernel") -> list[str]:
    """Write the matrix in colours on a terminal that has room for it, else in columns."""
    if sys.stdout.isatty() and kernel.columns <= MOST_SHOWN:
        try:
            return heat_rows(kernel, to_terminal=True)
        except UsageError:
            pass  # the terminal is too narrow
    return matrix_lines(kernel)


def fact_lines(facts: "KernelFacts") -> list[str]:
    """Write the facts of one matrix."""
    kernel = facts.kernel
    divided = f", divided by {format_number(kernel.divisor)}" if kernel.divisor != 1 else ""
    low, high = (format_briefly(end, 4) for end in (facts.lowest, facts.highest))
    lines = [
        _fact("size", f"{counted(kernel.rows, 'row')} × {counted(kernel.columns, 'column')}"),
        _fact("sum", f"{format_briefly(kernel.sum, 6)}{divided}"),
        _fact("gain", _gain(facts)),
    ]
    if kernel.offset:
        lines.append(_fact("offset", f"{format_number(kernel.offset)} of full scale"))
    return [
        *lines,
        _fact("symmetry", _symmetry(facts)),
        _fact("rank", f"{facts.rank}{'' if facts.rank_is_exact else ', as far as floats tell'}"),
        *_factor_lines(facts.factors),
        _fact("origin", "row {}, column {}".format(*kernel.origin)),
        _fact("operation", f"{kernel.operation}: {OPERATIONS[kernel.operation]}"),
        _fact("values", f"{low} to {high} from an 8-bit picture, before the range"),
    ]


def _gain(facts: "KernelFacts") -> str:
    if facts.kernel.is_zero_sum:
        return "0 at frequency zero: an even picture gives 0"
    gain = format_briefly(facts.gain, 4)
    if abs(facts.gain - 1) < 1e-9:
        return f"{gain} at frequency zero: an even picture stays as it is"
    return f"{gain} at frequency zero: an even picture is multiplied by it"


def _symmetry(facts: "KernelFacts") -> str:
    same = ", ".join(facts.symmetries)
    negated = ", ".join(facts.antisymmetries)
    parts = [same] if same else []
    if negated:
        parts.append(f"{negated} but for the sign")
    return "; ".join(parts) or "none"


def _factor_lines(factors: "Factors | None") -> list[str]:
    if factors is None:
        return []
    lines = []
    for n, product in enumerate(factors.products):
        if max(len(product.column), len(product.row)) > LONGEST_FACTOR:
            text = f"column of {len(product.column)} × row of {len(product.row)}"
        else:
            text = f"column {_vector(product.column)} × row {_vector(product.row)}"
        lines.append(_fact("" if n else "factors", f"{'+ ' if n else ''}{text}"))
    lines += [
        _fact("", f"+ {format_briefly(weight)} at row {y}, column {x}")
        for y, x, weight in factors.cells
    ]
    return lines


def _vector(numbers: tuple[int | float, ...]) -> str:
    return f"[{' '.join(format_briefly(number) for number in numbers)}]"


def _whole_lines(explanation: "Explanation") -> list[str]:
    """Write what holds for all kernels together."""
    lines = []
    plan = explanation.plan
    if explanation.single is None:
        if explanation.gain is not None:
            lines.append(_fact("gain", f"{format_briefly(explanation.gain, 4)} altogether"))
        lines.append(_fact("algorithm", f"{plan.algorithm}: {plan.reason}"))
    wanted = explanation.range
    lines.append(_fact("range", f"{wanted}: {RANGES[wanted]}" if wanted else "none, for floats"))
    clipping = explanation.clipping
    if clipping:
        how = {
            "exact": "exactly, from the distribution of the sums",
            "sampled": "counted in seeded noise of 512×512 pixels",
        }[clipping.method]
        lines.append(_fact("clipped", f"{clipping.share:.2%} of 8-bit white noise ({how})"))
    height, width = plan.size
    first = plan.samples
    lines.append(
        _fact("picture", f"{first.width}×{first.height} {explanation.mode} → {width}×{height}")
    )
    return lines


def _equivalent_lines(part: "PartFacts") -> list[str]:
    """Write how other tools do it, if the kernel is small enough to be read."""
    lines = ["", "the same in other tools"]
    if part.kernel.weights.size > MOST_CELLS_OF_CODE:
        return [*lines, "  (--json has the code, with all weights)"]
    for equivalent in part.equivalents:
        lines += ["", *_code(equivalent)]
    return lines


def _code(equivalent: "Equivalent") -> list[str]:
    notes = [f"# {note}" for note in equivalent.notes]
    code = equivalent.code.splitlines()
    return [f"{equivalent.tool}:", *(f"  {line}" for line in (*notes, *code))]


def _fact(name: str, text: str) -> str:
    return f"{name:<10} {text}"
