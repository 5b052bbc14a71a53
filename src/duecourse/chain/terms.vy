# pragma version 0.4.3
# pragma evm-version london
"""
@title Due days of terms that both sides fixed at signing
@license Apache-2.0
@notice Tells once, when its instant has come, that a reminder is due, and reckons contractual default interest, capped,
        from the terms that were fixed. It holds commitments with a salt and instants, never terms, names or amounts.
@dev Nobody is contacted by it: what it tells is at most a proposal, and whoever wants to contact somebody asks for a permit.
     Terms are shown to `default_interest` in calls that are not sent to the chain. Amounts are minor units, rates ppm a
     year, days are numbered from 1970-01-01.
"""

struct Terms:
    due: uint256
    principal: uint256
    interest: uint256
    rate_ppm: uint256  # of the contract
    penalty_ppm: uint256  # default rate, as agreed
    cap_ppm: uint256  # what overdue principal may bear at the most, contract rate beside it included
    most: uint256  # what default interest may come to at the most
    year_days: uint256  # 360 or 365
    beside: bool  # default interest beside contract interest, not in its place
    on_interest: bool  # overdue interest bears it too
    daily: bool  # each day's amount is rounded, not the sum
    grace: uint256  # 0 none, 1 forgiven if paid within it, 2 begins after it
    grace_days: uint256


event Fixed:
    commitment: indexed(bytes32)
    remind_at: uint64


event ReminderDue:
    commitment: indexed(bytes32)
    remind_at: uint64


event Closed:
    commitment: indexed(bytes32)


MANY: constant(uint256) = 400
PPM: constant(uint256) = 10**6
DOMAIN: constant(bytes32) = sha256(b"duecourse fixed terms 1")

lender: public(address)
remind_at: public(HashMap[bytes32, uint64])  # 0 where nothing was fixed
told: public(HashMap[bytes32, bool])  # that the reminder is due, or that none will be


@deploy
def __init__():
    self.lender = msg.sender


@external
def fix(commitments: DynArray[bytes32, MANY], remind_at: DynArray[uint64, MANY]):
    """
    @notice Fix terms, each by its commitment, and the instant (seconds since 1970) at which a reminder falls due. The
            same again changes nothing; another instant for what was fixed is refused.
    """
    assert msg.sender == self.lender, "not the lender"
    assert len(commitments) == len(remind_at), "as many instants as commitments"
    for i: uint256 in range(len(commitments), bound=MANY):
        assert remind_at[i] != 0, "no instant"
        held: uint64 = self.remind_at[commitments[i]]
        if held != 0:
            assert held == remind_at[i], "fixed for another instant"
            continue
        self.remind_at[commitments[i]] = remind_at[i]
        log Fixed(commitment=commitments[i], remind_at=remind_at[i])


@external
def close(commitment: bytes32):
    """
    @notice No reminder falls due any more: it was paid, or the terms are not in force.
    """
    assert msg.sender == self.lender, "not the lender"
    assert self.remind_at[commitment] != 0, "nothing was fixed"
    assert not self.told[commitment], "told already"
    self.told[commitment] = True
    log Closed(commitment=commitment)


@external
def remind(commitment: bytes32):
    """
    @notice Tell that a reminder is due; anybody may call it, once its instant has come, and it tells it once.
    """
    at: uint64 = self.remind_at[commitment]
    assert at != 0, "nothing was fixed"
    assert not self.told[commitment], "told already"
    assert block.timestamp >= convert(at, uint256), "not due yet"
    self.told[commitment] = True
    log ReminderDue(commitment=commitment, remind_at=at)


@external
@view
def default_interest(terms: Terms, salt: bytes32, day: uint256) -> uint256:
    """
    @notice What default interest has come to on a day, nothing having been paid; the terms must be those that were fixed.
    """
    assert self.remind_at[self._commitment(terms, salt)] != 0, "not the terms that were fixed"
    return self._default_interest(terms, day)


@external
@pure
def commitment(terms: Terms, salt: bytes32) -> bytes32:
    """
    @notice The commitment to terms under a salt.
    """
    return self._commitment(terms, salt)


@internal
@pure
def _commitment(terms: Terms, salt: bytes32) -> bytes32:
    return sha256(concat(DOMAIN, salt, abi_encode(terms)))


@internal
@pure
def _default_interest(terms: Terms, day: uint256) -> uint256:
    begins: uint256 = terms.due
    if terms.grace == 2:
        begins += terms.grace_days
    if day <= begins or (terms.grace == 1 and day <= terms.due + terms.grace_days):
        return 0
    left: uint256 = terms.cap_ppm
    if terms.beside:
        left = terms.cap_ppm - min(terms.rate_ppm, terms.cap_ppm)
    rate: uint256 = min(terms.penalty_ppm, left)
    base: uint256 = terms.principal
    if terms.on_interest:
        base += terms.interest
    year: uint256 = PPM * terms.year_days
    total: uint256 = 0
    if terms.daily:
        total = self._half_up(base * rate, year) * (day - begins)
    else:
        total = self._half_up(base * rate * (day - begins), year)
    return min(total, terms.most)


@internal
@pure
def _half_up(numerator: uint256, denominator: uint256) -> uint256:
    return (2 * numerator + denominator) // (2 * denominator)
