from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from convfilter.composite import Composite
from convfilter.errors import KernelError
from convfilter.kernel import Kernel
from convfilter.options import FilterOptions
from convfilter.recipe import Recipe
from convfilter.registry.catalogue import get_kernel, get_single_kernel
from convfilter.registry.fault import KernelFileError
from convfilter.registry.yaml_values import MOST_FAULTS

MATRIX = "weights: [[1, 2], [3, 4]]\n"


def read_kernel(path: Path) -> Kernel:
    return get_single_kernel(str(path))


def write(folder: Path, text: str | bytes, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_every_key_is_read(tmp_path: Path) -> None:
    kernel = read_kernel(
        write(
            tmp_path,
            """title: Half a blur
description: on
weights: [[1, 2.5e0, 1/3], [0, -1, 1e-3]]
divisor: 5/2
offset: 0.5
origin: [1, 2]
operation: convolve
border: constant:0.25
range: center
tags: [blur, 1:30]
source: 0777
""",
        )
    )
    assert kernel.name == "mine"
    assert kernel.title == "Half a blur"
    assert kernel.description == "on"
    assert kernel.sum == 1 + Fraction("2.5") + Fraction(1, 3) - 1 + Fraction("0.001")
    assert kernel.divisor == Fraction(5, 2)
    assert kernel.offset == Fraction(1, 2)
    assert kernel.origin == (1, 2)
    assert kernel.operation == "convolve"
    assert str(kernel.border) == "constant:0.25"
    assert kernel.range == "center"
    assert kernel.tags == ("blur", "1:30")
    assert kernel.source == "0777"
    assert kernel.file == tmp_path / "mine.yaml"


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbfweights:\r\n  - [1, 2]\r\n  - [3, 4]\r\n"
    assert read_kernel(write(tmp_path, text)).weights.tolist() == [[1, 2], [3, 4]]


def test_weights_may_lie_in_an_npy_file_beside(tmp_path: Path) -> None:
    np.save(tmp_path / "w.npy", np.eye(3))
    kernel = read_kernel(write(tmp_path, "weights: w.npy\ndivisor: 3\n"))
    assert kernel.weights.tolist() == np.eye(3).tolist()
    assert kernel.divisor == 3


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ("", 1, "", "empty"),
        ("# only a comment\n", 1, "", "empty"),
        ("[1, 2]\n", 1, "", "not a mapping"),
        ("title: x\n", 1, "weights", "missing"),
        (MATRIX + "divisr: 4\n", 2, "divisr", "no such key"),
        (MATRIX + "divisor: 4\ndivisor: 5\n", 3, "divisor", "twice"),
        (MATRIX + "divisor: 0\n", 2, "divisor", "divisor is 0"),
        (MATRIX + "divisor: on\n", 2, "divisor", "'on' is not a number"),
        (MATRIX + "divisor: '4'\n", 2, "divisor", "text"),
        (MATRIX + "divisor: [4]\n", 2, "divisor", "one number"),
        (MATRIX + "offset: 1:30\n", 2, "offset", "'1:30' is not a number"),
        (MATRIX + "offset: .inf\n", 2, "offset", "finite"),
        (MATRIX + "origin: [2, 0]\n", 2, "origin", "outside"),
        (MATRIX + "origin: 1\n", 2, "origin", "row and a column"),
        (MATRIX + "origin: [0.5, 0]\n", 2, "origin", "whole"),
        (MATRIX + "range: clp\n", 2, "range", "clp"),
        (MATRIX + "operation: flip\n", 2, "operation", "flip"),
        (MATRIX + "border: reflect\n", 2, "border", "two meanings: c b a | a b c d in scipy"),
        (MATRIX + "tags: blur\n", 2, "tags", "a list"),
        (MATRIX + "title: {a: b}\n", 2, "title", "expected text"),
        ("weights:\n  - [1, 2]\n  - [3, x]\n", 3, "weights[1][1]", "'x' is not a number"),
        ("weights:\n  - [1, 2]\n  - [0777, 1]\n", 3, "weights[1][0]", "octal"),
        ("weights:\n  - [1, 2]\n  - [3]\n", 3, "weights[1]", "1 number, the first one 2"),
        ("weights: []\n", 1, "weights", "empty"),
        ("weights: [[]]\n", 1, "weights", "empty"),
        ("weights: 5\n", 1, "weights", "neither a matrix nor"),
        ("weights: ../secret.npy\n", 1, "weights", "plain name"),
        ("weights: /etc/passwd\n", 1, "weights", "plain name"),
        ("weights: gone.npy\n", 1, "weights", "cannot be read"),
        ("weights: [[1, [2]]]\n", 1, "weights[0][1]", "one number"),
        ("a: &x 1\nb: *x\n", 1, "", "anchors"),
        ("weights:\n\t- [1, 2]\n", 2, "", "not valid YAML: the line begins with a tab"),
        ("a: *x\n", 1, "", "aliases"),
        ("<<: {a: 1}\n" + MATRIX, 1, "<<", "merge"),
        ("weights: !!python/object/apply:os.system ['true']\n", 1, "", "tags"),
        ("title: !!str 3\n" + MATRIX, 1, "", "tags"),
        ("? [a, b]\n: 1\n", 1, "", "a word"),
        (MATRIX + "---\n" + MATRIX, 2, "", "second document"),
        ("weights: [[1, 2], [3, 4]\ntitle: x\n", None, "", "not valid YAML"),
        ("title: \x00\n", None, "", "not valid YAML"),
        ("weights: " + "[" * 17 + "]" * 17, 1, "", "deeper"),
        ("a:\n\t- b", None, "", "not valid YAML"),
        ("weights: [[" + "9" * 5000 + "]]", 1, "weights[0][0]", "longer than"),
        ("weights: [[2e400]]", 1, "weights[0][0]", "64-bit"),
        ("weights: [[9007199254740993]]", 1, "weights", "2^53"),
    ],
)
def test_a_fault_is_named_with_its_line_and_key(
    tmp_path: Path, text: str, line: int | None, key: str, words: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(KernelFileError) as caught:
        read_kernel(path)
    fault = caught.value.faults[0]
    if line is not None:
        assert fault.line == line
        assert f"line {line}" in str(caught.value)
    assert fault.key == key
    assert words in fault.cause
    assert str(path) in caught.value.what


def test_all_faults_of_a_file_are_found(tmp_path: Path) -> None:
    path = write(tmp_path, "weights: [[1, x]]\ndivisor: y\nrnge: abs\n")
    with pytest.raises(KernelFileError) as caught:
        read_kernel(path)
    assert [fault.line for fault in caught.value.faults] == [1, 2, 3]
    assert "2 more" in str(caught.value)
    assert caught.value.faults[2].hint == "did you mean range?"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("divisor: 0\norigin: [5, 5]\nfoo: 1\n", ["divisor", "foo", "origin"]),
        ("offset: 1e9\ndivisor: 0\nrange: x\n", ["offset", "divisor", "range"]),
    ],
)
def test_values_that_are_readable_but_wrong_are_among_them(
    tmp_path: Path, text: str, keys: list[str]
) -> None:
    with pytest.raises(KernelFileError) as caught:
        read_kernel(write(tmp_path, MATRIX + text))
    assert [fault.key for fault in caught.value.faults] == keys


def test_all_faults_of_a_matrix_and_of_a_list_are_found(tmp_path: Path) -> None:
    path = write(tmp_path, "weights:\n  - [1, x]\n  - [3]\n  - [y, 4]\ntags: [[], a, {}]\n")
    with pytest.raises(KernelFileError) as caught:
        read_kernel(path)
    assert [(fault.line, fault.key) for fault in caught.value.faults] == [
        (2, "weights[0][1]"),
        (3, "weights[1]"),
        (4, "weights[2][0]"),
        (5, "tags[0]"),
        (5, "tags[2]"),
    ]


def test_no_message_is_longer_than_people_read(tmp_path: Path) -> None:
    path = write(tmp_path, f"weights: [[{'x' * 900_000}]]\n")
    with pytest.raises(KernelFileError) as caught:
        read_kernel(path)
    assert len(str(caught.value)) < 1000


def test_only_so_many_faults_are_told(tmp_path: Path) -> None:
    text = (
        "weights:\n" + "  - [x, x]\n  - [x]\n" * 1000 + "".join(f"k{n}: 1\n" for n in range(1000))
    )
    with pytest.raises(KernelFileError) as caught:
        read_kernel(write(tmp_path, text))
    assert len(caught.value.faults) <= MOST_FAULTS + 1


def test_a_folder_or_a_device_is_no_kernel_file(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    for name in ("folder.yaml", "zero.yaml", "missing.yaml"):
        with pytest.raises(KernelError):
            read_kernel(tmp_path / name)


SEVERAL = {
    "a composite": ("combine: l2\nkernels: [sobel-x, sobel-y]\n", Composite),
    "a composite of matrices": ("combine: max\nkernels: [[[1, 0]], [[0, 1]]]\n", Composite),
    "a composite that states more": (
        "combine: sum\ndivisor: 2\noffset: 1/2\nkernels: [{kernel: blur3, divisor: -9}, blur5]\n",
        Composite,
    ),
    "a recipe": ("steps:\n  - blur3\n  - {kernel: sobel, range: relu, stride: [2, 1]}\n", Recipe),
    "a recipe with a composite in it": (
        "steps:\n  - {combine: l1, kernels: [sobel-x, sobel-y], border: wrap, normalize: false}\n",
        Recipe,
    ),
    "a generated kernel": ("generator: gaussian\nparameters: {sigma: 2}\ntitle: Soft\n", Kernel),
    "a generated kernel of another": (
        "generator: rotated\nparameters: {kernel: sobel-x, angle: 90}\n",
        Kernel,
    ),
}


@pytest.mark.parametrize("case", SEVERAL)
def test_files_say_more_than_one_matrix(case: str, tmp_path: Path) -> None:
    text, kind = SEVERAL[case]
    found = get_kernel(str(write(tmp_path, text)))
    assert isinstance(found, kind)
    assert found.name == "mine"


def test_a_step_keeps_what_is_stated_beside_its_kernel(tmp_path: Path) -> None:
    found = get_kernel(str(write(tmp_path, SEVERAL["a recipe"][0])))
    assert isinstance(found, Recipe)
    assert found.steps[0].options == FilterOptions()
    assert found.steps[1].options == FilterOptions.parse(range="relu", stride=(2, 1))


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("weights: [[1]]\ncombine: l2\n", 2, "cannot have it too"),
        ("combine: l2\n", 1, "kernels"),
        ("combine: l3\nkernels: [blur3]\n", 1, "l3"),
        ("combine: l2\nkernels: []\n", 2, "missing"),
        ("combine: angle\nkernels: [blur3]\n", 2, "two responses"),
        ("combine: l2\nkernels:\n  - blur3\n  - blurr3\n", 4, "unknown kernel"),
        ("combine: l2\nkernels:\n  - blur3\n  - sobel\n", 4, "not a single kernel"),
        ("combine: l2\nkernels:\n  - {kernel: blur3, stride: 2}\n", 3, "for steps only"),
        ("combine: l2\nkernels: [mine.yaml]\n", 2, "is a file"),
        ("combine: l2\nkernels: [../secret]\n", 2, "unknown kernel"),
        ("combine: l2\nkernels: blur3\n", 2, "expected a list"),
        ("combine: l2\nkernels: [blur3]\norigin: [0, 0]\n", 3, "no such key"),
        ("steps: []\n", 1, "missing"),
        ("steps:\n  - {range: abs}\n", 2, "expected kernel"),
        ("steps:\n  - {kernel: blur3, combine: l2}\n", 2, "expected kernel"),
        ("steps:\n  - {kernel: blur3, stride: 0}\n", 2, "stride"),
        ("steps:\n  - {kernel: blur3, stride: 1.5}\n", 2, "whole"),
        ("steps:\n  - {kernel: blur3, padding: vaild}\n", 2, "valid"),
        ("steps:\n  - {kernel: sobel-x, normalize: true}\n", 2, "normalized"),
        ("steps:\n  - {kernel: blur3, normalize: 1}\n", 2, "true or false"),
        ("steps:\n  - sketch\n", 2, "is a recipe"),
        ("generator: gausian\n", 1, "gaussian"),
        ("generator: gaussian\nparameters: {sigma: -1}\n", 2, "parameters.sigma"),
        ("generator: gaussian\nparameters:\n  sigma: 2\n  sgma: 2\n", 4, "parameters.sgma"),
        ("steps:\n  - kernel: blur3\n    stride: -2\n", 3, "steps[0].stride"),
        ("generator: gaussian\nparameters: [1]\n", 2, "expected a mapping"),
    ],
)
def test_wrong_composites_and_recipes_are_refused_with_their_line(
    text: str, line: int, told: str, tmp_path: Path
) -> None:
    with pytest.raises(KernelFileError) as caught:
        get_kernel(str(write(tmp_path, text)))
    fault = caught.value.faults[0]
    assert fault.line == line
    assert told in f"{fault.key} {fault.cause} {fault.hint}"


def test_names_that_go_round_in_circles_are_refused(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("combine: l2\nkernels: [two]\n")
    (tmp_path / "two.yaml").write_text("combine: l2\nkernels: [one]\n")
    (tmp_path / "self.yaml").write_text(
        "generator: rotated\nparameters: {kernel: self, angle: 90}\n"
    )
    for name in ("one", "self"):
        with pytest.raises(KernelError, match="named by itself"):
            get_kernel(name, [tmp_path])


def test_what_a_file_names_is_found_beside_it_first(tmp_path: Path) -> None:
    for folder, weight in (("near", 1), ("first", 2)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "part.yaml").write_text(f"weights: [[{weight}]]\n")
    (tmp_path / "near/whole.yaml").write_text("combine: max\nkernels: [part]\n")
    found = get_kernel("whole", [tmp_path / "first", tmp_path / "near"])
    assert isinstance(found, Composite)
    assert found.kernels[0].sum == 1
