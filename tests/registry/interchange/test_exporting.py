import re
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from convfilter.errors import KernelError, UsageError
from convfilter.kernel import Kernel
from convfilter.registry.interchange.exporting import format_of_file, write_kernel
from convfilter.registry.interchange.table import INTERCHANGE

SHIFTED = Kernel([[1, 2, 3], [4, 5, 6]], divisor=3, origin=(1, 2), name="my-kernel")


def test_origins_are_carried_by_padding_with_zeros() -> None:
    vips = write_kernel(SHIFTED, "libvips").data.decode()
    assert vips == "5 3 3 0\n1 2 3 0 0\n4 5 6 0 0\n0 0 0 0 0\n"
    csv = write_kernel(SHIFTED.replace(divisor=1), "csv").data.decode()
    assert csv == "1,2,3,0,0\n4,5,6,0,0\n0,0,0,0,0\n"
    default = write_kernel(SHIFTED.replace(divisor=1, origin=(0, 1)), "csv").data.decode()
    assert default == "1,2,3\n4,5,6\n"


def test_a_convolving_kernel_is_turned_with_its_origin() -> None:
    turned = write_kernel(SHIFTED.replace(operation="convolve", divisor=1), "csv").data.decode()
    assert turned == "0,6,5,4\n0,3,2,1\n"


def test_fractions_become_integers_over_a_scale() -> None:
    kernel = Kernel([[Fraction(1, 6), Fraction(1, 4)]], divisor=Fraction(5, 2), origin=(0, 0))
    assert write_kernel(kernel, "libvips").data == b"3 1 30 0\n0 2 3\n"
    negative = write_kernel(Kernel([[1, -2, 1]], divisor=-4), "libvips").data
    assert negative == b"3 1 4 0\n-1  2 -1\n"


def test_offsets_are_levels_for_libvips() -> None:
    written = write_kernel(Kernel([[1]], offset=Fraction(1, 5)), "libvips")
    assert written.data == b"1 1 1 51\n1\n"
    assert "8-bit" in written.notes[0]
    assert "--precision float" in str(written.command)


@pytest.mark.parametrize("format_name", ["npy", "csv", "graphicsmagick"])
def test_formats_without_offsets_refuse_them_with_a_remedy(format_name: str) -> None:
    with pytest.raises(KernelError, match="no place for its offset") as caught:
        write_kernel(Kernel([[1]], offset=1), format_name)
    assert caught.value.hint


def test_graphicsmagick_refuses_what_its_own_divisor_would_change() -> None:
    with pytest.raises(KernelError, match="sum of the weights") as caught:
        write_kernel(Kernel([[1, 1]]), "graphicsmagick")
    assert caught.value.hint
    zero = write_kernel(Kernel([[-1, 1]], divisor=2), "graphicsmagick")
    assert zero.data == b"0,0,0,0,-0.5,0.5,0,0,0\n"


def test_what_is_not_read_or_written_says_what_is() -> None:
    with pytest.raises(UsageError, match="read, not written"):
        write_kernel(SHIFTED, "gimp")


def test_suffixes_stand_for_one_format_each() -> None:
    suffixes = [suffix for row in INTERCHANGE.values() for suffix in row.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert format_of_file("a/b.MAT") == "libvips"
    for path in ("kernel", "kernel.def", "kernel.xyz"):
        with pytest.raises(UsageError, match="its format"):
            format_of_file(path)


def test_a_range_that_a_tool_does_not_have_is_noted() -> None:
    for name in ("imagemagick", "libvips", "csv", "npy"):
        notes = write_kernel(SHIFTED.replace(range="abs"), name).notes
        assert any("range abs" in note for note in notes), name
    assert not any("range" in note for note in write_kernel(SHIFTED, "libvips").notes)


def test_a_title_cannot_leave_its_comment_in_c() -> None:
    written = write_kernel(SHIFTED.replace(title="a */ int x;\n#error"), "c").data.decode()
    assert written.count("*/") == 1
    assert "\n#error" not in written


PROGRAM = """
#include <stdio.h>
#include "kernel.h"
int main(void) {{
    for (int r = 0; r < {0}_ROWS; r++)
        for (int c = 0; c < {0}_COLUMNS; c++)
            printf("%.17g ", (double){1}[r][c] / {0}_DIVISOR);
    printf("%d %d %.17g", {0}_ORIGIN_ROW, {0}_ORIGIN_COLUMN, (double){0}_OFFSET);
    return 0;
}}
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
@pytest.mark.parametrize("weights", [[[1, 2, 3], [4, 5, 6]], [[0.1, 1 / 3, -2.5]]])
def test_the_c_array_compiles_to_the_same_numbers(
    weights: list[list[float]], tmp_path: Path
) -> None:
    kernel = Kernel(weights, divisor=3, offset=0.25, origin=(0, 2), name="double", title="it's 5×5")
    (tmp_path / "kernel.h").write_bytes(write_kernel(kernel, "c").data)
    (tmp_path / "main.c").write_text(PROGRAM.format("KERNEL_DOUBLE", "kernel_double"))
    compiler = [str(shutil.which("cc")), "-Wall", "-Werror", "-o", "main", "main.c"]
    subprocess.run(compiler, cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=True)
    *told, row, column, offset = map(float, done.stdout.split())
    assert told == pytest.approx([w / 3 for line in weights for w in line], rel=1e-15)
    assert (row, column, offset) == (0, 2, 0.25)


def test_yaml_leaves_out_what_goes_without_saying() -> None:
    text = write_kernel(Kernel([[1, 2, 1]]), "yaml").data.decode()
    assert text == "weights:\n  - [1, 2, 1]\n"
    full = write_kernel(SHIFTED.replace(title="on", tags=["a, b"]), "yaml").data.decode()
    assert re.findall(r"(?m)^\w+", full) == ["title", "weights", "divisor", "origin", "tags"]


def test_a_matrix_too_large_for_a_kernel_file_is_refused() -> None:
    with pytest.raises(KernelError, match="too large") as caught:
        write_kernel(Kernel([[0] * 400 for _ in range(300)]), "yaml")
    assert "npy" in str(caught.value.hint)
