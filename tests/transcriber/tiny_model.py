"""A real Whisper model, far too small to understand anything: random weights in the format of CTranslate2."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import model_spec
from ctranslate2.specs.whisper_spec import WhisperSpec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

__all__ = ["tiny_model"]

_WIDTH = 16
_SHAPES = (
    ("conv1/weight", (_WIDTH, 80, 3)),
    ("conv2/weight", (_WIDTH, _WIDTH, 3)),
    ("conv1/bias", (_WIDTH,)),
    ("conv2/bias", (_WIDTH,)),
    ("encoder/position_encodings/encodings", (1500, _WIDTH)),
    ("decoder/position_encodings/encodings", (448, _WIDTH)),
    ("gamma", (_WIDTH,)),
    ("beta", (_WIDTH,)),
    ("self_attention/linear_0/weight", (3 * _WIDTH, _WIDTH)),
    ("self_attention/linear_0/bias", (3 * _WIDTH,)),
    ("attention/linear_1/weight", (2 * _WIDTH, _WIDTH)),
    ("attention/linear_1/bias", (2 * _WIDTH,)),
    ("ffn/linear_0/weight", (4 * _WIDTH, _WIDTH)),
    ("ffn/linear_0/bias", (4 * _WIDTH,)),
    ("ffn/linear_1/weight", (_WIDTH, 4 * _WIDTH)),
    ("weight", (_WIDTH, _WIDTH)),
    ("bias", (_WIDTH,)),
)


_MULTILINGUAL = ""  # the token by which CTranslate2 knows a model of several languages (`src/models/whisper.cc`)


def tiny_model(folder: Path, *languages: str) -> Path:
    """Write the model into a new folder; it knows bytes as its tokens, and English only if no `languages` are named."""
    folder.mkdir()
    tokens = _tokenizer(folder, [_MULTILINGUAL] if languages else [])
    spec: Any = WhisperSpec(1, 2, 1, 2)
    _fill(spec, "", np.random.default_rng(7), len(tokens))
    spec.register_vocabulary(sorted(tokens, key=lambda token: tokens[token]))
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [tokens["<|endoftext|>"]]
    spec.config.lang_ids = [tokens[f"<|{language}|>"] for language in languages or ("en",)]
    spec.config.alignment_heads = [[0, 0], [0, 1]]
    spec.validate()
    spec.optimize()
    spec.save(str(folder))
    return folder


def _tokenizer(folder: Path, more: Sequence[str]) -> dict[str, int]:
    letters = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *more]
    tokenizer = Tokenizer(models.BPE(vocab={letter: i for i, letter in enumerate(letters)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    names = ["endoftext", "startoftranscript", *_LANGUAGE_CODES, "translate", "transcribe", "startoflm", "startofprev"]
    times = [f"{i * 0.02:.2f}" for i in range(1501)]
    tokenizer.add_special_tokens([f"<|{name}|>" for name in [*names, "nospeech", "notimestamps", *times]])
    tokenizer.save(str(folder / "tokenizer.json"))
    tokens: dict[str, int] = tokenizer.get_vocab()
    return tokens


def _fill(spec: Any, prefix: str, chance: np.random.Generator, vocabulary: int) -> None:
    for name, value in list(vars(spec).items()):
        path = prefix + name
        if isinstance(value, model_spec.LayerSpec):
            _fill(value, f"{path}/", chance, vocabulary)
        elif isinstance(value, list):
            for i, layer in enumerate(value):
                _fill(layer, f"{path}_{i}/", chance, vocabulary)
        elif value is None or name == "encodings":
            shape = next((shape for ending, shape in _SHAPES if path.endswith(ending)), None)
            if path.endswith(("embeddings/weight", "projection/weight")):
                shape = (vocabulary, _WIDTH)
            if shape is not None and not path.endswith("projection/bias"):
                fixed = {"gamma": np.ones, "beta": np.zeros}.get(name)
                made = fixed(shape) if fixed else chance.standard_normal(shape) * 0.1
                setattr(spec, name, made.astype(np.float32))
