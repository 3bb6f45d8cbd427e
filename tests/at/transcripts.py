"""What is said with a modem, by the shape of the command (manual, and logs of real modems)."""

from .dialogue import Transcript
from .records import (
    Attention,
    Close,
    Closed,
    DataLink,
    FileData,
    Identify,
    Imei,
    Indications,
    Listed,
    ListMessages,
    MqttState,
    Open,
    Opened,
    Ping,
    Portion,
    Publish,
    Published,
    ReadData,
    ReadDataLink,
    ReadFile,
    ReadImei,
    ReadMessage,
    ReadMqttState,
    ReadSignal,
    ReadSocketStatus,
    Received,
    Reference,
    Registered,
    Registration,
    RegistrationReports,
    Send,
    SendMessage,
    Sent,
    Signal,
    SocketResult,
    SocketStatus,
    Stat,
    Stored,
    WriteFile,
)

PDU = "07914306073011F0040B914151551512F2000011101010101000050C8329BFD06"[:-1]
LETTER = b"0011000B919471325476F80000AA05C8329BFD06"
NASTY = b'a\r\nOK\r\n\r\nERROR\r\n\r\n>+CMTI: "SM",3\r\n+TCPRECV: 0,99,\r\n\x00\xff'
SPELT = NASTY.decode("latin-1").replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0")

OPEN = Open(0, "220.199.66.56", 6800).exchange()
SEND = Send(0, 5).payload_exchange(b"hello")

TRANSCRIPTS = {
    # -- a final result, with or without information
    "nothing but OK": Transcript(
        Attention().exchange(),
        """
        > AT
        < OK
        """,
    ),
    "an echo behind the ESC that was to leave a prompt": Transcript(
        Attention().exchange(),
        """
        > AT
        < \x1bAT
        < ERROR
        """,
        refused="ERROR",
    ),
    "a setting": Transcript(
        Indications().set(),
        """
        > AT+CNMI=2,1,0,1
        < OK
        """,
    ),
    "refused with a number": Transcript(
        Indications().set(),
        """
        > AT+CNMI=2,1,0,1
        < +CMS ERROR: 314
        """,
        refused="+CMS ERROR: 314 (SIM busy)",
    ),
    "execute only": Transcript(
        RegistrationReports.query(),
        """
        > AT+CREG?
        < ERROR
        """,
        refused="ERROR",
    ),
    "one reply": Transcript(
        ReadSignal().exchange(),
        """
        > AT+CSQ
        < +CSQ: 21,99
        < OK
        """,
        Signal(21, 99),
    ),
    "a reply among reports of its own name": Transcript(
        RegistrationReports.query(),
        """
        > AT+CREG?
        < +CREG: 1,"286F","00000FCA"
        < +CREG: 2,1,"286f","0FCA"
        < +CREG: 5
        < OK
        """,
        Registration(2, Stat.HOME, 0x286F, 0xFCA),
        reports=(Registered(Stat.HOME, 0x286F, 0xFCA), Registered(Stat.ROAMING)),
    ),
    "a setting whose report comes at once": Transcript(
        RegistrationReports(2).set(),
        """
        > AT+CREG=2
        < +CREG: 1,"286F","00000FCA"
        < OK
        """,
        reports=(Registered(Stat.HOME, 0x286F, 0xFCA),),
    ),
    "plain lines behind the OK": Transcript(
        Ping("www.baidu.com").exchange(),
        """
        > AT+PING=www.baidu.com
        < OK
        < Reply from 183.232.231.172: bytes= 36 time = 780(ms), TTL = 255
        < Request timed out.
        < Ping statistics for 183.232.231.172
        < Packets: Sent = 2, Received = 1, Lose = 1 <50%>, average delay = 780 ms
        """,
        [
            "Reply from 183.232.231.172: bytes= 36 time = 780(ms), TTL = 255",
            "Request timed out.",
            "Ping statistics for 183.232.231.172",
            "Packets: Sent = 2, Received = 1, Lose = 1 <50%>, average delay = 780 ms",
        ],
    ),
    "the last of them cut in two": Transcript(
        Ping("192.168.2.61").exchange(),
        """
        > AT+PING=192.168.2.61
        < OK
        < Packets: Sent = 5, Received = 0, Lose =
        < 5<100% >
        """,
        ["Packets: Sent = 5, Received = 0, Lose =", "5<100% >"],
    ),
    "plain lines with no OK": Transcript(
        Ping("www.baidu.com").exchange(),
        """
        > AT+PING=www.baidu.com
        < +PING: No PPP Link
        """,
        ["+PING: No PPP Link"],
    ),
    "an error that ends plain lines": Transcript(
        Ping("www.baidu.com").exchange(),
        """
        > AT+PING=www.baidu.com
        < OK
        < +CME ERROR: OTHER ERROR
        < ERROR
        """,
        ["+CME ERROR: OTHER ERROR", "ERROR"],
    ),
    "several replies": Transcript(
        ReadDataLink.query(),
        """
        > AT+XIIC?
        < +XIIC:    1, 100.66.152.54
        < +XIIC:    1,2401:4900:7971:4C79::C36:A899
        < OK
        """,
        [DataLink(1, "100.66.152.54"), DataLink(1, "2401:4900:7971:4C79::C36:A899")],
    ),
    "no replies": Transcript(
        ListMessages().exchange(),
        """
        > AT+CMGL=4
        < OK
        """,
        [],
    ),
    "plain lines": Transcript(
        Identify().exchange(),
        """
        > ATI
        < NEOWAY
        < N11
        < +GMR: N11-V2
        < OK
        """,
        ["NEOWAY", "N11", "+GMR: N11-V2"],
    ),
    "an answer without its name": Transcript(
        ReadImei().exchange(),
        """
        > AT+CGSN
        < 860123456789012
        < OK
        """,
        Imei("860123456789012"),
    ),
    "the same with its name": Transcript(
        ReadImei().exchange(),
        """
        > AT+CGSN
        < +CGSN: "860123456789012"
        < OK
        """,
        Imei("860123456789012"),
    ),
    "a reply after something unheard-of": Transcript(
        ReadMqttState.query(),
        """
        > AT+MQTTSTATE?
        < +NEW: 1
        < +MQTTSTATE: 1
        < OK
        """,
        MqttState(1),
        unknown=("+NEW: 1",),
    ),
    # -- counted raw data
    "counted data": Transcript(
        ReadData(0, 100).exchange(),
        """
        > AT+TCPREAD=0,100
        < +TCPREAD:0,10,1234567890
        < OK
        """,
        Portion(0, 10, b"1234567890"),
    ),
    "counted data that look like everything else": Transcript(
        ReadData(0, 100).exchange(),
        rf"""
        > AT+TCPREAD=0,100
        < +TCPREAD: 0,{len(NASTY)},{SPELT}
        < OK
        """,
        Portion(0, len(NASTY), NASTY),
    ),
    "no data to be read": Transcript(
        ReadData(0, 100).exchange(),
        """
        > AT+TCPREAD=0,100
        < +TCPREAD: 0,0
        < OK
        """,
        Portion(0, 0),
    ),
    "no data to be read, with the comma": Transcript(
        ReadData(0, 100).exchange(),
        """
        > AT+TCPREAD=0,100
        < +TCPREAD: 0,0,
        < OK
        """,
        Portion(0, 0, b""),
    ),
    "counted data of a file": Transcript(
        ReadFile("test.txt", 0, 10).exchange(),
        r"""
        > AT+FSRF="test.txt",0,10
        < +FSRF: 10,sta\r\nOK\r\n4
        < OK
        """,
        FileData(10, b"sta\r\nOK\r\n4"),
    ),
    "a report with counted data meanwhile": Transcript(
        Publish("rainbow", "Hello").exchange(),
        r"""
        > AT+MQTTPUB="rainbow","Hello"
        < +MQTTSUB:3,"rain,bow",8,\r\nOK\r\n\r\n
        < OK
        """,
        reports=(Published(3, "rain,bow", 8, b"\r\nOK\r\n\r\n"),),
    ),
    "a prompt while a report's data hold one": Transcript(
        SEND,
        r"""
        > AT+TCPSEND=0,5
        < +TCPRECV: 1,4,\r\n>\x20
        < >
        > hello
        < OK
        < +TCPSEND: 0,5
        """,
        Sent(0, 5),
        reports=(Received(1, 4, b"\r\n> "),),
    ),
    # -- body lines
    "a body": Transcript(
        ReadMessage(3).exchange(),
        f"""
        > AT+CMGR=3
        < +CMGR: 1,,24
        < {PDU}
        < OK
        """,
        Stored(stat=1, alpha=None, length=24, pdu=PDU),
    ),
    "a body on the line of its header": Transcript(
        ReadMessage(3).exchange(),
        f"""
        > AT+CMGR=3
        < +CMGR: 1,,24 {PDU}
        < OK
        """,
        Stored(stat=1, alpha=None, length=24, pdu=PDU),
    ),
    "bodies": Transcript(
        ListMessages().exchange(),
        f"""
        > AT+CMGL=4
        < +CMGL: 1,1,,24
        < {PDU}
        < +CMGL: 17,3,24
        < {PDU}00
        < OK
        """,
        [
            Listed(index=1, stat=1, alpha=None, length=24, pdu=PDU),
            Listed(index=17, stat=3, alpha=None, length=24, pdu=PDU + "00"),
        ],
    ),
    "an empty place": Transcript(
        ReadMessage(3).exchange(),
        """
        > AT+CMGR=3
        < OK
        """,
    ),
    "a header whose body does not come": Transcript(
        ListMessages().exchange(),
        f"""
        > AT+CMGL=4
        < +CMGL: 1,1,,24
        < +CMGL: 2,1,,24
        < {PDU}
        < OK
        """,
        [Listed(index=2, stat=1, alpha=None, length=24, pdu=PDU)],
        unknown=("+CMGL: 1,1,,24",),
    ),
    "a body that is none": Transcript(
        ReadMessage(3).exchange(),
        """
        > AT+CMGR=3
        < +CMGR: 1,,24
        < 0791GARBLED
        < OK
        """,
        unknown=("0791GARBLED", "+CMGR: 1,,24"),
    ),
    # -- prompt, then payload
    "a message": Transcript(
        SendMessage(19).payload_exchange(LETTER),
        rf"""
        > AT+CMGS=19
        < >
        > {LETTER.decode()}\x1a
        < +CMGS: 119
        < OK
        """,
        Reference(119),
    ),
    "a message held until it is committed": Transcript(
        SendMessage(19).payload_exchange(LETTER, held=True),
        rf"""
        > AT+CMGS=19
        < >
        > {LETTER.decode()}\x1a
        < +CMGS: 119
        < OK
        """,
        Reference(119),
    ),
    "a message that the network refuses": Transcript(
        SendMessage(19).payload_exchange(LETTER),
        rf"""
        > AT+CMGS=19
        < >
        > {LETTER.decode()}\x1a
        < +CMS ERROR: 38
        """,
        refused="+CMS ERROR: 38 (network out of order)",
    ),
    "refused before the prompt": Transcript(
        SendMessage(19).payload_exchange(LETTER),
        """
        > AT+CMGS=19
        < +CMS ERROR: 310
        """,
        refused="+CMS ERROR: 310 (SIM not inserted)",
    ),
    "a file": Transcript(
        WriteFile("test.txt", 0, 4, 10).payload_exchange(b"a\r\nb"),
        r"""
        > AT+FSWF="test.txt",0,4,10
        < >
        > a\r\nb
        < OK
        """,
    ),
    "a payload that looks like a result": Transcript(
        WriteFile("test.txt", 0, 2, 10).payload_exchange(b"OK"),
        r"""
        > AT+FSWF="test.txt",0,2,10
        < >
        > OK
        < OK
        """,
    ),
    "a payload that looks like everything": Transcript(
        WriteFile("test.txt", 0, 28, 10).payload_exchange(b"  ERROR\r\n\r\nOK\r\n> +CSQ: 1,2"),
        r"""
        > AT+FSWF="test.txt",0,28,10
        < >
        > \x20 ERROR\r\n\r\nOK\r\n> +CSQ: 1,2
        < OK
        """,
    ),
    # -- prompt, payload, and an outcome after the OK
    "data": Transcript(
        SEND,
        """
        > AT+TCPSEND=0,5
        < >
        > hello
        < OK
        < +TCPSEND:0,5
        """,
        Sent(0, 5),
    ),
    "data, the OK behind": Transcript(
        SEND,
        """
        > AT+TCPSEND=0,5
        < >
        > hello
        < +TCPSEND: 0,5
        < OK
        """,
        Sent(0, 5),
    ),
    "data refused before the prompt": Transcript(
        SEND,
        """
        > AT+TCPSEND=0,5
        < +TCPSEND: SOCKET ID OPEN FAILED
        """,
        refused="+TCPSEND: SOCKET ID OPEN FAILED",
    ),
    "data refused behind the prompt": Transcript(
        SEND,
        """
        > AT+TCPSEND=0,5
        < >
        > hello
        < +TCPSEND:Error
        """,
        refused="+TCPSEND:Error",
    ),
    "data refused after the OK": Transcript(
        SEND,
        """
        > AT+TCPSEND=0,5
        < >
        > hello
        < OK
        < +TCPSEND: OPERATION EXPIRED
        """,
        refused="+TCPSEND: OPERATION EXPIRED",
    ),
    "data for which there is no room": Transcript(
        SEND,
        """
        > AT+TCPSEND=0,5
        < +TCPSEND:BUFFER NOT ENOUGH,3
        """,
        refused="+TCPSEND:BUFFER NOT ENOUGH,3",
    ),
    "the same without the name": Transcript(
        SEND,
        """
        > AT+TCPSEND=0,5
        < Buffer not enough
        """,
        refused="Buffer not enough",
    ),
    "the same before an ERROR": Transcript(
        SEND,
        """
        > AT+TCPSEND=0,5
        < Buffer not enough
        < ERROR
        """,
        refused="Buffer not enough",
    ),
    "the same after the data": Transcript(
        SEND,
        """
        > AT+TCPSEND=0,5
        < >
        > hello
        < OK
        < Buffer not enough
        """,
        refused="Buffer not enough",
    ),
    # -- an outcome after the OK
    "an outcome": Transcript(
        OPEN,
        """
        > AT+TCPSETUP=0,220.199.66.56,6800
        < OK
        < +TCPSETUP:0,OK
        """,
        Opened(0, SocketResult.OK),
    ),
    "an outcome, a reported change of another socket before it": Transcript(
        OPEN,
        """
        > AT+TCPSETUP=0,220.199.66.56,6800
        < OK
        < +TCPRECV: 1,2,OK
        < +TCPSETUP: 0,FAIL
        """,
        Opened(0, SocketResult.FAIL),
        reports=(Received(1, 2, b"OK"),),
    ),
    "an outcome with its cause": Transcript(
        OPEN,
        """
        > AT+TCPSETUP=0,220.199.66.56,6800
        < OK
        < +CME ERROR: NO SIM
        < +TCPSETUP:0,FAIL
        """,
        Opened(0, SocketResult.FAIL),
        unknown=("+CME ERROR: NO SIM",),
    ),
    "a refusal with its cause": Transcript(
        OPEN,
        """
        > AT+TCPSETUP=0,220.199.66.56,6800
        < OK
        < +CME ERROR: NO SIM
        < +TCPSETUP: ERROR
        """,
        refused="+TCPSETUP: ERROR after +CME ERROR: NO SIM",
    ),
    "an outcome without an OK": Transcript(
        OPEN,
        """
        > AT+TCPSETUP=0,220.199.66.56,6800
        < +TCPSETUP:0,ERROR1
        """,
        Opened(0, SocketResult.ERROR1),
    ),
    "an error line as the only ending": Transcript(
        OPEN,
        """
        > AT+TCPSETUP=0,220.199.66.56,6800
        < +TCPSETUP: ERROR
        """,
        refused="+TCPSETUP: ERROR",
    ),
    "refused without the data link": Transcript(
        OPEN,
        """
        > AT+TCPSETUP=0,220.199.66.56,6800
        < +TCPSETUP:GPRS DISCONNECTION
        < ERROR
        """,
        refused="+TCPSETUP:GPRS DISCONNECTION",
    ),
    # -- no OK at all, or one after all
    "no OK": Transcript(
        ReadSocketStatus(0).exchange(),
        """
        > AT+IPSTATUS=0
        < +IPSTATUS:0,CONNECT,TCP,4096
        """,
        SocketStatus(0, "CONNECT", "TCP", 4096),
    ),
    "an OK after all": Transcript(
        ReadSocketStatus(0).exchange(),
        """
        > AT+IPSTATUS=0
        < +IPSTATUS: 0,DISCONNECT
        < OK
        """,
        SocketStatus(0, "DISCONNECT"),
    ),
    "the OK first": Transcript(
        ReadSocketStatus(0).exchange(),
        """
        > AT+IPSTATUS=0
        < OK
        < +IPSTATUS: 0,DISCONNECT
        """,
        SocketStatus(0, "DISCONNECT"),
    ),
    "no OK, refused": Transcript(
        ReadSocketStatus(5).exchange(),
        """
        > AT+IPSTATUS=5
        < +IPSTATUS: ERROR
        """,
        refused="+IPSTATUS: ERROR",
    ),
    "no OK, plainly refused": Transcript(
        ReadSocketStatus(5).exchange(),
        """
        > AT+IPSTATUS=5
        < ERROR
        """,
        refused="ERROR",
    ),
    "closed": Transcript(
        Close(0).exchange(),
        """
        > AT+TCPCLOSE=0
        < +TCPCLOSE:0,OK
        """,
        Closed(0, SocketResult.OK),
    ),
}
