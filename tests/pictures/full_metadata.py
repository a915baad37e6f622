"""Metadata of every kind."""

from PIL import Image

from convfilter.picture import Metadata

EXIF = Image.Exif()
EXIF[0x010E] = "Description"
EXIF[0x010F] = "Maker"
EXIF[0x0112] = 1
EXIF[0x0132] = "2020:01:02 03:04:05"
EXIF[0x4746] = 4
EXIF[0x9C9C] = b"c\0o\0"
EXIF.get_ifd(0x8769)[0x9003] = "2020:01:02 03:04:06"
EXIF.get_ifd(0x8769)[0x829A] = 0.01
EXIF.get_ifd(0x8825)[1] = "N"
EXIF.get_ifd(0x8825)[2] = (1.0, 2.0, 3.5)
FULL = Metadata(
    exif=EXIF.tobytes(),
    icc=bytes(range(256)) * 3,
    xmp=b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>\xc3\xa9</a></x:xmpmeta>',
    dpi=(300.0, 150.0),
)
