"""One file: read, filter, write safely, and say what came of it."""

import io
import os
import time
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from convfilter.atomic import check_target
from convfilter.engine.algorithms import load_all
from convfilter.errors import OutputError
from convfilter.filtering import Filtered, Filtering, plan_filtering
from convfilter.options import FilterOptions
from convfilter.picture import Picture
from convfilter.pictures.decoding import DecodingAhead, ReadOptions
from convfilter.pictures.formats import (
    FORMATS,
    SIGNATURE_BYTES,
    Format,
    format_by_name,
    format_by_signature,
)
from convfilter.pictures.reading import open_picture, read_decoded, read_picture
from convfilter.pictures.writing import (
    WriteOptions,
    check_holds,
    encode_picture,
    is_written_in_bands,
    output_format,
    save_picture,
)
from convfilter.recipe import Filter

STANDARD_STREAM = "-"


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Outcome:
    """What came of a job.

    Parameters
    ----------
    status
        ``written``, ``skipped`` or ``planned``.
    planned, filtered
        None if nothing was planned, or nothing filtered.
    notes
        What reading and writing could not keep, each a sentence.
    """

    job: Job
    status: str
    seconds: float
    planned: Filtering | None = None
    filtered: Filtered | None = None
    format: str | None = None
    notes: tuple[str, ...] = ()

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
                "range": plan.finish.range,
                "width": plan.size[1],
                "height": plan.size[0],
                "mode": self.planned.mode,
                "format": self.format,
                "clipped": self.filtered.clipped if self.filtered else None,
                "clipped_share": self.filtered.clipped_share if self.filtered else None,
                "notes": list(self.notes),
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
    picture = _read(job, stdin)
    entry = _format(job, picture)
    planned = plan_filtering(picture, job.kernels, job.filtering)
    check_holds(planned.mode, planned.size, entry, job.writing)
    filtered, notes = None, picture.notes
    if not job.dry_run:
        filtered = planned.run(_scratch(job, entry))
        notes += _write(job, filtered.picture, entry, stdout)
    status = "planned" if job.dry_run else "written"
    seconds = time.perf_counter() - began
    return Outcome(job, status, seconds, planned, filtered, entry.name, notes)


def _check_output(job: Job) -> None:
    if not job.writing.format:
        output_format(job.output, None)  # an unknown suffix is told first
    same = os.path.exists(job.input) and os.path.exists(job.output)
    if same and os.path.samefile(job.input, job.output) and not job.writing.overwrite:
        raise OutputError(
            f"{job.output} is the input itself",
            "filtering would destroy the original",
            "name another output, or use --force",
        )
    check_target(job.output, job.writing.overwrite)


def _read(job: Job, stdin: BinaryIO | None) -> Picture:
    if job.decoding is not None:
        load_all()  # meanwhile
        return read_decoded(job.decoding.result())
    if job.input != STANDARD_STREAM:
        return open_picture(job.input, job.reading)
    assert stdin is not None  # noqa: S101 - callers that pass "-" pass the stream
    # The first bytes decide whether it is worth reading on.
    beginning = stdin.read(SIGNATURE_BYTES)
    more = stdin.read() if format_by_signature(beginning) else b""
    return read_picture(io.BytesIO(beginning + more), "standard input", job.reading)


def _format(job: Job, picture: Picture) -> Format:
    if job.writing.format:
        return format_by_name(job.writing.format)
    if job.output != STANDARD_STREAM:
        return output_format(job.output, None)
    return FORMATS[picture.encoding.format if picture.encoding else "png"]


def _scratch(job: Job, entry: Format) -> str | None:
    """Return the folder for a large result, if the output can be written from there."""
    if job.output == STANDARD_STREAM or not is_written_in_bands(entry):
        return None
    return os.path.dirname(os.path.realpath(job.output))


def _write(job: Job, picture: Picture, entry: Format, stdout: BinaryIO | None) -> tuple[str, ...]:
    if job.output != STANDARD_STREAM:
        return save_picture(picture, job.output, job.writing)
    assert stdout is not None  # noqa: S101 - callers that pass "-" pass the stream
    data, notes = encode_picture(picture, entry, job.writing)
    left = memoryview(data)
    while left:
        # A pipe may take less than it is given, and only then tell that it is closed.
        left = left[stdout.write(left) :]
        stdout.flush()
    return notes
