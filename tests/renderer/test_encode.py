"""Writing files: encoders that are tried before they are trusted, and several files with the same sound."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from actors.renderer.adapters.encode import Writer, encoder_label
from actors.renderer.adapters.encoders import ENCODERS, Encoder, choose_encoder
from actors.renderer.adapters.encoders.choice import trouble
from actors.renderer.adapters.encoders.encoder import SOFTWARE, present
from actors.renderer.adapters.encoders.trial import try_encoder
from actors.renderer.adapters.packets import Packets
from actors.renderer.adapters.planes import planes_of, tag
from actors.renderer.settings import RendererSettings
from contracts.style import Quality
from tests.renderer.media import RATE, look

SIZE = (96, 160)
FPS = 25
QUALITIES: tuple[Quality, ...] = get_args(Quality)
ABSENT = [name for name in ENCODERS if name != SOFTWARE and not present(name)]


def aac(seconds: float, level: float = 0.1, silent: tuple[float, float] = (0, 0)) -> Packets:
    """A tone at 48 kHz as AAC, silent from one second to another."""
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = RATE, "stereo", "fltp", 128_000
    times = np.arange(round(seconds * RATE)) / RATE
    wave = (level * np.sin(2 * np.pi * 440 * times) * ~((times >= silent[0]) & (times < silent[1]))).astype(np.float32)
    packets = Packets()
    for first in range(0, len(wave), 1024):
        block = av.AudioFrame.from_ndarray(np.stack([wave[first : first + 1024]] * 2), format="fltp", layout="stereo")
        block.sample_rate, block.pts = RATE, first
        packets.extend(encoder.encode(block))
    packets.extend(encoder.encode(None))
    return packets


def picture(number: int, size: tuple[int, int] = SIZE) -> VideoFrame:
    """A square that wanders over a slope."""
    frame = VideoFrame(*size, "yuv420p")
    luma, *chroma = planes_of(frame)
    luma[:] = np.linspace(40, 200, size[0])[None, :]
    y = 4 * number % (size[1] - 24)
    luma[y : y + 24, 20:50] = 235
    for n, plane in enumerate(chroma):
        plane[:] = (100, 150)[n]
    tag(frame)
    return frame


def write(path: Path, frames: int, packets: Packets, encoder: Encoder = Encoder()) -> Path:
    with Writer(path, SIZE, FPS, "fast", encoder) as writer:
        for number in range(frames):
            writer.picture(picture(number), number)
        writer.sound(packets)
        writer.finish()
    return path


def test_several_files_take_the_same_sound_and_leave_it_as_it_was(tmp_path: Path) -> None:
    packets = aac(1)
    before = [(bytes(packet), packet.pts, packet.dts, packet.time_base) for packet in packets]
    with (
        Writer(tmp_path / "a.mp4", SIZE, FPS, "fast", Encoder()) as tall,
        Writer(tmp_path / "b.mp4", (160, 96), FPS, "draft", Encoder()) as wide,
    ):
        tall.sound(packets)
        for number in range(FPS):
            tall.picture(picture(number), number)
            wide.picture(picture(number, (160, 96)), number)
        wide.sound(packets)
        tall.finish()
        wide.finish()
    assert [(bytes(packet), packet.pts, packet.dts, packet.time_base) for packet in packets] == before
    a, b = look(tmp_path / "a.mp4"), look(tmp_path / "b.mp4")
    assert np.array_equal(a.sound, b.sound)
    assert len(a.pictures) == len(b.pictures) == FPS
    assert a.sound.shape[1] == pytest.approx(RATE, abs=1024)


def test_an_encoder_that_takes_interleaved_chroma_is_given_the_same_picture(tmp_path: Path) -> None:
    """QSV takes only `nv12`; x264 takes it too, and shows that nothing is lost on the way."""

    class Interleaved(Encoder):
        @property
        def pixels(self) -> str:
            return "nv12"

    packets = aac(0.4)
    planar = look(write(tmp_path / "a.mp4", 10, packets))
    interleaved = look(write(tmp_path / "b.mp4", 10, packets, Interleaved()))
    for a, b in zip(planar.pictures, interleaved.pictures, strict=True):
        # Not to the bit: with several threads x264 shares out its bits a little differently in each run.
        assert np.abs(a.astype(int) - b.astype(int)).mean() < 1
    with av.open(str(tmp_path / "b.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.pix_fmt, context.colorspace, context.color_range) == ("yuv420p", 1, 1)


def test_the_file_is_tagged_and_its_index_stands_in_front(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", 10, aac(0.4))
    with av.open(str(path)) as container:
        video = container.streams.video[0].codec_context
        assert (video.name, video.profile, video.pix_fmt) == ("h264", "High", "yuv420p")
        assert (video.colorspace, video.color_primaries, video.color_trc, video.color_range) == (1, 1, 1, 1)
    body = path.read_bytes()
    assert body.index(b"moov") < body.index(b"mdat")


@pytest.mark.parametrize("quality", QUALITIES)
def test_every_quality_is_one_that_x264_takes(quality: Quality) -> None:
    assert try_encoder(Encoder(), [(64, 96)], FPS, quality) == ""


@pytest.mark.parametrize("name", [name for name in ENCODERS if name in av.codecs_available])
def test_every_option_is_one_that_the_encoder_knows(name: str) -> None:
    supported = av.CodecContext.create(name, "w").supported_options
    known = {option.name for option in (*supported.generic, *supported.private)}
    for way in range(len(ENCODERS[name].ways)):
        for quality in QUALITIES:
            options = set(Encoder(name=name, way=way).options(quality, SIZE, FPS))
            assert options <= known, options - known


def test_every_encoder_can_be_set_and_every_setting_is_an_encoder() -> None:
    described = RendererSettings.model_json_schema()["properties"]["renderer_encoder"]["enum"]
    assert set(described) == {"auto", *ENCODERS}


def test_without_a_device_x264_is_chosen_and_nothing_is_said() -> None:
    if len(ABSENT) < len(ENCODERS) - 1:
        pytest.skip("this machine has an encoder of its own")
    assert choose_encoder() == choose_encoder("auto") == Encoder()
    assert not Encoder().hardware


@pytest.mark.parametrize("name", ABSENT)
def test_an_encoder_that_is_asked_for_and_not_there_is_replaced_and_said_to_be(name: str) -> None:
    chosen = choose_encoder(name)
    assert chosen.name == "libx264"
    assert chosen.remarks == (
        f"The encoder {name} does not work here (this machine has no such device): libx264 was used",
    )


def test_an_encoder_that_nobody_knows_is_replaced_and_said_to_be() -> None:
    (remark,) = choose_encoder("h264_magic").remarks
    assert "h264_magic" in remark and "h264_nvenc" in remark


def test_x264_passes_its_trial_at_the_real_sizes_at_once() -> None:
    assert trouble(Encoder(), ((96, 160), (128, 128)), FPS, "fast") == ""


@pytest.mark.parametrize("name", [name for name in ABSENT if name in av.codecs_available])
def test_a_driver_that_is_not_there_fails_its_trial_with_its_own_words(name: str) -> None:
    said = trouble(Encoder(name=name), ((96, 160),), FPS, "fast")
    assert said
    assert "Traceback" not in said and "avcodec_open2" not in said


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os; os.abort()", "SIGABRT"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("import os; os.read(os.pipe()[0], 1)", "no picture within 0.5 s"),
        ("raise SystemExit(3)", "exit code 3"),
        ("raise RuntimeError('no such chip')", "no such chip"),
    ],
)
def test_a_driver_that_crashes_hangs_or_complains_does_not_work(program: str, said: str) -> None:
    command = (sys.executable, "-S", "-c", program)
    assert said in trouble(Encoder(), (SIZE,), FPS, "fast", command=command, timeout_s=0.5)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells reserved memory from used memory")
def test_a_driver_may_reserve_what_nobody_may_use() -> None:
    program = """
import mmap, resource
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, -1))
from actors.renderer.adapters.encoders.room import make_room
try:
    mmap.mmap(-1, 8 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=0)
    raise SystemExit("there is no limit")
except OSError:
    make_room()
mmap.mmap(-1, 8 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=0)
try:
    bytearray(2 << 30)
except MemoryError:
    print("held")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "held\n"


def test_pictures_that_come_out_wrong_fail_the_trial() -> None:
    class Other(Encoder):
        @property
        def pixels(self) -> str:
            return "yuv444p"

    assert "yuv444p" in try_encoder(Other(), [(64, 96)], FPS, "draft")


def test_the_label_names_the_encoder_and_what_it_was_told() -> None:
    label = encoder_label("fast", Encoder())
    assert label.startswith("libx264 fast (preset superfast, crf 21.2), aac 128k; PyAV ")
    assert Encoder(name="h264_nvenc").label("quality") == "h264_nvenc quality (preset p6, cq 22)"
    assert Encoder(name="h264_v4l2m2m").label("fast") == "h264_v4l2m2m fast (0.1 bits per pixel)"
