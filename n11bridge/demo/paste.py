"""What a person can paste into another terminal.

With QoS 1: amqtt may forget what a client sends with QoS 0 before it leaves at once.
"""

import json
import shlex
import sys

from .brokers import Broker


def send_with_mosquitto(broker: Broker, topic: str, text: str) -> str:
    """Return the command that publishes a text, for those who have mosquitto's clients."""
    return _joined("mosquitto_pub", broker, "-q", "1", "-t", topic, "-m", text)


def watch_with_mosquitto(broker: Broker, topics: str) -> str:
    """Return the command that shows all messages as they are."""
    return _joined("mosquitto_sub", broker, "-v", "-t", topics)


def send_with_python(broker: Broker, topic: str, text: str) -> str:
    """Return the command that publishes a text with what this program runs on."""
    words = [json.dumps(topic), json.dumps(text), "qos=1"]
    words += [f"hostname={json.dumps(broker.host)}", f"port={broker.port}"]
    imports = "from paho.mqtt.publish import single"
    if broker.username:
        name = json.dumps(broker.username)
        imports = f"import os; {imports}"
        words.append(f'auth={{"username": {name}, "password": os.getenv("N11_MQTT_PASSWORD")}}')
    return shlex.join([sys.executable, "-c", f"{imports}; single({', '.join(words)})"])


def _joined(program: str, broker: Broker, *rest: str) -> str:
    words = shlex.join([program, "-h", broker.host, "-p", str(broker.port)])
    if broker.username:
        words += f' -u {shlex.quote(broker.username)} -P "$N11_MQTT_PASSWORD"'
    return f"{words} {shlex.join(rest)}"
