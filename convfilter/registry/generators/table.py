"""The table of generators: what each is called, what it takes, where its numbers are from.

Importing it takes no NumPy: each function is imported when a kernel is made.
"""

from dataclasses import replace
from fractions import Fraction

from convfilter.registry.generators.generator import (
    LARGEST_SIZE,
    Generator,
    angle,
    choice,
    length,
    real,
    sigma,
    size,
    whole,
)
from convfilter.registry.generators.parameter import Parameter

TENTH = Fraction(1, 10)

COVERING = size("size", "rows and columns", odd=True, otherwise="covers all but 0.01 % of the mass")
ZERO_SUM_COVERING = replace(COVERING, lowest=3)
SCALE = real("scale", "how many times smaller the picture is to become", 1, 500, default=2)
AXIS = choice("axis", "x along rows, y along columns", ("x", "y"), default="x")
VECTORS = ("l5", "e5", "s5", "w5", "r5")

RESIZING = (
    "Takes out what a picture cannot hold once it is made smaller; --stride with the same "
    "number then keeps every n-th pixel. Sampled at distances divided by the scale, and "
    "normalised to sum to 1."
)
GONZALEZ = "Gonzalez and Woods, Digital Image Processing, 4th edition, 2018"
MARR = (
    "Marr and Hildreth, Theory of Edge Detection, Proceedings of the Royal Society of London B "
    "207, 1980"
)

LONG_NAMES = {
    "laplacian-of-gaussian": "log",
    "difference-of-gaussians": "dog",
    "savitzky-golay": "savgol",
}
"""What some generators may be called as well."""

GENERATORS: dict[str, Generator] = {
    generator.name: generator
    for generator in (
        Generator(
            "box",
            "Box blur",
            "smoothing",
            (
                size("size", "columns, and rows unless they are stated"),
                size("rows", "rows", otherwise="as the size"),
            ),
            "box:size=15",
            "The plain mean of the pixels in a rectangle.",
            ("blur", "smoothing"),
            f"{GONZALEZ}, section 3.5, box filter kernels.",
        ),
        Generator(
            "gaussian",
            "Gaussian blur",
            "smoothing",
            (
                sigma(otherwise="the widest that the size covers; one of them is needed"),
                COVERING,
                choice(
                    "order",
                    "0 blurs, 1 and 2 differentiate the blurred picture",
                    ("0", "1", "2"),
                    default="0",
                ),
                choice("axis", "direction of the derivative", ("x", "y"), default="x"),
            ),
            "gaussian:sigma=2.5",
            "Samples of a Gaussian, or of a derivative of it.",
            ("blur", "gaussian", "smoothing"),
            f"{MARR}, for the Gaussian and its derivatives.",
        ),
        Generator(
            "binomial",
            "Binomial blur",
            "smoothing",
            (
                whole(
                    "n",
                    "row of Pascal's triangle; an odd one shifts the picture by half a pixel",
                    1,
                    1000,
                ),
            ),
            "binomial:n=4",
            "Row n of Pascal's triangle times itself, the integers' own Gaussian.",
            ("blur", "gaussian", "smoothing"),
            "Burt, Fast Filter Transforms for Image Processing, Computer Graphics and Image "
            "Processing 16, 1981.",
        ),
        Generator(
            "disk",
            "Disk, lens blur",
            "smoothing",
            (length("radius", "radius of the disk", TENTH, 1000),),
            "disk:radius=6.5",
            "What a lens out of focus makes of a point, its rim as smooth as pixels allow.",
            ("blur", "lens"),
            "Potmesil and Chakravarty, Synthetic Image Generation with a Lens and Aperture "
            "Camera Model, ACM Transactions on Graphics 1, 1982, the circle of confusion.",
        ),
        Generator(
            "ring",
            "Ring",
            "smoothing",
            (
                length("radius", "from the middle to the middle of the line", Fraction(1, 2), 950),
                length("width", "of the line", TENTH, 100, default=1),
            ),
            "ring:radius=6,width=2",
            "What a mirror lens out of focus makes of a point.",
            ("blur", "lens"),
            "The area of an annulus in each pixel, as for the circle of confusion of Potmesil "
            "and Chakravarty, ACM Transactions on Graphics 1, 1982.",
        ),
        Generator(
            "motion",
            "Motion blur",
            "motion",
            (
                length(
                    "length",
                    "of the path; on a diagonal it becomes an odd number of pixels",
                    1,
                    LARGEST_SIZE,
                ),
                angle("angle", "of the path, counter-clockwise from the right"),
            ),
            "motion:length=15,angle=30",
            "As if the camera had moved steadily along a line.",
            ("blur", "directional", "motion"),
            "Sondhi, Image Restoration: The Removal of Spatially Invariant Degradations, "
            "Proceedings of the IEEE 60, 1972, uniform motion.",
        ),
        Generator(
            "comet",
            "Comet, motion blur that fades",
            "motion",
            (
                sigma(summary="length of the tail, as the deviation of a whole Gaussian"),
                angle("angle", "where tails of bright points point, counter-clockwise from right"),
            ),
            "comet:sigma=5,angle=45",
            "Half a Gaussian along a line, with the origin where it begins.",
            ("blur", "directional", "motion"),
            "The shape is that of the Comet kernel in the ImageMagick examples, Convolution of "
            "Images; here integrated along the line in each pixel.",
        ),
        Generator(
            "log",
            "Laplacian of Gaussian",
            "derivative",
            (sigma(), ZERO_SUM_COVERING),
            "log:sigma=1.4",
            "Spots and edges of one scale. Positive in the middle, as the built-in Laplacians, "
            "so bright spots count positive; times sigma², so that spots of all sizes count alike.",
            ("edges", "laplacian", "scale-space"),
            f"{MARR}; times sigma² as in Lindeberg, Feature Detection with Automatic Scale "
            "Selection, International Journal of Computer Vision 30, 1998.",
            "abs",
        ),
        Generator(
            "dog",
            "Difference of Gaussians",
            "derivative",
            (
                sigma("sigma1", summary="of the narrow Gaussian"),
                sigma("sigma2", summary="of the wide Gaussian", otherwise="1.6 times sigma1"),
                ZERO_SUM_COVERING,
            ),
            "dog:sigma1=1,sigma2=1.6",
            "What one blur leaves and a wider one takes away: a band of scales.",
            ("edges", "scale-space"),
            f"{MARR}, with the ratio 1.6.",
            "abs",
        ),
        Generator(
            "unsharp",
            "Unsharp mask",
            "sharpening",
            (
                sigma(summary="of the blur that is taken away"),
                real("amount", "of sharpening", 0, 100, default=1),
                COVERING,
            ),
            "unsharp:sigma=1.5,amount=0.8",
            "The picture plus so many times its difference from its Gaussian blur. There is no "
            "threshold: that would be no convolution.",
            ("sharpening",),
            f"{GONZALEZ}, section 3.6, unsharp masking and highboost filtering.",
        ),
        Generator(
            "high-boost",
            "High boost",
            "sharpening",
            (
                real(
                    "A",
                    "how many times the picture; 1 leaves details alone, 2 keeps brightness",
                    1,
                    100,
                ),
                size("size", "of the mean that is taken away", 3, odd=True, default=3),
            ),
            "high-boost:A=2",
            "A times the picture less its mean over a square.",
            ("sharpening",),
            "Gonzalez and Woods, Digital Image Processing, 1992, high-boost filtering.",
        ),
        Generator(
            "gabor",
            "Gabor filter",
            "texture",
            (
                sigma(summary="of the Gaussian along the wave"),
                angle("theta", "direction of the wave, counter-clockwise from the right"),
                length(
                    "wavelength",
                    "from crest to crest",
                    2,
                    LARGEST_SIZE,
                    otherwise="sigma / 0.56 for a band of one octave, but no less than 2",
                ),
                real(
                    "gamma",
                    "width of the Gaussian along the wave, divided by that across it",
                    TENTH,
                    10,
                    default=1,
                ),
                angle("psi", "phase in the middle: 0 for lines, 90 for edges"),
                ZERO_SUM_COVERING,
            ),
            "gabor:sigma=4,theta=45,wavelength=8",
            "Stripes of one width and direction. The mean is taken out, so that the weights "
            "sum to 0, and they are scaled so that the positive ones sum to 1.",
            ("directional", "texture"),
            "Daugman, Uncertainty Relation for Resolution in Space, Spatial Frequency, and "
            "Orientation Optimized by Two-Dimensional Visual Cortical Filters, Journal of the "
            "Optical Society of America A 2, 1985.",
            "abs",
        ),
        Generator(
            "savgol",
            "Savitzky-Golay",
            "derivative",
            (
                size("window", "values that are fitted", odd=True),
                whole("order", "of the polynomial", 0, 20),
                whole(
                    "derivative",
                    "0 smooths, others differentiate; in levels a pixel, a squared pixel …",
                    0,
                    20,
                    default=0,
                ),
                AXIS,
            ),
            "savgol:window=7,order=2",
            "Fits a polynomial to a window of values, and takes its value or a derivative of "
            "it in the middle: peaks keep their height and width. For rows or columns alone.",
            ("smoothing",),
            "Savitzky and Golay, Smoothing and Differentiation of Data by Simplified Least "
            "Squares Procedures, Analytical Chemistry 36, 1964.",
        ),
        Generator(
            "lanczos",
            "Lanczos low-pass",
            "interpolation",
            (
                whole("a", "lobes to either side", 1, 10, default=3),
                SCALE,
            ),
            "lanczos:a=3,scale=2",
            RESIZING,
            ("interpolation", "smoothing"),
            "Duchon, Lanczos Filtering in One and Two Dimensions, Journal of Applied "
            "Meteorology 18, 1979.",
        ),
        Generator(
            "mitchell",
            "Mitchell-Netravali low-pass",
            "interpolation",
            (SCALE,),
            "mitchell:scale=2",
            RESIZING,
            ("interpolation", "smoothing"),
            "Mitchell and Netravali, Reconstruction Filters in Computer Graphics, Computer "
            "Graphics 22 (SIGGRAPH), 1988, B = C = 1/3.",
        ),
        Generator(
            "catmull-rom",
            "Catmull-Rom low-pass",
            "interpolation",
            (SCALE,),
            "catmull-rom:scale=2",
            RESIZING,
            ("interpolation", "smoothing"),
            "Catmull and Rom, A Class of Local Interpolating Splines, Computer Aided Geometric "
            "Design, Academic Press, 1974.",
        ),
        Generator(
            "b-spline",
            "Cubic B-spline low-pass",
            "interpolation",
            (SCALE,),
            "b-spline:scale=2",
            RESIZING,
            ("interpolation", "smoothing"),
            "Hou and Andrews, Cubic Splines for Image Interpolation and Digital Filtering, "
            "IEEE Transactions on Acoustics, Speech, and Signal Processing 26, 1978.",
        ),
        Generator(
            "laws",
            "Laws' texture measures",
            "texture",
            (
                choice("column", "from top to bottom", VECTORS),
                choice("row", "from left to right", VECTORS),
            ),
            "laws:column=l5,row=e5",
            "Level, edge, spot, wave and ripple, one by the other. Divided so that no response "
            "leaves the scale; --divisor 1 gives the published numbers.",
            ("texture",),
            "Laws, Textured Image Segmentation, University of Southern California, Image "
            "Processing Institute report 940, 1980.",
        ),
        Generator(
            "rotated",
            "A kernel turned",
            "rotation",
            (
                Parameter("kernel", "kernel", "what is turned"),
                angle("angle", "a multiple of 45 degrees, counter-clockwise", None),
            ),
            "rotated:kernel=sobel-x,angle=45",
            "Any kernel by multiples of 90 degrees; one of 3 × 3 cells by 45 too, where the "
            "cells around the middle move one place further.",
            ("directional",),
            "Robinson, Edge Detection by Compass Gradient Masks, Computer Graphics and Image "
            "Processing 6, 1977.",
        ),
    )
}
"""The generators by name: smoothing first, then edges, sharpening, texture, and the rest."""
