"""Still pictures from files as patches: checked before they are decoded, turned, scaled, with their transparency."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from actors.renderer.adapters.patch import Patch, patch_of
from runtime.errors import Reject

__all__ = ["open_still", "still_patch"]

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
DAMAGED = (OSError, SyntaxError, ValueError, EOFError, struct.error)
"""What Pillow's decoders raise for damaged files."""
WIDE_RANGE = ("I;16", "I;16L", "I;16B", "I;16N", "I", "F")
"""Pillow's modes of 16-bit grey pictures, which it would clip instead of scale."""


def open_still(source: str, field: str, max_pixels: int, widest: int) -> Image.Image:
    """The picture (RGB or RGBA, as seen; of an animation the first). Raises `Reject`.

    `widest`: pixels that it is shown wide at most; a JPEG of many more is decoded smaller.
    """
    path = Path(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit is ours, and checked below
            image = Image.open(path, formats=FORMATS)
        with image:
            if image.width * image.height > max_pixels:
                raise _too_large(f"{image.width}x{image.height} pixels", path, field)
            image.draft(None, (widest * 2, widest * 2))
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            return _plain(image)
    except FileNotFoundError:
        raise Reject(
            f"There is no picture at {path.name}",
            advice="Check the path; a relative one starts at the plan's folder",
            field=field,
        ) from None
    except Image.DecompressionBombError:
        raise _too_large("too many pixels", path, field) from None
    except UnidentifiedImageError:
        raise Reject(
            f"{path.name} is not a picture that can be read", advice="Give a PNG, JPEG, WebP or GIF", field=field
        ) from None
    except DAMAGED as error:
        raise Reject(
            f"{path.name} can't be read as a picture ({error})",
            advice="It is damaged, or may not be read: save it again as PNG",
            field=field,
        ) from error


def still_patch(image: Image.Image, width: float, middle: tuple[float, float], opacity: float) -> Patch:
    """`image` scaled to `width` pixels, its middle at `middle` (pixels of the canvas, may lie outside)."""
    wide, high = max(1, round(width)), max(1, round(width * image.height / image.width))
    # Colours are multiplied by alpha before scaling: else what is hidden under transparency bleeds into the edges.
    source = image.convert("RGBa") if image.mode == "RGBA" else image
    scaled = source.resize((wide, high), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if scaled.mode == "RGB":
        scaled.putalpha(255)
    left, top = round(middle[0] - wide / 2), round(middle[1] - high / 2)
    seen = scaled.getchannel(3).getbbox() or (0, 0, 1, 1)
    pixels = np.asarray(scaled.crop(seen), np.float32)
    return _padded(pixels, left + seen[0], top + seen[1], opacity)


def _padded(pixels: Any, x: int, y: int, opacity: float) -> Patch:
    """On the grid of the chroma planes: the place and the size of a patch are even."""
    rows, columns, _ = pixels.shape
    right, lower = (x + columns) % 2, (y + rows) % 2
    padded = np.pad(pixels, ((y % 2, lower), (x % 2, right), (0, 0)))
    # The filter overshoots at edges: a colour above its alpha would be light out of nothing.
    color = np.minimum(padded[..., :3], padded[..., 3:]) * np.float32(opacity)
    return patch_of(color, padded[..., 3] * np.float32(opacity / 255), x - x % 2, y - y % 2)


def _plain(image: Image.Image) -> Image.Image:
    """In one of the two modes; itself if it is, because a copy of a large picture is large as well."""
    if image.mode in WIDE_RANGE:
        values = np.asarray(image, np.float32)
        grey = values / 257 if image.mode != "F" and values.max(initial=0) > 255 else values
        return Image.fromarray(np.clip(np.round(grey), 0, 255).astype(np.uint8)).convert("RGB")
    wanted = "RGBA" if image.has_transparency_data else "RGB"
    return image if image.mode == wanted else image.convert(wanted)


def _too_large(size: str, path: Path, field: str) -> Reject:
    return Reject(
        f"{path.name} is larger than this renderer accepts ({size})",
        advice="Scale it down, or raise CLIPWIRE_RENDERER_MAX_MEGAPIXELS if the machine has the memory",
        field=field,
    )
