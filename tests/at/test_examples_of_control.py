"""The manual's own examples of modem, SIM, network and messages (chapters 2 to 4, and 6)."""

import pytest

from n11bridge.at import basic
from n11bridge.capabilities import CAPABILITIES, signal
from n11bridge.capabilities.modem import wire as modem
from n11bridge.capabilities.network import wire as network
from n11bridge.capabilities.phonebook.wire import CharacterSet
from n11bridge.capabilities.sim import wire as sim
from n11bridge.capabilities.sms import wire as sms
from n11bridge.internet import wire as internet

from .dialogue import FRAMINGS, Framing, Transcript, assert_understood

REPORTS = {report for capability in CAPABILITIES for report, _ in capability.reports()}

VERSION = "N11_1167_SQS63002_V003"
HOME = network.Status.HOME
DELIVERED = "0891683110501905F0240BA18177377949F50000413062312503230468341A0D"
LETTER = "0891683108705505F001000B815118784271F20008146DF157335E025B9D5B89533A59276D6A80545EFA"

EXAMPLES = {
    "2.1": Transcript(
        modem.ReadInformation().exchange(), "> ATI\n< NEOWAY\n< N11V2\n< OK", ["NEOWAY", "N11V2"]
    ),
    "2.2": Transcript(
        modem.ReadSoftwareVersion().exchange(),
        f"> AT+CGMR\n< +CGMR: {VERSION}\n< OK",
        modem.SoftwareVersion(VERSION),
    ),
    "2.3": Transcript(
        modem.ReadSerialNumber().exchange(),
        "> AT+CGSN\n< +CGSN:355910044336974\n< OK",
        modem.SerialNumber("355910044336974"),
    ),
    "2.4": Transcript(
        sim.ReadSubscriberIdentity().exchange(),
        "> AT+CIMI\n< +CIMI: 460022201575463\n< OK",
        sim.SubscriberIdentity("460022201575463"),
    ),
    "2.4 no SIM": Transcript(
        sim.ReadSubscriberIdentity().exchange(), "> AT+CIMI\n< ERROR", refused="ERROR"
    ),
    "2.5": Transcript(
        sim.ReadCardIdentity().exchange(),
        "> AT+CCID\n< +CCID: 89860002190810001367\n< OK",
        sim.CardIdentity("89860002190810001367"),
    ),
    "2.5 no SIM": Transcript(
        sim.ReadCardIdentity().exchange(), "> AT+CCID\n< ERROR", refused="ERROR"
    ),
    "2.6": Transcript(
        modem.ReadRevision().exchange(),
        f"> AT+GMR\n< +GMR:{VERSION}\n< OK",
        modem.Revision(VERSION),
    ),
    "2.7": Transcript(
        modem.ReadModel().exchange(), "> AT+CGMM\n< +CGMM: N11 V2\n< OK", modem.Model("N11 V2")
    ),
    "2.8": Transcript(
        modem.ReadManufacturer().exchange(),
        "> AT+CGMI\n< +CGMI: Neoway Corp Ltd\n< OK",
        modem.Manufacturer("Neoway Corp Ltd"),
    ),
    "2.9": Transcript(
        modem.Indicator.query(), "> AT+SIGNAL?\n< +SIGNAL: 2\n< OK", modem.Indicator(2)
    ),
    "2.9 set": Transcript(modem.Indicator(3).set(), "> AT+SIGNAL=3\n< OK"),
    "2.9 wrong": Transcript(modem.Indicator(12).set(), "> AT+SIGNAL=12\n< ERROR", refused="ERROR"),
    "3.1": Transcript(
        modem.ReadActivity().exchange(),
        "> AT+CPAS\n< +CPAS: 0\n< OK",
        modem.ActivityStatus(modem.Activity.READY),
    ),
    "3.2 which": Transcript(
        network.Registration.query(),
        "> AT+CREG?\n< +CREG: 0,1\n< OK",
        network.RegistrationNow(0, HOME),
    ),
    "3.2 refused": Transcript(
        network.Registration(5).set(),
        "> AT+CREG=5\n< +CME ERROR: 53",
        refused="+CME ERROR: 53 (parameter invalid)",
    ),
    "3.2 told": Transcript(
        network.Registration(2).set(),
        '> AT+CREG=2\n< OK\n< +CREG: 1,"286F","00000FCA"',
        reports=(network.RegistrationChanged(HOME, 0x286F, 0xFCA),),
    ),
    "3.3 which": Transcript(
        network.GprsRegistration.query(),
        '> AT+CGREG?\n< +CGREG: 2,1,"286F","00000FCA",3\n< OK',
        network.GprsRegistrationNow(2, HOME, 0x286F, 0xFCA, 3),
    ),
    "3.3 told": Transcript(
        internet.Attachment(1).set(),
        """
        > AT+CGATT=1
        < +CGREG: 2, "286F", "00000FCA", 3
        < OK
        < +CGREG: 1, "286F", "00000FCA", 3
        """,
        reports=(
            network.GprsRegistrationChanged(network.Status.SEARCHING, 0x286F, 0xFCA, 3),
            network.GprsRegistrationChanged(HOME, 0x286F, 0xFCA, 3),
        ),
    ),
    "3.4": Transcript(basic.EchoOff().exchange(), "> ATE0\n< OK"),
    "3.5": Transcript(basic.ResultCodes().exchange(), "> ATQ0\n< OK"),
    "3.6": Transcript(basic.VerboseResults().exchange(), "> ATV1\n< OK"),
    "3.8": Transcript(modem.SaveSettings().exchange(), "> AT&W\n< OK"),
    "3.9": Transcript(modem.RestoreFactorySettings().exchange(), "> AT&F\n< OK"),
    "3.11 on": Transcript(basic.Functionality(1, 0).set(), "> AT+CFUN=1,0\n< OK"),
    "3.11 which": Transcript(
        basic.Functionality.query(), "> AT+CFUN?\n< +CFUN: 1\n< OK", basic.Functionality(1)
    ),
    "3.12 sleep": Transcript(modem.SleepMode(1).set(), "> AT+ENPWRSAVE=1\n< OK"),
    "3.12 which": Transcript(
        modem.SleepMode.query(),
        "> AT+ENPWRSAVE?\n< +ENPWRSAVE: 1\n< OK",
        modem.SleepMode(1),
    ),
    "3.13 set": Transcript(basic.BaudRate(115200).set(), "> AT+IPR=115200\n< OK"),
    "3.13 wrong": Transcript(basic.BaudRate(100).set(), "> AT+IPR=100\n< ERROR", refused="ERROR"),
    "3.13 which": Transcript(
        basic.BaudRate.query(), "> AT+IPR?\n< +IPR: 115200\n< OK", basic.BaudRate(115200)
    ),
    "3.14 ready": Transcript(
        sim.Pin.query(), "> AT+CPIN?\n< +CPIN: READY\n< OK", sim.PinStatus("READY")
    ),
    "3.14 no SIM": Transcript(sim.Pin.query(), "> AT+CPIN?\n< ERROR", refused="ERROR"),
    "3.14 the PIN is asked for": Transcript(
        sim.Pin.query(), "> AT+CPIN?\n< +CPIN: SIM PIN\n< OK", sim.PinStatus("SIM PIN")
    ),
    "3.14 wrong": Transcript(sim.Pin("1245").set(), '> AT+CPIN="1245"\n< ERROR', refused="ERROR"),
    "3.14 right": Transcript(sim.Pin("1234").set(), '> AT+CPIN="1234"\n< OK'),
    "3.14 unblocked": Transcript(
        sim.Pin("78357381", "0000").set(), '> AT+CPIN="78357381","0000"\n< OK'
    ),
    "3.16 which": Transcript(
        sim.ReadLock("SC").exchange(),
        '> AT+CLCK="SC",2\n< +CLCK: 0\n< OK',
        [sim.LockStatus(0)],
    ),
    "3.16 locked": Transcript(
        sim.Lock("SC", 1, "1234").exchange(), '> AT+CLCK="SC",1,"1234"\n< OK'
    ),
    "3.17": Transcript(
        sim.ChangePin("SC", "1234", "0000").exchange(), '> AT+CPWD="SC","1234","0000"\n< OK'
    ),
    "4.1": Transcript(
        signal.ReadSignalQuality().exchange(),
        "> AT+CSQ\n< +CSQ: 1,99\n< OK",
        signal.SignalQuality(1, 99),
    ),
    "4.2 as digits": Transcript(network.OperatorFormat(0, 2).set(), "> AT+COPS=0,2\n< OK"),
    "4.2 which": Transcript(
        network.OperatorFormat.query(),
        '> AT+COPS?\n< +COPS: 0,2,"46000"\n< OK',
        network.Operator(0, 2, "46000"),
    ),
    "4.2 left": Transcript(network.SelectNetwork(2).exchange(), "> AT+COPS=2\n< OK"),
    "4.2 which there are": Transcript(
        network.ScanNetworks().exchange(),
        """
        > AT+COPS=?
        < +COPS: (2,"CU-GSM","CU-GSM","46000"),(3,"CU-GSM","CU-GSM","46001")
        < OK
        """,
        ['+COPS: (2,"CU-GSM","CU-GSM","46000"),(3,"CU-GSM","CU-GSM","46001")'],
    ),
    "4.3": Transcript(
        network.ReadCells().exchange(),
        "> AT+POSI=1\n< +POSI: 1,460,00,27A8,EA7,1D,7,1\n< OK",
        [network.Cells(1, ("460", "00", "27A8", "EA7", "1D", "7", "1"))],
    ),
    "6.1 selected": Transcript(
        sms.SelectStorage("SM").exchange(),
        '> AT+CPMS="SM"\n< +CPMS: 50,50,50,50,50,50\n< OK',
        sms.StorageUse(50, 50, (50, 50, 50, 50)),
    ),
    "6.1 which": Transcript(
        sms.PreferredStorages.query(),
        '> AT+CPMS?\n< +CPMS: "SM",50,50,"SM",50,50,"SM",50,50\n< OK',
        sms.StorageReport("SM", 50, 50, "SM", 50, 50, "SM", 50, 50),
    ),
    "6.2": Transcript(
        sms.MessageFormat.query(), "> AT+CMGF?\n< +CMGF: 1\n< OK", sms.MessageFormat(1)
    ),
    "6.3 set": Transcript(CharacterSet("HEX").set(), '> AT+CSCS="HEX"\n< OK'),
    "6.3 which": Transcript(
        CharacterSet.query(), '> AT+CSCS?\n< +CSCS: "HEX"\n< OK', CharacterSet("HEX")
    ),
    "6.4 set": Transcript(sms.Indications(1, 1, 0, 0, 0).set(), "> AT+CNMI=1,1,0,0,0\n< OK"),
    "6.4 which": Transcript(
        sms.Indications.query(),
        "> AT+CNMI?\n< +CNMI: 1,1,0,0,0\n< OK",
        sms.IndicationsInForce(1, 1, 0, 0, 0),
    ),
    "6.5": Transcript(
        sms.ReadMessage(39).exchange(),
        f"> AT+CMGR=39\n< +CMGR: 0,,23\n< {DELIVERED}\n< OK",
        sms.Read(sms.Status.RECEIVED_UNREAD, 23, DELIVERED),
    ),
    "6.5 none": Transcript(
        sms.ReadMessage(10).exchange(), "> AT+CMGR=10\n< ERROR", refused="ERROR"
    ),
    "6.6": Transcript(
        sms.ListMessages(4).exchange(),
        f"> AT+CMGL=4\n< +CMGL: 1,1,,23\n< {DELIVERED}\n< +CMGL: 14,0,23\n< {DELIVERED}\n< OK",
        [
            sms.Listed(1, sms.Status.RECEIVED_READ, 23, DELIVERED),
            sms.Listed(14, sms.Status.RECEIVED_UNREAD, 23, DELIVERED),
        ],
    ),
    "6.6 wrong": Transcript(
        sms.ListMessages(4).exchange(), "> AT+CMGL=4\n< ERROR", refused="ERROR"
    ),
    "6.7": Transcript(
        sms.SendPdu(33).payload_exchange(LETTER.encode()),
        f"> AT+CMGS=33\n< >\n> {LETTER}\\x1a\n< +CMGS: 119\n< OK",
        sms.MessageReference(119),
    ),
    "6.10 none": Transcript(
        sms.DeleteMessage(5).exchange(), "> AT+CMGD=5\n< ERROR", refused="ERROR"
    ),
    "6.11 set": Transcript(
        sms.ServiceCentre("+8613800755500", 145).set(), '> AT+CSCA="+8613800755500",145\n< OK'
    ),
    "6.11 which": Transcript(
        sms.ServiceCentre.query(),
        '> AT+CSCA?\n< +CSCA: "+8613800755500",145\n< OK',
        sms.CentreReply("+8613800755500", 145),
    ),
    "6.14 set": Transcript(sms.BroadcastChannels(0, "2", "2").set(), '> AT+CSCB=0,"2","2"\n< OK'),
    "6.14 which": Transcript(
        sms.BroadcastChannels.query(),
        '> AT+CSCB?\n< +CSCB: 1,"50,4383,4356,4370,60","0,1,2,36,15"\n< OK',
        sms.BroadcastsReply(1, "50,4383,4356,4370,60", "0,1,2,36,15"),
    ),
    "24.1": Transcript(modem.SwitchOff().exchange(), "> AT+CPWROFF\n< OK"),
}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_the_example_means_what_the_manual_says(example: Transcript, framing: Framing) -> None:
    assert_understood(example, framing, REPORTS)
