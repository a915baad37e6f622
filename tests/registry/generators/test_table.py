from importlib.util import find_spec

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convfilter.engine.convolve import plan
from convfilter.errors import KernelError
from convfilter.named import RANGES
from convfilter.registry.catalogue import get_single_kernel as get_kernel
from convfilter.registry.generators.generator import LARGEST_SIZE, Generator
from convfilter.registry.generators.making import generate
from convfilter.registry.generators.parameter import KINDS, WHOLE, Parameter
from convfilter.registry.generators.table import GENERATORS
from convfilter.registry.search_path import find_kernels, is_kernel_name

every = pytest.mark.parametrize("generator", GENERATORS.values(), ids=lambda g: g.name)


@every
def test_the_example_makes_a_kernel_that_can_be_applied(generator: Generator) -> None:
    kernel = get_kernel(generator.example)
    assert plan((50, 60, 3), "uint8", kernel).size == (50, 60)
    assert kernel.name.partition(":")[0] == generator.name
    assert get_kernel(kernel.name).weights.tolist() == kernel.weights.tolist()
    for text in (kernel.title, kernel.source, kernel.description, kernel.tags):
        assert text


@every
def test_names_and_parameters_are_well_formed(generator: Generator) -> None:
    assert is_kernel_name(generator.name)
    assert generator.name not in find_kernels()
    assert generator.range is None or generator.range in RANGES
    assert find_spec(f"convfilter.registry.generators.{generator.module}")
    names = [parameter.name.lower() for parameter in generator.parameters]
    assert len(set(names)) == len(names)
    for parameter in generator.parameters:
        assert parameter.kind in KINDS
        assert parameter.summary
        assert not (parameter.default is not None and parameter.otherwise)
        if parameter.default is not None:
            assert parameter.read(parameter.default) == parameter.default
        if parameter.kind not in ("choice", "kernel"):
            assert parameter.lowest < parameter.highest


def values_of(parameter: Parameter) -> st.SearchStrategy[object]:
    """Draw what a parameter may be, as it may be written; no more than small kernels need."""
    if parameter.kind == "choice":
        return st.sampled_from(parameter.choices)
    if parameter.kind == "kernel":
        return st.sampled_from(["sobel-x", "motion-h", "mitchell"])
    low, high = parameter.lowest, min(parameter.highest, 9)
    if parameter.kind in WHOLE:
        return st.integers(int(low), int(high)) | st.integers(int(low), int(high)).map(str)
    return st.floats(float(low), float(high)).map(lambda n: round(n, 1)) | st.fractions(
        low, high, max_denominator=10
    )


@every
@settings(max_examples=30)
@given(data=st.data())
def test_whatever_is_allowed_makes_a_sound_kernel_or_is_refused_with_a_reason(
    generator: Generator, data: st.DataObject
) -> None:
    given_values = {}
    for parameter in generator.parameters:
        if parameter.is_required or data.draw(st.booleans()):
            given_values[parameter.name] = data.draw(values_of(parameter), label=parameter.name)
    try:
        kernel = generate(generator.name, given_values)
    except KernelError as error:
        assert error.cause
        return
    assert max(kernel.rows, kernel.columns) <= LARGEST_SIZE
    assert kernel.weights.any()
    if kernel.range == "abs":
        assert kernel.is_zero_sum
    elif {"blur", "smoothing"} & set(kernel.tags):
        assert float(kernel.sum) / float(kernel.divisor) == pytest.approx(1, abs=1e-12)
    again = get_kernel(kernel.name)
    assert again.name == kernel.name
    assert again.weights.tolist() == kernel.weights.tolist()
    assert again.factors == kernel.factors


@every
def test_every_text_ends_as_the_others_do(generator: Generator) -> None:
    assert generator.description.endswith(".")
    assert generator.source.endswith(".")
    assert not generator.title.endswith(".")
