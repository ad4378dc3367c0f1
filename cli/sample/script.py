"""What is said in the sample video, and in which colours. Written for this project; use it as you like (CC0-1.0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["SCENES", "TITLE", "VERSION", "Scene"]

TITLE = "How a short video finds its people"
# Part of the cached file's name: raise it with every change of what is seen or heard.
VERSION = 3

Prop = Literal["clock", "phones", "pills", "boxes", "packets", "seal", "bars", "rising"]


@dataclass(frozen=True)
class Scene:
    """One scene. `lines`: (card above the presenter, sentence). Colours as #rrggbb."""

    prop: Prop
    sky: tuple[str, str]
    accent: str
    jacket: str
    lines: tuple[tuple[str, str], ...]


SCENES: tuple[Scene, ...] = (
    Scene(
        prop="clock",
        sky=("#102a56", "#2f6fb2"),
        accent="#ffd166",
        jacket="#e4572e",
        lines=(
            ("Three seconds", "Here is a number that should worry anyone who makes videos: three seconds."),
            ("Three seconds", "That is how long most people wait before they scroll away."),
            ("Not thirty", "Not thirty. Three."),
            ("What keeps them?", "So what keeps them? A question, a surprise, or a promise."),
            ("Cut the start", "If your first sentence could be cut without anyone noticing, then it should be cut."),
            ("Begin late", "Start where the story starts, and the rest will follow."),
        ),
    ),
    Scene(
        prop="phones",
        sky=("#3a1c55", "#a24c8f"),
        accent="#7fe7dc",
        jacket="#2a9d8f",
        lines=(
            ("Wide or tall?", "Why do most clips look wrong on a phone?"),
            ("Wide or tall?", "Because the picture was filmed wide, and the screen is tall."),
            ("Two thirds lost", "Cut out the middle, and you lose two thirds of everything that happens."),
            ("Follow the person", "A better way is to follow the person."),
            ("Follow the person", "When I walk to the left, the frame walks with me. When I stop, it stops."),
            ("Unnoticed", "You never notice it, and that is the point."),
        ),
    ),
    Scene(
        prop="pills",
        sky=("#0b3d3a", "#3f8f6b"),
        accent="#ffe08a",
        jacket="#5a4fcf",
        lines=(
            ("Sound off", "Most people watch with the sound turned off."),
            ("Sound off", "Think about that: the music, the jokes, the careful voice, all gone."),
            ("Captions", "But captions bring them back. The trick is timing."),
            ("Word by word", "Each word should light up in the very moment it is spoken, not half a second later."),
            ("Heard, not read", "When the timing is right, people do not read the captions. They hear them."),
        ),
    ),
    Scene(
        prop="boxes",
        sky=("#4a1d1f", "#c06a45"),
        accent="#fff1c9",
        jacket="#264653",
        lines=(
            ("It forgot", "Let me tell you about a machine that forgot."),
            ("Power failure", "It took an order, started to work, and then the power failed."),
            ("The order is gone", "When it came back, the order was gone. Nobody knew."),
            ("Done too early", "The mistake was simple: it said done before it was done."),
            (
                "Say done last",
                "A good worker says done last. First the work, then the record, and only then the receipt.",
            ),
        ),
    ),
    Scene(
        prop="packets",
        sky=("#0c2340", "#1b7f9c"),
        accent="#9ef01a",
        jacket="#d1495b",
        lines=(
            ("Never forget", "So how do you build a machine that never forgets?"),
            ("Write it down", "You write every event into a log."),
            ("One small job", "Somebody found a video. Somebody ranked it. Somebody cut it."),
            ("One small job", "Each worker reads the log, does one small job, and writes down what happened."),
            ("Read it again", "If a worker dies, another one reads the same line again."),
            ("Nothing is lost", "Nothing is lost, because the log remembers everything."),
        ),
    ),
    Scene(
        prop="seal",
        sky=("#2b2d42", "#6d75a8"),
        accent="#ff9f68",
        jacket="#edae49",
        lines=(
            ("The catch", "But there is a catch. If a job can be done again, it can also be done twice."),
            ("Five times", "Imagine your video being published five times in a row. Embarrassing!"),
            ("A claim", "The answer is a claim."),
            ("A claim", "Before you do something that cannot be undone, you write your name on it."),
            ("Second? Stop", "Whoever comes second finds the name, and stops."),
            ("Exactly once", "One video, one post, every time."),
        ),
    ),
    Scene(
        prop="bars",
        sky=("#1f1147", "#5b3cc4"),
        accent="#5ef2c2",
        jacket="#f25f5c",
        lines=(
            ("Too loud", "Have you ever jumped because an advert was louder than the film?"),
            ("Loudness", "Loudness is not volume. It is how loud something feels over time, and we can measure it."),
            ("Minus fourteen", "The platforms agree on a number: minus fourteen."),
            ("Too quiet", "Mix it quieter, and people reach for the button."),
            ("Too loud", "Mix it louder, and the platform turns you down anyway."),
            ("Just right", "Hit the number, and nobody touches anything."),
        ),
    ),
    Scene(
        prop="rising",
        sky=("#7a3e12", "#e7a33e"),
        accent="#fffbe6",
        jacket="#1d6fa3",
        lines=(
            ("No studio", "Here is the best part. You do not need a studio."),
            ("One good idea", "You need one good idea, one honest sentence, and a machine that does the boring work."),
            ("The boring work", "It finds the moment, follows the face, writes the captions, sets the sound."),
            ("Shall I publish?", "And it asks you only one question. Shall I publish it?"),
            ("You say yes", "You say yes, and you go back to making the next one."),
            ("Your turn", "What will it be about?"),
        ),
    ),
)
