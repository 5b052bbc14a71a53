"""Letters as PDF and pictures, each with its QR code: aims 80 PDF/s and 20 PNG/s on one core; beside WeasyPrint.

One process, one printer, every letter another person's: values filled in, checked, set, and a sample read back.
WeasyPrint (BSD) is only run: it makes PDF from our HTML with the same font, and its files are not tagged. It
comes from PyPI by the locked versions of ``peer_weasyprint.txt``, in an environment that this bench makes. LETTERS,
PICTURES and PEER name other counts.
"""

from __future__ import annotations

import json
import subprocess
import venv
from io import BytesIO
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from pypdf import PdfReader

from bench._ground import asked, folder, load
from duecourse.channels.render import Content, Form, Printer, Verify, compose, html
from duecourse.channels.render.examples import example_values
from duecourse.channels.render.glyphs import fonts
from duecourse.law.templates import load_register

HERE = Path(__file__).parent
LOCK = HERE / "peer_weasyprint.txt"
LETTERS, PICTURES, PEER = 10_000, 1_000, 200
_SIDE = """
import json, sys, time
from weasyprint import HTML, CSS
from weasyprint.text.fonts import FontConfiguration
pages, style = json.load(open(sys.argv[1])), sys.argv[2]
known = FontConfiguration()
sheet = CSS(string=style, font_config=known)
HTML(string=pages[0]).write_pdf(stylesheets=[sheet], font_config=known)
begun, sizes = time.perf_counter(), []
for page in pages:
    sizes.append(len(HTML(string=page).write_pdf(stylesheets=[sheet], font_config=known)))
print(json.dumps({"seconds": time.perf_counter() - begun, "bytes": sorted(sizes)[len(sizes) // 2]}))
"""


def letter(number: int) -> Content:
    """The letter to one person, checked as every letter is."""
    code = f"{number:016d}"
    values = example_values(TEMPLATE, "zh") | {
        "salutation": f"示例{number}号先生", "loan_tail": f"{number % 10_000:04d}",
        "amount_due": f"{number:,}.60 CNY", "days_past_due": str(number % 180 + 1),
    }  # fmt: skip
    verify = Verify("-".join(code[place : place + 4] for place in range(0, 16, 4)), f"https://notices.example/v/{code}")
    return compose(TEMPLATE, values, "zh", verify=verify)


TEMPLATE = load_register()["m3.letter"]


def ours(printer: Printer, letters: int) -> tuple[float, float, int]:
    """Seconds of the wall and of the processor for so many PDFs, and the median size; every thousandth is read back."""
    printer.pdf(letter(0))
    sizes = []
    begun, worked = perf_counter(), process_time()
    kept = []
    for number in range(1, letters + 1):
        pdf = printer.pdf(letter(number))
        sizes.append(len(pdf))
        if number % 1_000 == 0:
            kept.append((number, pdf))
    took = perf_counter() - begun, process_time() - worked
    for number, pdf in kept:
        assert f"示例{number}" in "".join(PdfReader(BytesIO(pdf)).pages[0].extract_text().split())
    return *took, int(median(sizes))


def pictures(printer: Printer, count: int, form: Form) -> tuple[float, float]:
    """Seconds of the wall and of the processor for so many pictures."""
    printer.png(letter(0), form)
    begun, worked = perf_counter(), process_time()
    for number in range(1, count + 1):
        made = printer.png(letter(number), form)
        assert made[0].startswith(b"\x89PNG")
    return perf_counter() - begun, process_time() - worked


def theirs(home: Path, count: int) -> tuple[float, int, str]:
    """Seconds for so many PDFs by WeasyPrint, their median size, and its version."""
    place = home / "weasyprint"
    venv.create(place, with_pip=True)
    python = str(place / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", str(LOCK)]
    subprocess.run(install, check=True)
    pages = home / "pages.json"
    pages.write_text(json.dumps([html(letter(number)) for number in range(1, count + 1)]), encoding="utf-8")
    font = (fonts() / "NoticeSans-Regular.ttf").as_uri()
    style = f"@font-face{{font-family:N;src:url({font})}} *{{font-family:N}} @page{{size:A4;margin:20mm}}"
    run = subprocess.run([python, "-c", _SIDE, str(pages), style], check=True, capture_output=True, text=True)
    said = json.loads(run.stdout)
    named = [python, "-c", "import weasyprint; print(weasyprint.__version__)"]
    version = subprocess.run(named, check=True, capture_output=True, text=True).stdout.strip()
    return said["seconds"], said["bytes"], version


def main() -> str:
    """Measure and return the table."""
    letters, count, peer = asked("LETTERS", LETTERS), asked("PICTURES", PICTURES), asked("PEER", PEER)
    printer = Printer()
    wall, cpu, size = ours(printer, letters)
    rows = [("PDF, A4, tagged, with QR", letters, wall, cpu, f"{size / 1024:.0f} kB", "80")]
    for form in Form:
        took, used = pictures(printer, count, form)
        rows.append((f"PNG, {form.value}", count, took, used, "", "20"))
    with folder() as home:
        seconds, bytes_, version = theirs(home, peer)
    rows.append(
        (
            f"PDF by WeasyPrint {version}, untagged",
            peer,
            seconds,
            seconds,
            f"{bytes_ / 1024:.0f} kB",
            "-",
        )
    )
    table = "".join(
        f"| {name} | {many:,} | {many / took:,.0f} | {many / used:,.0f} | {size_} | {aim} |\n"
        for name, many, took, used, size_, aim in rows
    )
    return (
        f"One process, one printer, load {load()}. A second of "
        "the processor counts all threads, so the rate by it is the rate per core.\n\n"
        f"| what | made | a second | a second of one core | median size | aim |\n|---|---|---|---|---|---|\n{table}"
    )
