# pragma version 0.4.3
# pragma evm-version london
"""
@title Roots of evidence logs
@license Apache-2.0
@notice Holds sizes and roots of logs' checkpoints. A size never gets another root, and after a size only larger ones come.
@dev Whoever deploys it is its only publisher, for ever. Nobody can change or take back what it holds. It does not know
     whether one root continues another: whoever holds the log's proofs checks that.
"""

event Anchored:
    origin: indexed(bytes32)  # SHA-256 of the log's name
    size: indexed(uint64)  # records of the log
    root: bytes32  # of the tree over them


publisher: public(address)
newest: public(HashMap[bytes32, uint64])
root_of: public(HashMap[bytes32, HashMap[uint64, bytes32]])


@deploy
def __init__():
    self.publisher = msg.sender


@external
def anchor(origin: bytes32, size: uint64, root: bytes32):
    """
    @notice Hold a checkpoint for ever. The same one again changes nothing.
    """
    assert msg.sender == self.publisher, "not the publisher"
    assert root != empty(bytes32), "no root"
    held: bytes32 = self.root_of[origin][size]
    if held == root:
        return
    assert held == empty(bytes32), "another root of this size"
    assert size > self.newest[origin], "not larger than the newest"
    self.newest[origin] = size
    self.root_of[origin][size] = root
    log Anchored(origin=origin, size=size, root=root)
