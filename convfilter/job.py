"""One file: read, filter, write safely, and say what came of it."""

import io
import os
import time
from contextlib import suppress
from dataclasses import field
from typing import TYPE_CHECKING, Any, BinaryIO

from convfilter.atomic import Attributes, check_target
from convfilter.engine.algorithms import load_all
from convfilter.errors import OutputError
from convfilter.filtering import Filtered, Filtering, plan_filtering
from convfilter.frames import Frames
from convfilter.frozen import frozen
from convfilter.number import format_number
from convfilter.options import FilterOptions
from convfilter.picture import Picture
from convfilter.pictures.decoding import DecodingAhead, decode_file
from convfilter.pictures.formats import (
    FORMATS,
    SIGNATURE_BYTES,
    Format,
    format_by_name,
    format_by_signature,
    format_by_suffix,
)
from convfilter.pictures.frame_writing import check_holds_several, save_frames, write_frames
from convfilter.pictures.frames import open_any, read_any
from convfilter.pictures.read_options import ReadOptions
from convfilter.pictures.write_options import WriteOptions
from convfilter.pictures.writing import (
    check_holds,
    encode_picture,
    is_written_in_bands,
    prepare_to_write,
)
from convfilter.recipe import Filter

if TYPE_CHECKING:
    from convfilter.parts import Part, Piece, Share

STANDARD_STREAM = "-"


@frozen
class Job:
    """What to do with one file.

    Parameters
    ----------
    input, output
        Paths; ``-`` is standard input or output.
    skip_existing
        Leave an output alone that is there already.
    dry_run
        Do all but filter and write.
    decoding
        The input, if it is being decoded already.
    keep_input
        Keep the input's pixels, to be looked at afterwards.
    share
        What to do of it, where several processes filter the picture.
    """

    input: str
    output: str
    kernels: tuple[Filter, ...]
    filtering: FilterOptions = field(default_factory=FilterOptions)
    reading: ReadOptions = field(default_factory=ReadOptions)
    writing: WriteOptions = field(default_factory=WriteOptions)
    skip_existing: bool = False
    dry_run: bool = False
    decoding: DecodingAhead | None = None
    keep_input: bool = False
    share: "Share | None" = None


@frozen
class Outcome:
    """What came of a job.

    Parameters
    ----------
    status
        ``written``, ``skipped``, ``planned``, ``looked``, or ``shared``: left to others.
    planned, filtered
        None if nothing was planned, or nothing filtered.
    notes
        What reading and writing could not keep, each a sentence.
    frames
        How many frames or pages; all of them are counted in ``filtered``.
    mode
        Layout and depth as they are written, of several pages those of the first.
    """

    job: Job
    status: str
    seconds: float
    planned: Filtering | None = None
    filtered: Filtered | None = None
    format: str | None = None
    notes: tuple[str, ...] = ()
    frames: int = 1
    mode: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        told: dict[str, Any] = {
            "input": self.job.input,
            "output": self.job.output,
            "status": self.status,
            "kernels": [kernel.label for kernel in self.job.kernels],
        }
        if self.planned is not None:
            plan = self.planned.plan
            told |= {
                "algorithm": plan.algorithm,
                "reason": plan.reason,
                "rejected": [
                    {"algorithm": other.algorithm, "reason": other.reason}
                    for step in plan.steps
                    for other in step.rejected
                ],
                "range": plan.finish.range,
                "width": plan.size[1],
                "height": plan.size[0],
                "mode": self.mode or self.planned.mode,
                "format": self.format,
                "frames": self.frames,
                "clipped": self.filtered.clipped if self.filtered else None,
                "clipped_share": self.filtered.clipped_share if self.filtered else None,
                "notes": list(self.notes),
                "hint": self.filtered.advice if self.filtered else None,
            }
        return told | {"seconds": round(self.seconds, 6)}


def run_job(job: Job, stdin: BinaryIO | None = None, stdout: BinaryIO | None = None) -> Outcome:
    """Do a job.

    Parameters
    ----------
    stdin, stdout
        The streams that ``-`` stands for.

    Raises
    ------
    ConvfilterError
        If any part of it fails; nothing is left behind then.
    """
    began = time.perf_counter()
    if job.output != STANDARD_STREAM:
        if job.skip_existing and os.path.exists(job.output):
            return Outcome(job, "skipped", time.perf_counter() - began)
        _check_output(job)
    source = _read(job, stdin)
    frames = source if isinstance(source, Frames) else Frames((source,), 1)
    first = frames.first
    entry = _format(job, first)
    check_holds_several(frames.count, entry)
    scratch = _scratch(job, entry)
    run = _Run(job, frames, first, scratch)
    mode = check_holds(run.planned.mode, run.planned.size, entry, job.writing)
    status = "planned" if job.dry_run else "written"
    if frames.count == 1 and scratch is not None and _is_left_to_others(job, run.planned):
        status = "shared"
    if status == "written":
        run.notes |= dict.fromkeys(_write(job, run.result(), entry, stdout))
    return Outcome(
        job,
        status,
        time.perf_counter() - began,
        run.planned,
        run.filtered,
        entry.name,
        tuple(run.notes),
        frames.count,
        mode,
    )


class _Run:
    """The frames of a job, filtered one at a time, and what came of all of them."""

    def __init__(self, job: Job, frames: Frames, first: Picture, scratch: str | None) -> None:
        self.first = first
        self.planned = plan_filtering(self.first, job.kernels, job.filtering)
        self.filtered: Filtered | None = None
        self.notes = dict.fromkeys(first.notes)
        self._job = job
        self._frames = frames
        self._scratch = scratch

    def result(self) -> Frames:
        return self._frames.map(self._filter)

    def _filter(self, picture: Picture) -> Picture:
        planned = self.planned
        if picture is not self.first:
            planned = plan_filtering(picture, self._job.kernels, self._job.filtering)
            self.notes |= dict.fromkeys(picture.notes)
        is_alone = self._frames.count == 1
        overwrite = is_alone and not self._job.keep_input
        joined = _joined(self._job, planned)
        filtered = joined or planned.run(self._scratch, overwrite=overwrite)
        self.filtered = filtered.with_earlier(self.filtered)
        _check_clipped(self._job, self.filtered)
        return filtered.picture


def _is_left_to_others(job: Job, planned: Filtering) -> bool:
    if job.share is None:
        return False
    # Few pictures are shared.
    from convfilter.parts import Offer
    from convfilter.sharing import is_worth_sharing

    return isinstance(job.share, Offer) and is_worth_sharing(planned, job.share)


def _joined(job: Job, planned: Filtering) -> Filtered | None:
    """Return what others have filtered, if they have."""
    if job.share is None:
        return None
    from convfilter.parts import Joined
    from convfilter.sharing import join_parts

    return join_parts(planned, job.share) if isinstance(job.share, Joined) else None


def run_piece(job: Job, piece: "Piece") -> "Part":
    """Make some rows of the result of a job, which was found to be worth sharing.

    Raises
    ------
    ConvfilterError
        If any part of it fails.
    """
    from convfilter.sharing import make_part

    source = _read(job, None)
    picture = source.first if isinstance(source, Frames) else source
    return make_part(plan_filtering(picture, job.kernels, job.filtering), piece)


def look(job: Job, stdin: BinaryIO | None = None) -> Outcome:
    """Read and filter, of an animation the first frame, and write nothing.

    Raises
    ------
    ConvfilterError
        If any part of it fails.
    """
    began = time.perf_counter()
    source = _read(job, stdin)
    picture = source.first if isinstance(source, Frames) else source
    planned = plan_filtering(picture, job.kernels, job.filtering)
    filtered = planned.run()
    seconds = time.perf_counter() - began
    return Outcome(job, "looked", seconds, planned, filtered, notes=picture.notes)


def _check_output(job: Job) -> None:
    if not job.writing.format:
        _format_by_suffix(job.output)  # an unknown one is told first
    same = os.path.exists(job.input) and os.path.exists(job.output)
    if same and os.path.samefile(job.input, job.output) and not job.writing.overwrite:
        raise OutputError(
            f"{job.output} is the input itself",
            "filtering would destroy the original",
            "name another output, or use --force",
        )
    check_target(job.output, job.writing.overwrite or job.writing.accept_same)


def _attributes(job: Job) -> Attributes | None:
    """Return what the output takes over from the file of the input, if there still is one."""
    with suppress(OSError):
        if job.input != STANDARD_STREAM:
            return Attributes.of(job.input, with_times=job.writing.keep_times)
    return None


def _check_clipped(job: Job, filtered: Filtered) -> None:
    limit = job.writing.fail_on_clip
    if limit is None or filtered.clipped * 100 <= limit * filtered.executed.samples:
        return
    name = "standard input" if job.input == STANDARD_STREAM else job.input
    negative = filtered.plan.finish.range == "clip"
    raise OutputError(
        f"{filtered.clipped_share:.2%} of the samples of {name} were clipped",
        f"--fail-on-clip allows {format_number(limit)}%",
        "--range abs or --range center keeps negative values, --range stretch keeps all"
        if negative
        else "a larger --divisor keeps more, --range stretch keeps all",
    )


def _read(job: Job, stdin: BinaryIO | None) -> Picture | Frames:
    if job.decoding is not None:
        # Meanwhile, what is needed afterwards.
        load_all()
        prepare_to_write()
        return open_any(job.decoding.result(), job.reading)
    if job.input != STANDARD_STREAM:
        return open_any(decode_file(job.input, job.reading), job.reading)
    assert stdin is not None  # noqa: S101 - callers that pass "-" pass the stream
    # The first bytes decide whether it is worth reading on.
    beginning = stdin.read(SIGNATURE_BYTES)
    more = stdin.read() if format_by_signature(beginning) else b""
    return read_any(beginning + more, "standard input", job.reading)


def _format(job: Job, picture: Picture) -> Format:
    if job.writing.format:
        return format_by_name(job.writing.format)
    if job.output != STANDARD_STREAM:
        return _format_by_suffix(job.output)
    return FORMATS[picture.encoding.format if picture.encoding else "png"]


def _format_by_suffix(path: str) -> Format:
    try:
        return format_by_suffix(path)
    except OutputError as error:
        if os.path.isdir(path) or path.endswith(("/", os.sep)):
            raise
        raise OutputError(error.what, error.cause, f"{error.hint}, or --format") from None


def _scratch(job: Job, entry: Format) -> str | None:
    """Return the folder for a large result, if the output can be written from there."""
    if job.output == STANDARD_STREAM or not is_written_in_bands(entry):
        return None
    return os.path.dirname(os.path.realpath(job.output))


def _write(job: Job, frames: Frames, entry: Format, stdout: BinaryIO | None) -> tuple[str, ...]:
    if job.output != STANDARD_STREAM:
        return save_frames(frames, job.output, job.writing, _attributes(job))
    assert stdout is not None  # noqa: S101 - callers that pass "-" pass the stream
    if frames.count == 1:
        data, notes = encode_picture(frames.first, entry, job.writing)
    else:
        stream = io.BytesIO()
        notes = write_frames(frames, entry, job.writing, stream)
        data = stream.getvalue()
    left = memoryview(data)
    while left:
        # A pipe may take less than it is given, and only then tell that it is closed.
        left = left[stdout.write(left) :]
        stdout.flush()
    return notes
