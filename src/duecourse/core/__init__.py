"""The trade, pure and exact: contracts, events, accrual, allocation, delinquency, and one loan's state on any day.

Everything here is computed from arguments alone. No database, file, socket or clock belongs here, no
third-party library, and no float. `book.kernels` computes the same for millions of loans; random loans through
both must agree to the cent.
"""
