"""What values of options look like, where Click has no type for them."""

import re
from typing import Any

import click

from convfilter.number import Number, parse_number


class NumberType(click.ParamType[Number]):
    """An exact number: 3, -0.5, 1e-3, 1/9."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Number:
        """Read the number, or fail with the reason."""
        try:
            return parse_number(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(f"{value!r} is not a number: {error}", param, ctx)


class PairType(click.ParamType[tuple[int, int]]):
    """One whole number for both directions, or ROWS,COLUMNS."""

    name = "n or rows,columns"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Read the pair, or fail with the reason."""
        if isinstance(value, tuple):
            return value
        try:
            parts = [int(part) for part in str(value).split(",")]
            rows, columns = parts * 2 if len(parts) == 1 else parts
        except ValueError:
            self.fail(f"{value!r} is not a whole number or ROWS,COLUMNS", param, ctx)
        return rows, columns


class FramesType(click.ParamType[int | None]):
    """``all``, ``first``, or the number of a frame, counted from 0; None is all."""

    name = "all|first|N"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | None:
        """Read the number, or fail with the reason."""
        if value in ("all", "first"):
            return None if value == "all" else 0
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            self.fail(f"{value!r} is neither all nor first nor a number from 0", param, ctx)
        return int(text)


class PointType(click.ParamType[tuple[int, int]]):
    """X,Y in pixels, from the upper left corner; handed on as row and column."""

    name = "x,y"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Read the point, or fail with the reason."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"\s*(-?\d{1,9})\s*,\s*(-?\d{1,9})\s*", value, re.ASCII)
        if match is None:
            self.fail(f"{value!r} is not X,Y, as in 10,20", param, ctx)
        return int(match[2]), int(match[1])


class SizeType(click.ParamType[tuple[int, int, int | None]]):
    """WIDTHxHEIGHT or WIDTHxHEIGHTxCHANNELS; handed on as height, width, channels."""

    name = "widthxheight"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int, int | None]:
        """Read the size, or fail with the reason."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"([1-9]\d{0,8})x([1-9]\d{0,8})(?:x([1-4]))?", value, re.ASCII)
        if match is None:
            self.fail(f"{value!r} is not WIDTHxHEIGHT, as in 6000x4000 or 640x480x1", param, ctx)
        return int(match[2]), int(match[1]), int(match[3]) if match[3] else None
