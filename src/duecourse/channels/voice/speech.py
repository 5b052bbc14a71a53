"""Text to speech by espeak-ng, brought by sox to what a telephone line carries: 8 kHz, 16 bit, one channel.

Sentences that are the same for everybody are kept by the hash of language and text. What names a person or an amount
is made anew for each call, in the call's own folder, and goes with it. A text is given by standard input: arguments
can be read by everybody on the machine.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from duecourse.channels.contract import NotReady
from duecourse.trouble import N_

RATE = 8_000
VOICES = {"zh": "cmn", "en": "en"}
WORDS_A_MINUTE = {"zh": "155", "en": "150"}
SECONDS_MAX = 60
"""How long a program may take for one sentence."""

_MAKING = threading.Lock()
"""Lines of several threads want the same sentence first."""

_YUAN = re.compile(r"(?:CN)?¥(-?[\d,]+)\.(\d)(\d)")
_SINGLE = re.compile(r"(?<![\d.,])(?:0\d+|\d[\d -]{5,}\d)(?![\d.,]|\s?[年月日元天])")


def spoken(text: str, lang: str) -> str:
    """A text as it is to be read aloud: amounts in words of the language, numbers of lines and loans digit by digit.

    >>> spoken("应还¥1,234.50，尾号0042，电话400-123-4567。", "zh")
    '应还1234元5角，尾号0 0 4 2，电话4 0 0 1 2 3 4 5 6 7。'
    >>> spoken("CN¥1,234.05 to pay, loan 0042, 14 days", "en")
    '1234 yuan and 5 fen to pay, loan 0 0 4 2, 14 days'
    """

    def yuan(found: re.Match[str]) -> str:
        whole, jiao, fen = found[1].replace(",", ""), int(found[2]), int(found[3])
        if lang == "zh":
            rest = (f"{jiao}角" if jiao else "零" if fen else "") + (f"{fen}分" if fen else "")
            return f"{whole}元{rest}"
        cents = jiao * 10 + fen
        return f"{whole} yuan" + (f" and {cents} fen" if cents else "")

    said = _SINGLE.sub(lambda found: " ".join(re.findall(r"\d", found[0])), text)
    return _YUAN.sub(yuan, said).replace("\n", " ").strip()


@dataclass(frozen=True, slots=True)
class Sound:
    """A WAV file and how long what it says lasts, in milliseconds."""

    path: Path
    millis: int


@dataclass(frozen=True, slots=True)
class Speaker:
    """Makes speech; ``kept`` is the folder of sentences that name nobody."""

    kept: Path

    def fixed(self, text: str, lang: str) -> Path:
        """A sentence that is the same for everybody."""
        path = self.kept / f"{sha256(f'{lang} {text}'.encode()).hexdigest()}.wav"
        with _MAKING:
            if not path.exists():
                half = path.with_suffix(".part.wav")
                self._made(text, lang, half)
                half.replace(path)
        return path

    def own(self, text: str, lang: str, folder: Path) -> Path:
        """A sentence of one call."""
        path = folder / f"{sha256(text.encode()).hexdigest()[:16]}.wav"
        if not path.exists():
            self._made(text, lang, path)
        return path

    def _made(self, text: str, lang: str, path: Path) -> None:
        raw = path.with_suffix(".raw.wav")
        run(["espeak-ng", "-v", VOICES[lang], "-s", WORDS_A_MINUTE[lang], "-b", "1", "-w", str(raw), "--stdin"],
            spoken(text, lang).encode())  # fmt: skip
        run(
            [
                "sox",
                "-V1",
                str(raw),
                "-r",
                str(RATE),
                "-c",
                "1",
                "-b",
                "16",
                str(path),
                "norm",
                "-3",
                "pad",
                "0",
                "0.25",
            ]
        )
        raw.unlink()


def joined(parts: Sequence[Path], path: Path, *, silence_s: int) -> Sound:
    """Several sounds one after the other, with silence behind: who plays it hangs up at the end of the file."""
    millis = 0
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        for part in parts:
            with wave.open(str(part), "rb") as sound:
                out.writeframes(sound.readframes(sound.getnframes()))
                millis += sound.getnframes() * 1000 // RATE
        out.writeframes(bytes(2 * RATE * silence_s))
    return Sound(path, millis)


def run(command: Sequence[str], given: bytes = b"") -> bytes:
    """Run one of the programs that make sound; raises `NotReady` where it is missing or fails."""
    try:
        done = subprocess.run(list(command), input=given, capture_output=True, check=True, timeout=SECONDS_MAX)
    except FileNotFoundError:
        raise NotReady(command[0], N_("it is not installed; `make system` installs it")) from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise NotReady(command[0], type(error).__name__) from None
    return done.stdout


def missing(programs: Sequence[str]) -> str:
    """The first of these programs that is not installed; empty where all are."""
    return next((one for one in programs if shutil.which(one) is None), "")
