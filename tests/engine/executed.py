"""What a plan makes of a picture."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from convfilter.engine.bands import execute
from convfilter.engine.plan import Plan
from convfilter.rows import InterleavedRows, InterleavedSink


def run(plan: Plan, picture: NDArray[Any]) -> NDArray[Any]:
    """Filter the picture as the plan says."""
    result = np.zeros((*plan.size, plan.samples.channels), plan.finish.dtype)
    execute(plan, InterleavedRows(picture), InterleavedSink(result))
    return result
