"""The process of `tests.sms_peer`: a message centre by smpp.twisted, which is not ours."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from typing import Any

from smpp.pdu.operations import DeliverSM, EnquireLink
from smpp.pdu.pdu_encoding import DataCodingEncoder, EsmClassEncoder
from smpp.pdu.pdu_types import (
    AddrNpi,
    AddrTon,
    CommandStatus,
    DataCoding,
    DataCodingDefault,
    EsmClass,
    EsmClassGsmFeatures,
    EsmClassMode,
    EsmClassType,
    PriorityFlag,
    RegisteredDelivery,
    RegisteredDeliveryReceipt,
    ReplaceIfPresentFlag,
)
from smpp.twisted.config import SMPPServerConfig
from smpp.twisted.protocol import DataHandlerResponse
from smpp.twisted.server import SMPPServerFactory
from twisted.cred.credentials import IUsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import Portal
from twisted.internet import defer, reactor, task

from tests.sms_peer import PASSWORD, USER


class Realm:
    """Everybody who may come in is the same to us."""

    def requestAvatar(self, *_given: Any) -> tuple[object, ...]:
        return object(), self, lambda: None


def octets(pdu: Any) -> tuple[int, int]:
    """Class and coding of a submission, written again by the library that read them."""
    return EsmClassEncoder().encode(pdu.params["esm_class"])[0], DataCodingEncoder().encode(pdu.params["data_coding"])[
        0
    ]


class Serving:
    """The centre's own side, in its process."""

    def __init__(self, file: str, *, now_and_then: int = 0, pause_s: float = 0) -> None:
        self.mood, self.receipts = "takes", ""
        self.now_and_then, self.pause_s = now_and_then, pause_s
        self.number = 0
        self.seen: set[bytes] = set()
        self.place = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.factory = SMPPServerFactory(
            SMPPServerConfig(msgHandler=self.handle, systems={USER: {"max_bindings": 50}}), Portal(Realm(), [self])
        )

    credentialInterfaces = (IUsernamePassword,)

    def requestAvatarId(self, given: Any) -> Any:
        """Whether it is the account of our tests."""
        if (given.username, given.password) == (USER, PASSWORD):
            return given.username
        raise UnauthorizedLogin

    def handle(self, _system_id: str, line: Any, pdu: Any) -> Any:
        """What becomes of a submission or, as the answer to a delivery of ours, nothing."""
        if self.pause_s:
            return task.deferLater(reactor, self.pause_s, self.handled, line, pdu)
        return self.handled(line, pdu)

    def handled(self, line: Any, pdu: Any) -> Any:
        said = pdu.params
        message: bytes = said["short_message"] or b""
        if self.mood == "refuses":
            return CommandStatus.ESME_RINVDSTADR
        key = said["destination_addr"] + message
        torn = self.mood == "tears" and said["esm_class"].gsmFeatures and message[message[0]] > 1
        if self.mood == "later" or torn or (self.mood == "hiccups" and key not in self.seen):
            self.seen.add(key)
            return CommandStatus.ESME_RTHROTTLED
        self.number += 1
        name = f"{os.getpid():x}-{self.number:x}"
        raw = octets(pdu)  # as it came: coding and class are octets again
        esm_class, coding = raw[0], raw[1]
        one = {
            "reference": name, "number": said.get("user_message_reference", 0),
            "to": said["destination_addr"].decode(), "source": said["source_addr"].decode(),
            "coding": coding, "esm_class": esm_class, "message": message.hex(),
            "receipt": said["registered_delivery"].receipt.name == "SMSC_DELIVERY_RECEIPT_REQUESTED",
        }  # fmt: skip
        os.write(self.place, (json.dumps(one) + "\n").encode())
        if self.receipts:
            reactor.callLater(0, self.receipt, line, name, self.receipts)
        if self.mood == "drops" or (self.now_and_then and self.number % self.now_and_then == 0):
            line.transport.abortConnection()
        if self.mood == "slow":
            return defer.Deferred()
        if self.pause_s:
            return task.deferLater(reactor, self.pause_s, DataHandlerResponse, CommandStatus.ESME_ROK, message_id=name)
        return DataHandlerResponse(CommandStatus.ESME_ROK, message_id=name)

    def receipt(self, line: Any, name: str, said: str) -> None:
        """A receipt as centres write it."""
        text = f"id:{name} sub:001 dlvrd:001 submit date:2603021000 done date:2603021001 {said} text:...".encode()
        line.sendDataRequest(self.delivery(text, "10690000", "8613900000000", receipt=True)).addErrback(lambda _: None)

    @staticmethod
    def delivery(
        text: bytes, to: str, source: str, *, receipt: bool = False, coding: int = 0, header: bool = False
    ) -> Any:
        kind = EsmClassType.SMSC_DELIVERY_RECEIPT if receipt else EsmClassType.DEFAULT
        features = [EsmClassGsmFeatures.UDHI_INDICATOR_SET] if header else []
        default = {0: DataCodingDefault.SMSC_DEFAULT_ALPHABET, 3: DataCodingDefault.LATIN_1, 8: DataCodingDefault.UCS2}
        return DeliverSM(
            service_type="", source_addr_ton=AddrTon.INTERNATIONAL, source_addr_npi=AddrNpi.ISDN, source_addr=source,
            dest_addr_ton=AddrTon.UNKNOWN, dest_addr_npi=AddrNpi.UNKNOWN, destination_addr=to,
            esm_class=EsmClass(EsmClassMode.DEFAULT, kind, features), protocol_id=0,
            priority_flag=PriorityFlag.LEVEL_0, registered_delivery=RegisteredDelivery(
                RegisteredDeliveryReceipt.NO_SMSC_DELIVERY_RECEIPT_REQUESTED
            ),
            replace_if_present_flag=ReplaceIfPresentFlag.DO_NOT_REPLACE,
            data_coding=DataCoding(schemeData=default[coding]), sm_default_msg_id=0, short_message=text,
        )  # fmt: skip

    def do(self, what: dict[str, Any], answer: Any) -> None:
        """Something that it is told; ``answer`` is called with what came of it."""
        for name in ("mood", "receipts", "pause_s", "now_and_then"):
            if name in what:
                setattr(self, name, what[name])
        bound = self.factory.getBoundConnections(USER)
        if "binds" in what:
            answer(
                {"binds": {kind.name: many for kind, many in bound.getBindingCountByType().items()} if bound else {}}
            )
        elif "deliver" in what or "receipt" in what:
            line = bound.getNextBindingForDelivery() if bound else None
            if line is None:
                answer({"delivered": "nobody is bound"})
                return
            if "receipt" in what:
                text = f"id:{what['receipt']} sub:001 dlvrd:001 {what['said']} text:...".encode()
                pdu = self.delivery(text, "10690000", "8613900000000", receipt=True)
            else:
                pdu = self.delivery(bytes.fromhex(what["deliver"]), what["to"], what["source"],
                                    coding=what.get("coding", 0), header=what.get("header", False))  # fmt: skip
            line.sendDataRequest(pdu).addCallbacks(
                lambda found: answer({"delivered": found.response.status.name}),
                lambda failed: answer({"delivered": str(failed.value).partition(" ")[0]}),
            )
        elif "ask" in what:
            lines = list(bound) if bound else []
            if not lines:
                answer({"asked": "nobody is bound"})
                return
            lines[0].sendRequest(EnquireLink(), 2).addCallbacks(
                lambda found: answer({"asked": found.response.status.name}),
                lambda failed: answer({"asked": str(failed)}),
            )
        elif "hang_up" in what:
            for line in list(bound) if bound else []:
                line.transport.abortConnection()
            answer({})
        else:
            answer({})

    def hear(self) -> None:
        """Do what the standard input says, line by line, until it ends."""
        for line in sys.stdin:
            done = threading.Event()

            def answer(found: dict[str, Any], done: threading.Event = done) -> None:
                print(json.dumps(found), flush=True)
                done.set()

            reactor.callFromThread(self.do, json.loads(line), answer)
            done.wait(10)


if __name__ == "__main__":
    logging.disable()
    _port, _file, *_more = sys.argv[1:]
    serving = Serving(_file, **json.loads(_more[0] if _more else "{}"))
    listening = reactor.listenTCP(int(_port), serving.factory, interface="127.0.0.1")
    print(listening.getHost().port, flush=True)
    threading.Thread(target=serving.hear, daemon=True).start()
    reactor.run()
