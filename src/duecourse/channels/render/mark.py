"""The code that a letter bears beside its address, by which it is known when it comes back unopened: a Data Matrix.

It holds the letter's name outside the house and nothing of anybody (ISO/IEC 16022, by zxing-cpp).
"""

from __future__ import annotations

import zxingcpp


def mark(code: str) -> str:
    """A code as SVG, its quiet zone included."""
    made = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.DataMatrix)
    svg: str = made.to_svg(add_quiet_zones=True)
    return svg[svg.index("<svg") :]
