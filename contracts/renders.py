"""Value types of what is made: the recipe of a short, the finished short, and what was measured on it."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contracts.base import CandidateId, Contract, MediaUri, RecipeName, RenderId, Seconds, Unit
from contracts.media import MediaRef, Rights, Stretch
from contracts.publishing import Disclosure
from contracts.sight import Direction
from contracts.style import HexColor, Label, LookUse, Quality, ShapeName, Transition

__all__ = ["QualityReport", "Recipe", "Render", "Variant"]


class Recipe(Contract):
    """How a moment becomes a short."""

    name: RecipeName = "default"
    width: Annotated[int, Field(ge=2, le=4096, multiple_of=2)] = 1080
    height: Annotated[int, Field(ge=2, le=4096, multiple_of=2)] = 1920
    fps: Annotated[int, Field(ge=1, le=120)] = 30
    framing: Literal["auto", "center", "fit"] = Field(default="auto", description="`auto`: follow the analysed path")
    captions: bool = True
    caption_style: Annotated[str, Field(max_length=64)] = "lit"
    caption_color: HexColor | None = Field(
        default=None, description="of the word that is said; absent: the style's own"
    )
    directed: bool = Field(
        default=False,
        description="by the mood of each moment: its looks, caption style and colour, where the recipe names none",
    )
    loudness: Annotated[float, Field(ge=-40, le=-5)] = Field(default=-14.0, description="target in LUFS (EBU R128)")
    quality: Quality = Field(default="fast", description="encoder preset of the renderer")
    shapes: Annotated[tuple[ShapeName, ...], Field(max_length=4)] = Field(
        default=(), description="further shapes of the same short, made from the same decoding"
    )
    looks: Annotated[tuple[LookUse, ...], Field(max_length=8)] = ()
    transition: Transition | None = Field(
        default=None, description="between the pieces where something was cut out; absent: a cut"
    )
    tighten: Literal["no", "silences", "fillers"] = Field(
        default="no", description="cut out long silences; with `fillers` such words as “um” as well"
    )
    hook: bool = Field(default=False, description="the title over the first seconds")
    progress_bar: bool = False
    watermark: Annotated[str, Field(max_length=100)] = Field(default="", description="a few words in a corner")
    watermark_image: MediaUri | None = Field(default=None, description="a picture in a corner; instead of the words")
    music: MediaUri | None = Field(default=None, description="a bed under the speech; its rights are yours to have")
    platforms: Annotated[tuple[Label, ...], Field(max_length=20)] = Field(
        default=(), description="platforms whose buttons captions keep clear of; none: all that are known"
    )

    disclosure: Disclosure = Field(
        default=Disclosure(), description="what its posts have to tell viewers and platforms"
    )

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len(set(self.shapes)) < len(self.shapes):
            raise ValueError("shapes: each may be named once")
        return self

    def shown_as(self, direction: Direction | None) -> Recipe:
        """The recipe of one moment: with what its direction suggests, where it is directed and names nothing itself."""
        if not self.directed or direction is None:
            return self
        told = {"looks": direction.looks, "caption_color": direction.caption_color}
        named = self.model_dump(exclude_defaults=True)
        told = {name: value for name, value in told.items() if name not in named}
        if not {"caption_style", "caption_color"} & named.keys():
            told["caption_style"] = direction.caption_style
        return self.model_copy(update=told)


class QualityReport(Contract):
    """What was measured on a finished short, read back from its file."""

    frames: Annotated[int, Field(ge=0)]
    video_seconds: Seconds
    audio_seconds: Seconds
    sound_offset_ms: float = Field(description="first sound against first picture; above zero: the sound is late")
    black: tuple[Stretch, ...] = ()
    frozen: tuple[Stretch, ...] = ()
    silent: tuple[Stretch, ...] = ()
    caption_coverage: Unit | None = Field(
        default=None, description="share of the spoken words that are seen as captions; absent: nothing is said"
    )
    sharpness: Annotated[float, Field(ge=0)] = Field(description="mean gradient of the luma, in levels per pixel")
    bytes: Annotated[int, Field(ge=0)]
    too_large_for: tuple[str, ...] = Field(default=(), description="platforms whose limits it does not keep, and why")


class Variant(Contract):
    """The same short in another shape."""

    shape: ShapeName
    video: MediaRef
    thumbnail: MediaRef
    width: int
    height: int
    quality: QualityReport | None = None


class Render(Contract):
    """One finished short."""

    render_id: RenderId
    clip_id: CandidateId
    start: Seconds
    end: Seconds
    recipe: Recipe
    title: str
    description: str = ""
    tags: tuple[str, ...] = ()
    video: MediaRef
    thumbnail: MediaRef
    captions: MediaRef | None = Field(default=None, description="soft captions (SRT); absent: nothing is said")
    captions_vtt: MediaRef | None = Field(default=None, description="the same as WebVTT")
    variants: tuple[Variant, ...] = ()
    timeline: MediaRef | None = Field(default=None, description="what it was made from (`contracts.timeline`), as JSON")
    otio: MediaRef | None = Field(default=None, description="the same as OpenTimelineIO, for an editor")
    duration: Seconds
    width: int
    height: int
    fps: float
    loudness: float | None = Field(default=None, description="measured on the finished file, in LUFS")
    true_peak: float | None = Field(default=None, description="measured on the finished file, in dBTP")
    encoder: str
    quality: QualityReport | None = Field(default=None, description="absent: made before it was measured")
    seconds_spent: Seconds
    rights: Rights
    warnings: tuple[str, ...] = ()
    made_for: str | None = Field(
        default=None, description="digest of timeline, media and engine that it was made of; another: made anew"
    )

    def parts(self, shape: ShapeName | None = None) -> dict[str, MediaRef]:
        """Its files by what they are; of a further `shape` the video and thumbnail of that. Empty: no such shape."""
        if shape is not None:
            return next(
                ({"video": each.video, "thumbnail": each.thumbnail} for each in self.variants if each.shape == shape),
                {},
            )
        named = {
            "video": self.video,
            "thumbnail": self.thumbnail,
            "captions": self.captions,
            "captions_vtt": self.captions_vtt,
            "timeline": self.timeline,
            "otio": self.otio,
        }
        return {name: ref for name, ref in named.items() if ref is not None}

    @property
    def files(self) -> tuple[MediaRef, ...]:
        """Every file that it consists of, further shapes last."""
        return tuple(
            ref for shape in (None, *(each.shape for each in self.variants)) for ref in self.parts(shape).values()
        )
