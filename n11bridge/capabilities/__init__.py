"""One file, or one folder where it grew, for each capability of the contract."""

from n11bridge.capabilities.aliyun import Aliyun
from n11bridge.capabilities.at import At
from n11bridge.capabilities.audio import Audio
from n11bridge.capabilities.bridge import Bridge
from n11bridge.capabilities.call import Call
from n11bridge.capabilities.certificates import Certificates
from n11bridge.capabilities.clock import Clock
from n11bridge.capabilities.diagnosis import Diagnosis
from n11bridge.capabilities.files import Files
from n11bridge.capabilities.firmware import Firmware
from n11bridge.capabilities.forwards import Forwards
from n11bridge.capabilities.ftp import Ftp
from n11bridge.capabilities.gprs import Gprs
from n11bridge.capabilities.http import Http
from n11bridge.capabilities.jamming import Jamming
from n11bridge.capabilities.location import Location
from n11bridge.capabilities.modem import Modem
from n11bridge.capabilities.network import Network
from n11bridge.capabilities.oceanconnect import OceanConnect
from n11bridge.capabilities.phonebook import Phonebook
from n11bridge.capabilities.signal import Signal
from n11bridge.capabilities.sim import Sim
from n11bridge.capabilities.sms import Sms
from n11bridge.capabilities.sockets import Tcp, Tls, Udp
from n11bridge.capabilities.tcp_server import TcpServer
from n11bridge.capabilities.transparent import Transparent
from n11bridge.capabilities.udp_server import UdpServer
from n11bridge.capabilities.uplink import Uplink
from n11bridge.capabilities.ussd import Ussd
from n11bridge.capability import Capability

#: All of them, in the order in which they set the modem up.
CAPABILITIES: tuple[type[Capability], ...] = (
    Modem,
    Sim,
    Signal,
    Jamming,
    Network,
    Sms,
    Ussd,
    Phonebook,
    Files,
    Audio,
    Clock,
    Location,
    Firmware,
    Call,
    Gprs,
    Tcp,
    Tls,
    Udp,
    Forwards,
    TcpServer,
    UdpServer,
    Transparent,
    Certificates,
    Diagnosis,
    Ftp,
    Http,
    Uplink,
    Aliyun,
    OceanConnect,
    At,
    Bridge,
)
