"""The engine: what `duecourse.core` says of one loan, for millions of loans in columns.

`age` folds every loan's events over numpy views of Arrow buffers and gives exactly the figures of
`core.delinquency.readings`; random loans through both agree to the cent (``tests/book/test_kernels_equal_core.py``),
and the bench runs the same code. The modules mirror the core's: `exact` (accrual), `level` (the level instalment),
`calendar` (days), `balance`, `agreement`, `card`, `fold` (delinquency). `survey`, `timeline` and `prepare` turn the
book's columns into buffers.

No convention is chosen here and nothing is rounded here that the core does not round: the core is the definition.

Compiled code is kept by numba: beside the sources, or in ``NUMBA_CACHE_DIR``, or where neither can be written in the
user's cache folder, or nowhere (`compiled`). It is bound to a digest of the sources, so an update compiles anew.
"""
