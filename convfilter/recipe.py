"""A recipe: a named list of steps, each a kernel and how it is laid on the step before."""

import os
from collections.abc import Iterable
from dataclasses import field

from convfilter.arguments import expect
from convfilter.composite import Composite
from convfilter.described import Described
from convfilter.errors import KernelError
from convfilter.frozen import frozen
from convfilter.kernel import Kernel
from convfilter.mixing import MixingKernel
from convfilter.number import counted
from convfilter.options import FilterOptions

AnyKernel = Kernel | Composite | MixingKernel
"""What is laid on a picture in one step."""


@frozen
class RecipeStep:
    """One step.

    Parameters
    ----------
    kernel
        What is laid on the result of the step before.
    options
        What the recipe states beside it: divisor, offset, border, padding, stride,
        dilation, operation, range. A range is applied before the next step.

    Raises
    ------
    UsageError
        If either is something else.
    """

    kernel: AnyKernel
    options: FilterOptions = field(default_factory=FilterOptions)

    def __post_init__(self) -> None:
        expect(self.kernel, AnyKernel, "a kernel", 'get_kernel("blur5") finds one by its name')
        expect(self.options, FilterOptions, "options", 'as in FilterOptions(range="abs")')


@frozen(kw_only=True, eq=False)
class Recipe(Described):
    """Steps that run one after another, neither rounded nor clipped in between.

    Parameters
    ----------
    steps
        At least one, in the order in which they run.

    Raises
    ------
    KernelError
        If there is no step.
    UsageError
        If one is no `RecipeStep`.
    """

    steps: tuple[RecipeStep, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        steps = tuple(expect(self.steps, Iterable, "several steps"))
        for step in steps:
            expect(step, RecipeStep, "a step", 'as in RecipeStep(get_kernel("blur5"))')
        object.__setattr__(self, "steps", steps)
        if not steps:
            raise KernelError("steps of a recipe are missing", "at least one is needed")

    @property
    def label(self) -> str:
        """Its name, or those of its kernels where it has none."""
        return self.name or " → ".join(step.kernel.label for step in self.steps)

    def __repr__(self) -> str:
        return f"<Recipe {self.label}: {counted(len(self.steps), 'step')}>"


Filter = AnyKernel | Recipe
"""What ``--kernel`` can name."""

Named = Filter | str | os.PathLike[str]
"""A filter as the library takes it: itself, a text as ``--kernel`` takes it, or a path."""
