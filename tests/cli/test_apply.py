import io
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convfilter import open_picture
from tests.conftest import SAMPLES, Program
from tests.pictures.drawn_frames import COUNT, DURATIONS, encoded, shapes, shown, timing

SCENE = SAMPLES / "scene.jpg"
SHELL = [sys.executable, "-m", "convfilter"]


def shell(
    *arguments: object, stdin: bytes = b"", **options: object
) -> subprocess.CompletedProcess[bytes]:
    """Run the program in a process of its own."""
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [*SHELL, *map(str, arguments)], input=stdin, capture_output=True, check=False, **options
    )


def test_the_main_job(program: Program, tmp_path: Path) -> None:
    done = program("apply", SCENE, "--kernel", "blur5", tmp_path / "out.jpg")
    assert done.exit_code == 0
    assert done.output == ""
    assert open_picture(tmp_path / "out.jpg").width == 960


@pytest.mark.parametrize(
    ("name", "options", "bias", "divisor"),
    [("blur5", [], 12, 25), ("gaussian5", [], 128, 256), ("sobel-x", ["--range", "abs"], 0, 1)],
)
def test_every_sample_of_a_photograph_is_exact(
    program: Program,
    tmp_path: Path,
    corpus: Path,
    name: str,
    options: list[str],
    bias: int,
    divisor: int,
) -> None:
    source = corpus / "photos/kodim05.png"
    weights = {
        "blur5": np.ones((5, 5), int),
        "gaussian5": np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]),
        "sobel-x": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    }[name]
    assert program("apply", source, tmp_path / "out.png", "-k", name, *options).exit_code == 0
    photo = open_picture(source).array.astype(int)
    reach = weights.shape[0] // 2
    padded = np.pad(photo, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    height, width = photo.shape[:2]
    sums = sum(
        weight * padded[y : y + height, x : x + width] for (y, x), weight in np.ndenumerate(weights)
    )
    expected = np.clip((abs(sums) + bias) // divisor, 0, 255)
    np.testing.assert_array_equal(open_picture(tmp_path / "out.png").array, expected)


def test_what_goes_to_the_encoder_is_exact(program: Program) -> None:
    done = program("apply", SCENE, "-", "-f", "ppm", "-k", "blur5")
    assert done.exit_code == 0
    shown = np.asarray(Image.open(io.BytesIO(done.stdout_bytes)))
    photo = open_picture(SCENE).array.astype(int)
    padded = np.pad(photo, ((2, 2), (2, 2), (0, 0)), mode="edge")
    sums = sum(padded[y : y + 640, x : x + 960] for y in range(5) for x in range(5))
    np.testing.assert_array_equal(shown, (sums + 12) // 25)


class TestTheArticle:
    def test_its_square(self, program: Program, tmp_path: Path) -> None:
        kernel = ["--kernel", "[[0,0,1],[0,1,0],[1,0,0]]"]
        source = SAMPLES / "square-10x10.png"
        done = program("apply", source, tmp_path / "a.png", *kernel, "--border", "constant:0")
        assert done.exit_code == 0
        result = open_picture(tmp_path / "a.png").array
        assert (result[4, 4], result[2, 6]) == (3, 1)
        program("apply", source, tmp_path / "b.png", *kernel, "--padding", "valid")
        assert open_picture(tmp_path / "b.png").array.shape == (8, 8)

    @pytest.mark.parametrize(("padding", "side"), [("same", 4), ("valid", 1)])
    def test_its_4x4_kernel(
        self, program: Program, tmp_path: Path, padding: str, side: int
    ) -> None:
        ones = "[[1,1,1,1],[1,1,1,1],[1,1,1,1],[1,1,1,1]]"
        source = SAMPLES / "numbers-4x4.png"
        done = program("apply", source, tmp_path / "a.png", "-k", ones, "--padding", padding)
        assert done.exit_code == 0
        assert open_picture(tmp_path / "a.png").array.shape == (side, side)


def test_pipes_keep_the_format_of_the_input() -> None:
    first = shell("apply", "-", "-", "-k", "sharpen", stdin=SCENE.read_bytes())
    assert first.returncode == 0, first.stderr
    assert Image.open(io.BytesIO(first.stdout)).format == "JPEG"
    second = shell("apply", "-", "-", "-k", "blur3", "-f", "png", stdin=first.stdout)
    assert Image.open(io.BytesIO(second.stdout)).format == "PNG"


@pytest.mark.parametrize("name", ["tiff", "png", "gif", "webp", "avif", "bmp", "ppm", "jpeg"])
def test_every_format_goes_through_a_pipe(name: str) -> None:
    done = shell("apply", SCENE, "-", "-k", "blur3", "-f", name)
    assert done.returncode == 0, done.stderr
    assert Image.open(io.BytesIO(done.stdout)).size == (960, 640)


def test_a_terminal_is_no_place_for_a_picture(tmp_path: Path) -> None:
    master, terminal = os.openpty()
    try:
        out = subprocess.run(
            [*SHELL, "apply", SCENE, "-", "-k", "blur3"],
            stdout=terminal,
            stderr=subprocess.PIPE,
            check=False,
        )
        into = subprocess.run(
            [*SHELL, "apply", "-", str(tmp_path / "x.png"), "-k", "blur3"],
            stdin=terminal,
            stderr=subprocess.PIPE,
            check=False,
        )
    finally:
        os.close(master)
        os.close(terminal)
    assert (out.returncode, into.returncode) == (2, 2)
    assert b"terminal" in out.stderr
    assert b"terminal" in into.stderr


def test_a_closed_pipe_is_quiet() -> None:
    command = subprocess.Popen(
        [*SHELL, "apply", str(SCENE), "-", "-k", "blur3", "-f", "bmp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert command.stdout
    assert command.stderr
    command.stdout.read(10)
    command.stdout.close()
    assert command.stderr.read() == b""
    command.stderr.close()
    assert command.wait() == 1


@pytest.mark.parametrize(
    ("source", "target", "options", "mode"),
    [
        ("scene.jpg", "o.tif", ["--depth", "16"], "RGB;16"),
        ("scene.jpg", "o.npy", ["--depth", "float"], "RGB;F"),
        ("ramp16.png", "o.png", [], "I;16"),
        ("ramp16.png", "o.jpg", ["--depth", "8"], "L"),
        ("ramp16.png", "o.bmp", ["--allow-depth-loss"], "L"),
        ("disc.png", "o.jpg", ["--background", "white"], "RGB"),
        ("scene.jpg", "o.png", ["--depth", "float", "--depth", "16", "--dry-run"], "RGB;16"),
    ],
)
def test_json_tells_the_mode_that_is_written(
    source: str, target: str, options: list[str], mode: str, program: Program, tmp_path: Path
) -> None:
    out = tmp_path / target
    done = program("apply", SAMPLES / source, out, "-k", "identity", "--json", *options)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["mode"] == mode
    assert not out.exists() or open_picture(out).mode == mode


def test_json_tells_what_was_done(program: Program, tmp_path: Path) -> None:
    done = program("apply", SCENE, tmp_path / "o.png", "-k", "sobel-x", "--range", "clip", "--json")
    told = json.loads(done.stdout)
    assert told["input"] == str(SCENE)
    assert told["output"] == str(tmp_path / "o.png")
    assert told["kernels"] == ["sobel-x"]
    assert told["algorithm"]
    assert (told["width"], told["height"], told["mode"]) == (960, 640, "RGB")
    assert told["clipped"] > 10000
    assert told["clipped_share"] == told["clipped"] / (960 * 640 * 3)
    assert told["seconds"] > 0
    assert "--range abs" in done.stderr


def test_verbose_tells_the_plan_and_quiet_nothing(program: Program, tmp_path: Path) -> None:
    options = ["-k", "sobel-x", "--range", "clip"]
    told = program("apply", SCENE, tmp_path / "a.png", *options, "-v")
    assert "algorithm" in told.stderr
    assert "clipped" in told.stderr
    assert told.stdout == ""
    quiet = program("apply", SCENE, tmp_path / "b.png", *options, "-q")
    assert quiet.output == ""


def test_a_dry_run_tells_the_steps_of_a_recipe_and_what_was_rejected(
    program: Program, tmp_path: Path
) -> None:
    words = "apply", SCENE, tmp_path / "a.png", "-k", "feature-stack", "--dry-run"
    shown = program("kernels", "show", "feature-stack").stdout
    steps = [line for line in shown.splitlines() if line[:2] in ("1.", "2.", "3.")]
    assert len(steps) == 3
    assert set(steps) <= set(program(*words).stdout.splitlines())
    rejected = json.loads(program(*words, "--json").stdout)["rejected"]
    assert {"algorithm", "reason"} == set().union(*rejected)


def test_a_dry_run_says_what_it_would_do_and_does_nothing(program: Program, tmp_path: Path) -> None:
    done = program("apply", SCENE, tmp_path / "a.png", "-k", "blur5", "--dry-run")
    assert done.exit_code == 0
    assert str(tmp_path / "a.png") in done.stdout
    assert "algorithm" in done.stdout
    assert not list(tmp_path.iterdir())


def test_existing_outputs_are_kept_skipped_or_replaced(program: Program, tmp_path: Path) -> None:
    target = tmp_path / "a.png"
    target.write_bytes(b"mine")
    refused = program("apply", SCENE, target, "-k", "blur5")
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert program("apply", SCENE, target, "-k", "blur5", "--skip-existing").exit_code == 0
    assert target.read_bytes() == b"mine"
    assert program("apply", SCENE, target, "-k", "blur5", "--force").exit_code == 0
    assert open_picture(target).width == 960


@pytest.mark.parametrize("way", ["same", "relative", "symlink", "hardlink"])
def test_the_input_is_never_overwritten_unasked(
    program: Program, tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "in.jpg", tmp_path / "link.jpg"
    source.write_bytes(SCENE.read_bytes())
    monkeypatch.chdir(tmp_path)
    if way == "symlink":
        target.symlink_to(source)
    elif way == "hardlink":
        os.link(source, target)
    output = {"same": str(source), "relative": "./in.jpg"}.get(way, str(target))
    done = program("apply", source, output, "-k", "blur5")
    assert done.exit_code == 1
    assert "input itself" in done.stderr
    assert source.read_bytes() == SCENE.read_bytes()
    assert program("apply", source, output, "-k", "blur5", "--force").exit_code == 0
    written = target if way == "hardlink" else source
    assert written.read_bytes() != SCENE.read_bytes()


MISTAKES = [
    (["{in}", "{out}", "-k", "blurr5"], 2, "blur5"),
    (["{in}", "{out}"], 2, "no kernel"),
    (["{in}"], 2, "OUTPUT"),
    (["{in}", "{out}", "-k", "blur5", "--kernl", "x"], 2, "--kernel"),
    (["{in}", "{out}", "-k", "[[1,2],[3]]"], 2, "first one 2"),
    (["{in}", "{out}", "-k", "gone.yaml"], 2, "No such file"),
    (["{in}", "{out}", "-k", "blur5", "--border", "reflect"], 2, "mirror"),
    (["{in}", "{out}", "-k", "blur5", "--divisor", "x"], 2, "not a number"),
    (["{in}", "{out}", "-k", "blur5", "--divisor", "0"], 2, "divisor is 0"),
    (["{in}", "{out}", "-k", "sobel-x", "--normalize"], 2, "sum to 0"),
    (["{in}", "{out}", "-k", "blur5", "--normalize", "--divisor", "2"], 2, "exclude"),
    (["{in}", "{out}", "-k", "blur5", "--stride", "0"], 2, "stride"),
    (["{in}", "{out}", "-k", "blur5", "--stride", "a,b"], 2, "whole number"),
    (["{in}", "{out}", "-k", "blur5", "--background", "reed"], 2, "red"),
    (["{in}", "{out}", "-k", "blur5", "-f", "jpegg"], 2, "jpeg"),
    (["{in}", "{out}", "-k", "blur5", "--kernel-path", "/no/folder"], 2, "/no/folder"),
    (["{square}", "{out}", "-k", "[[1,1,1,1,1,1,1,1,1,1,1,1]]", "--padding", "valid"], 2, "12×1"),
    (["{in}", "-", "-k", "blur5", "--json"], 2, "exclude"),
    (["{in}", "{out}", "-k", "blur5", "--mix", "1.5"], 2, "between 0 and 1"),
    (["{in}", "{out}", "-k", "blur5", "--mix", "half"], 2, "not a number"),
    (["{in}", "{out}", "-k", "blur5", "--channels", "reed"], 2, "red"),
    (["{in}", "{out}", "-k", "blur5", "--channels", ""], 2, "no channel"),
    (["{in}", "{out}", "-k", "blur5", "--channels", "luma,r"], 2, "exclude"),
    (["{in}", "{out}", "-k", "blur5", "--channels", "c"], 2, "r,g,b"),
    (["{in}", "{out}", "-k", "blur5", "--channels", "alpha"], 2, "r,g,b"),
    (["{ramp}", "{out}", "-k", "blur5", "--channels", "r"], 2, "gray"),
    (["{inks}", "{dir}/out.tif", "-k", "blur5", "--channels", "luma"], 2, "c,m,y,k"),
    (["{inks}", "{dir}/out.tif", "-k", "blur5", "--linear"], 2, "ink"),
    (["{disc}", "{out}", "-k", "blur5", "--channels", "alpha", "--alpha", "keep"], 2, "one of"),
    (["{in}", "{out}", "-k", "{gray}", "--mix", "0.5"], 2, "--mix"),
    (["{in}", "{out}", "-k", "{gray}", "--channels", "luma"], 2, "mixes 3 channels"),
    (["{disc}", "{out}", "-k", "{gray}", "--channels", "r,g,b"], 2, "1 channels of 3"),
    (["{in}", "{out}", "-k", "blur5", "--fail-on-clip", "101"], 2, "0 to 100"),
    (["{in}", "{out}", "-k", "sobel-x", "--fail-on-clip", "1"], 1, "allows 1%"),
    (["{in}", "-", "-k", "sobel-x", "--fail-on-clip", "0.5"], 1, "larger --divisor"),
    (["{in}", "-", "-k", "laplacian4", "--fail-on-clip", "0.5", "--range", "clip"], 1, "abs"),
    (["{dir}/missing.jpg", "{out}", "-k", "blur5"], 1, "does not exist"),
    (["{dir}/no/missing.jpg", "{out}", "-k", "blur5"], 1, "folder"),
    (["{dir}", "{out}", "-k", "blur5"], 1, "convfilter batch"),
    (["{in}", "{dir}/no/out.png", "-k", "blur5"], 1, "folder"),
    (["{in}", "{dir}/out", "-k", "blur5"], 1, "no suffix"),
    (["{in}", "{dir}", "-k", "blur5"], 1, "it is a folder"),
    (["{in}", "{dir}/out.xyz", "-k", "blur5"], 1, ".xyz"),
    (["{disc}", "{dir}/out.jpg", "-k", "blur5"], 1, "--background"),
    (["{ramp}", "{dir}/out.jpg", "-k", "blur5"], 1, "--allow-depth-loss"),
    (["{cut}", "{out}", "-k", "blur5"], 1, "cut off"),
    (["{text}", "{out}", "-k", "blur5"], 1, "not a picture"),
]


@pytest.mark.parametrize(("arguments", "code", "word"), MISTAKES, ids=lambda value: str(value)[:60])
def test_a_mistake_gets_one_message_the_right_code_and_leaves_nothing(
    program: Program, tmp_path: Path, arguments: list[str], code: int, word: str
) -> None:
    (tmp_path / "cut.jpg").write_bytes(SCENE.read_bytes()[:20000])
    (tmp_path / "text.png").write_text("no picture\n")
    Image.new("CMYK", (8, 8)).save(tmp_path / "inks.tif")
    np.save(tmp_path / "gray.npy", np.full((1, 1, 3, 1), 1 / 3))
    places = {
        "in": SCENE,
        "out": tmp_path / "out.png",
        "dir": tmp_path,
        "disc": SAMPLES / "disc.png",
        "ramp": SAMPLES / "ramp16.png",
        "square": SAMPLES / "square-10x10.png",
        "cut": tmp_path / "cut.jpg",
        "text": tmp_path / "text.png",
        "inks": tmp_path / "inks.tif",
        "gray": tmp_path / "gray.npy",
    }
    before = sorted(tmp_path.iterdir())
    given = [argument.format(**places) for argument in arguments]
    done = program("apply", *given)
    assert done.exit_code == code, done.stderr
    lines = done.stderr.splitlines()
    assert 1 <= len(lines) <= 3
    assert lines[0].startswith("error: ")
    assert all(line.startswith(("cause: ", "hint: ")) for line in lines[1:])
    assert word in done.stderr
    assert done.stdout == ""
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_named(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    done = program("apply", SCENE, folder / "out.png", "-k", "blur5")
    assert done.exit_code == 1
    assert "permission" in done.stderr


def test_a_full_disk_is_one_message(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = program("apply", SCENE, tmp_path / "out.png", "-k", "blur5")
    assert done.exit_code == 1
    assert "No space left" in done.stderr
    assert not list(tmp_path.iterdir())


def test_clipping_is_told_and_may_be_forbidden(program: Program, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    call = ["apply", SCENE, out, "-k", "sobel-x", "--force"]
    told = program(*call, "-v", "--range", "clip")
    assert told.exit_code == 0
    assert "hint: " in told.stderr
    assert "clipped " in told.stderr
    share = json.loads(program(*call, "--json").stdout)["clipped_share"]
    assert 0.01 < share < 0.5
    before = out.read_bytes()
    refused = program(*call, "--fail-on-clip", "1", "--json")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert f"{share:.2%}" in refused.stderr
    assert out.read_bytes() == before
    assert program(*call, "--fail-on-clip", f"{100 * share + 0.01:.4f}").exit_code == 0
    assert program(*call, "--range", "stretch", "--fail-on-clip", "0").exit_code == 0


def test_exactly_as_much_clipping_as_allowed_is_allowed(program: Program, tmp_path: Path) -> None:
    samples = np.zeros((10, 10), np.uint8)
    samples[:3, 0] = 255
    Image.fromarray(samples).save(tmp_path / "in.png")
    call = ["apply", tmp_path / "in.png", tmp_path / "out.png", "-k", "[[2]]"]
    assert program(*call, "--fail-on-clip", "2.99").exit_code == 1
    assert not (tmp_path / "out.png").exists()
    assert program(*call, "--fail-on-clip", "3").exit_code == 0


def test_background_and_quality(program: Program, tmp_path: Path) -> None:
    disc = SAMPLES / "disc.png"
    done = program(
        "apply", disc, tmp_path / "o.jpg", "-k", "blur5", "--background", "white", "--quality", "80"
    )
    assert done.exit_code == 0
    assert open_picture(tmp_path / "o.jpg").array[0, 0].min() > 250


def test_options_may_stand_anywhere_and_come_from_the_environment(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = program("apply", "--border", "wrap", SCENE, "-k", "blur5", tmp_path / "a.png", "--json")
    assert done.exit_code == 0
    monkeypatch.setenv("CONVFILTER_APPLY_FORMAT", "bmp")
    environment = shell("apply", SCENE, tmp_path / "b.png", "-k", "blur5")
    assert environment.returncode == 0
    assert (tmp_path / "b.png").read_bytes().startswith(b"BM")


def test_names_cannot_forge_messages(program: Program, tmp_path: Path) -> None:
    done = program("apply", f"{tmp_path}/a\nerror: b\x1b[2J", tmp_path / "o.png", "-k", "blur5")
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) <= 3
    assert "\x1b" not in done.stderr


def test_names_that_are_not_utf_8_are_read_and_written(tmp_path: Path) -> None:
    source = os.fsencode(tmp_path) + b"/\xff\xfe.jpg"
    Path(os.fsdecode(source)).write_bytes(SCENE.read_bytes())
    target = os.fsencode(tmp_path) + b"/out\xff.png"
    done = subprocess.run(
        [sys.executable, "-m", "convfilter", "apply", source, target, "-k", "blur5", "--json"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["mode"] == "RGB"


def test_a_traceback_only_with_debug(program: Program, tmp_path: Path) -> None:
    assert (
        "Traceback" not in program("apply", tmp_path / "x", tmp_path / "y.png", "-k", "edge").stderr
    )
    for arguments in (["--debug", "apply"], ["apply", "--debug"]):
        done = program(*arguments, tmp_path / "x", tmp_path / "y.png", "-k", "edge")
        assert "Traceback" in done.stderr
        assert done.exit_code == 1


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_it_with_their_code_and_leave_nothing(
    tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    script = (
        "import os, signal, convfilter.job\n"
        f"convfilter.job.plan_filtering = lambda *a, **k: os.kill(os.getpid(), {int(sent)})\n"
        "from convfilter.cli.main import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "apply", str(SCENE), str(tmp_path / "o.png"), "-k", "blur5"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


class TestTheCorpus:
    def test_orientation_is_applied_and_reset(
        self, program: Program, corpus: Path, tmp_path: Path
    ) -> None:
        for path in sorted((corpus / "orientation").glob("*.jpg")):
            target = tmp_path / path.name
            assert program("apply", path, target, "-k", "blur3").exit_code == 0
            with Image.open(target) as image:
                assert image.getexif().get(0x0112, 1) == 1
                assert (image.width > image.height) == path.name.startswith("Landscape")

    def test_the_png_suite_is_filtered_or_refused(
        self, program: Program, corpus: Path, tmp_path: Path
    ) -> None:
        for path in sorted((corpus / "pngsuite/png").glob("*.png")):
            target = tmp_path / path.name
            done = program("apply", path, target, "-k", "blur3")
            assert "Traceback" not in done.output
            if done.exit_code == 0:
                assert not path.name.startswith("x")
                assert open_picture(target)
            else:
                assert done.exit_code == 1
                assert path.name.startswith("x") or "--allow-depth-loss" in done.stderr
                assert not target.exists()
        assert not list(tmp_path.glob(".*"))


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_permissions_are_kept_and_times_where_asked_for(program: Program, tmp_path: Path) -> None:
    source = tmp_path / "in.jpg"
    source.write_bytes(SCENE.read_bytes())
    source.chmod(0o600)
    os.utime(source, ns=(10**18, 10**18))
    for name, options in (("now.jpg", []), ("then.jpg", ["--keep-times"])):
        assert program("apply", source, tmp_path / name, "-k", "blur3", *options).exit_code == 0
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert (tmp_path / "now.jpg").stat().st_mtime_ns != 10**18
    assert (tmp_path / "then.jpg").stat().st_mtime_ns == 10**18


class TestFrames:
    @pytest.fixture
    def animation(self, tmp_path: Path) -> Path:
        path = tmp_path / "in.gif"
        path.write_bytes(encoded(shapes(), "gif", duration=DURATIONS, loop=3))
        return path

    @pytest.mark.parametrize("source", ["file", "pipe"])
    def test_all_are_filtered_unless_one_is_asked_for(
        self, program: Program, animation: Path, source: str
    ) -> None:
        stdin = animation.read_bytes() if source == "pipe" else None
        done = program("apply", "-" if stdin else animation, "-", "-k", "[[1/2]]", stdin=stdin)
        assert done.exit_code == 0, done.stderr
        assert timing(done.stdout_bytes) == (DURATIONS, 3)
        for half, frame in zip(
            shown(done.stdout_bytes), shown(animation.read_bytes()), strict=True
        ):
            np.testing.assert_array_equal(half[..., :3], (frame[..., :3].astype(int) + 1) // 2)

    @pytest.mark.parametrize(("asked", "number"), [("first", 0), ("0", 0), ("7", 7)])
    def test_one_becomes_a_picture(
        self, program: Program, animation: Path, asked: str, number: int
    ) -> None:
        out = animation.with_suffix(".png")
        done = program("apply", animation, out, "-k", "identity", "--frames", asked)
        assert done.exit_code == 0, done.stderr
        expected = shown(animation.read_bytes())[number]
        np.testing.assert_array_equal(open_picture(out).array, expected[..., :3])

    @pytest.mark.parametrize(
        ("asked", "code", "hint"), [("12", 1, "--frames 11"), ("-1", 2, ""), ("last", 2, "")]
    )
    def test_a_frame_that_cannot_be_is_refused(
        self, program: Program, animation: Path, asked: str, code: int, hint: str
    ) -> None:
        done = program("apply", animation, "-", "-k", "blur3", "--frames", asked)
        assert done.exit_code == code
        assert hint in done.stderr

    def test_a_format_of_one_picture_is_refused_before_any_work(
        self, program: Program, animation: Path
    ) -> None:
        done = program("apply", animation, animation.with_suffix(".jpg"), "-k", "blur3")
        assert done.exit_code == 1
        assert "--frames first" in done.stderr
        assert [path.name for path in animation.parent.iterdir()] == ["in.gif"]

    def test_json_counts_frames_and_the_clipped_samples_of_all(
        self, program: Program, animation: Path
    ) -> None:
        out = animation.with_suffix(".png")
        done = program("apply", animation, out, "-k", "[[9]]", "--json")
        told = json.loads(done.stdout)
        clipped = sum(int((frame[..., :3] > 28).sum()) for frame in shown(animation.read_bytes()))
        assert (told["frames"], told["clipped"]) == (COUNT, clipped)
