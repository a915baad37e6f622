"""One file of a batch, done: whatever comes of it is a reply, and nothing is raised.

The engine is imported where the work is done; who hands it out does without.
"""

import os
import time
from dataclasses import asdict, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from convfilter.atomic import Attributes, Unsettled, settling_postponed
from convfilter.batch.targets import Task
from convfilter.digest import changes, digest
from convfilter.errors import ConvfilterError
from convfilter.frozen import frozen
from convfilter.options import FilterOptions
from convfilter.parts import Piece
from convfilter.pictures.read_options import ReadOptions
from convfilter.pictures.write_options import WriteOptions
from convfilter.recipe import Filter

if TYPE_CHECKING:
    from convfilter.job import Job

Reply = dict[str, Any]
"""What came of a task, as JSON can hold it."""

NOT_IN_THE_RESULT = frozenset({"workers", "overwrite", "accept_same"})
"""Options that change how the work is done, and not what is written."""


@frozen
class Treatment:
    """What is done to every file of a batch; it travels to the workers once.

    Parameters
    ----------
    kernels, filtering, reading, writing, skip_existing
        As in `Job`.
    """

    kernels: tuple[Filter, ...]
    filtering: FilterOptions = field(default_factory=FilterOptions)
    reading: ReadOptions = field(default_factory=ReadOptions)
    writing: WriteOptions = field(default_factory=WriteOptions)
    skip_existing: bool = False

    def __post_init__(self) -> None:
        # The files are the parallelism: the worker's own thread, unless more are asked for.
        workers = self.filtering.workers or 1
        object.__setattr__(self, "filtering", replace(self.filtering, workers=workers))

    @property
    def names(self) -> list[str]:
        """What the kernels are called."""
        return [kernel.label for kernel in self.kernels]

    @cached_property
    def kernel_hash(self) -> str:
        """A hash of the kernels, in their order."""
        return digest(self.kernels)

    @cached_property
    def options(self) -> dict[str, Any]:
        """What is not at its default of what changes the result."""
        parts = (self.filtering, self.reading, self.writing)
        return {
            name: value
            for part in parts
            for name, value in changes(part, NOT_IN_THE_RESULT).items()
        }

    def job(self, task: Task) -> "Job":
        """Return the job of one file."""
        from convfilter.job import Job

        writing = replace(
            self.writing,
            overwrite=task.existing == "replace",
            accept_same=task.existing == "compare",
        )
        return Job(
            task.input,
            task.output,
            self.kernels,
            self.filtering,
            self.reading,
            writing,
            self.skip_existing,
            share=task.share,
        )


def perform(treatment: Treatment, task: Task) -> Reply:
    """Do a task, but for putting its result in its place, which `settle` does.

    A reply has a ``status`` of ``written``, ``skipped`` or ``failed``; what `Outcome.to_json`
    tells; and an ``error`` with what, cause and hint. A defect has a ``traceback``, and
    after one for which the process is no good any more, ``spent`` is true. Where several do the
    task, ``shared`` answers an `Offer`, and ``made`` has a `Part` as ``part``. What is
    ``unsettled`` is the result's temporary file.
    """
    began = time.perf_counter()
    reply = _attempt(treatment, task)
    return {"seconds": round(time.perf_counter() - began, 6)} | reply


def settle(reply: Reply) -> Reply:
    """Put the result of a task in its place, if it has one; return the reply that is left."""
    if "unsettled" not in reply:
        return reply
    given = reply.pop("unsettled")
    try:
        unsettled_of(given).settle()
    except ConvfilterError as error:
        return {"seconds": reply["seconds"]} | failure(error)
    return reply


def unsettled_of(given: dict[str, Any]) -> Unsettled:
    """Return a temporary file as a reply tells of it."""
    stated = given["attributes"]
    attributes = stated and Attributes(stated["mode"], stated["times"] and tuple(stated["times"]))
    return Unsettled(**given | {"attributes": attributes})


def _attempt(treatment: Treatment, task: Task) -> Reply:
    from convfilter.job import run_job, run_piece

    try:
        if isinstance(task.share, Piece):
            return {"status": "made", "part": asdict(run_piece(treatment.job(task), task.share))}
        with settling_postponed(os.getppid()) as unsettled:
            told = run_job(treatment.job(task)).to_json()
        if unsettled:
            told["unsettled"] = asdict(unsettled[0])
            told["output_bytes"] = os.stat(unsettled[0].temporary).st_size
    except ConvfilterError as error:
        return failure(error)
    except MemoryError:
        few = "try fewer at a time with -j"
        short = ConvfilterError(f"{task.input} could not be filtered", "memory ran out", few)
        return failure(short) | {"spent": True}
    except Exception as error:
        import traceback

        what = f"unexpected {type(error).__name__} with {task.input}"
        hint = "this is a defect of convfilter; --debug shows where"
        shown = {"traceback": traceback.format_exc()}
        return failure(ConvfilterError(what, str(error)[:200], hint)) | shown
    return told


def failure(error: ConvfilterError) -> Reply:
    """Return the reply that tells of an error."""
    told = {"what": error.what, "cause": error.cause, "hint": error.hint}
    return {"status": "failed", "error": told}
