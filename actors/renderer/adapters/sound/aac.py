"""AAC-LC: samples to packets, and packets to the samples that a player hears."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from av.audio.codeccontext import AudioCodecContext

from actors.renderer.adapters.packets import Packets
from actors.renderer.adapters.sound.level import as_frame
from actors.renderer.adapters.sound.samples import CHUNK, RATE, Samples, samples_of

if TYPE_CHECKING:
    from av.packet import Packet

__all__ = ["AAC_BITRATE", "AAC_OPTIONS", "decoded", "encoded"]

AAC_BITRATE = 128_000
AAC_OPTIONS = {"aac_coder": "fast"}


def _encoder() -> AudioCodecContext:
    encoder = AudioCodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "stereo", "fltp"
    encoder.bit_rate, encoder.time_base, encoder.options = AAC_BITRATE, Fraction(1, RATE), AAC_OPTIONS
    encoder.open()
    return encoder


def encoded(blocks: Iterable[Samples]) -> Packets:
    """Packets: 16 kB for a second, kept until the picture is there to be interleaved with.

    Every block but the last must hold whole frames of 1024 samples.
    """
    encoder = _encoder()
    packets = Packets()
    place = 0
    for block in blocks:
        for first in range(0, block.shape[1], encoder.frame_size):
            frame = as_frame(block[:, first : first + encoder.frame_size], place)
            place += frame.samples
            packets.extend(encoder.encode(frame))
    packets.extend(encoder.encode(None))
    return packets


def decoded(packets: Iterable[Packet[Any]]) -> Iterator[Samples]:
    """The sound as a player has it, in blocks: without the encoder's first frame, which is its own run-up.

    With it everything would be 21 ms late, and sparse sound falls into other blocks of the meter: up to 1 LU apart.
    """
    encoder = _encoder()
    decoder = AudioCodecContext.create("aac", "r")
    decoder.extradata = encoder.extradata  # the AudioSpecificConfig, without which raw AAC can't be read
    skip = encoder.frame_size
    waiting: list[Samples] = []
    for packet in chain(packets, (None,)):
        for frame in decoder.decode(packet):
            block = samples_of(frame)
            if skip < block.shape[1]:
                waiting.append(block[:, skip:])
            skip = max(0, skip - block.shape[1])
        if sum(block.shape[1] for block in waiting) >= CHUNK or (packet is None and waiting):
            yield np.hstack(waiting)
            waiting = []
